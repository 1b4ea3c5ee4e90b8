import { setTimeout as sleep } from "node:timers/promises";

type Waiting<Item, Result> = {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * Does together what is asked for within a moment, or while the one before is being done: a commit waits for the disk, and
 * many that are written in one wait once.
 * @param act does some items, in their order. Where it rejects, it does for each of them.
 */
export function gather<Item, Result>(
  act: (items: readonly Item[]) => Promise<readonly Result[]>,
  { maxAtOnce, momentMs }: { readonly maxAtOnce: number; readonly momentMs: number },
): (item: Item) => Promise<Result> {
  const waiting: Waiting<Item, Result>[] = [];
  let isActing = false;

  async function actOnAll(): Promise<void> {
    isActing = true;
    await sleep(momentMs);
    for (let some = waiting.splice(0, maxAtOnce); some.length > 0; some = waiting.splice(0, maxAtOnce)) {
      try {
        const results = await act(some.map(({ item }) => item));
        for (const [i, result] of results.entries()) some[i]?.resolve(result);
      } catch (error) {
        for (const { reject } of some) reject(error);
      }
    }
    isActing = false;
  }

  return (item) => {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    waiting.push({ item, resolve, reject });
    if (!isActing) void actOnAll();
    return promise;
  };
}
