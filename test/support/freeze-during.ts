import type { CalendarProcess, ToolOutcome } from "./process-world.ts";
import type { ProviderCall, ProviderCalls } from "./provider-calls.ts";

/** When a process is frozen: while it waits for the answer to a call to Google. */
export type FrozenMoment = {
  readonly call: ProviderCall;
  /** The how-manieth such call of the tool. Default: the first. */
  readonly nth?: number;
  /** How many of those before it never reach Google. */
  readonly lostBefore?: number;
  /**
   * What becomes of the call: its connection breaks while the process is frozen, so that it wakes to repeat it;
   * Google does it only when everything has been settled; or has done it, and the answer waits to be read.
   */
  readonly fate: "lost" | "late" | "unheard";
  /** What goes wrong on the way there. */
  readonly trouble?: (calls: ProviderCalls, customer: string) => unknown;
};

export type Frozen = {
  readonly service: CalendarProcess;
  readonly customer: string;
  readonly tool: string;
  readonly args: object;
  readonly moment: FrozenMoment;
};

/** What was answered, or undefined where the process ended before it answered. */
export type FrozenOutcome = ToolOutcome | undefined;

export type Freeze = {
  /** Lets the late calls through to Google. Resolves when it has done them. */
  deliverLate(): Promise<void>;
  outcomes: Promise<FrozenOutcome>[];
};

/**
 * Brings each tool call to its moment, one after the other, and freezes the processes in the middle of them all:
 * they are of different customers, so that one freeze serves as many as there are.
 */
export async function freezeDuring(calls: ProviderCalls, frozen: readonly Frozen[]): Promise<Freeze> {
  const froze = Promise.withResolvers<void>();
  const settled = Promise.withResolvers<void>();
  const outcomes: Promise<FrozenOutcome>[] = [];
  const delivered: Promise<void>[] = [];
  for (const { service, customer, tool, args, moment } of frozen) {
    await moment.trouble?.(calls, customer);
    const reached = Promise.withResolvers<void>();
    const stop = (until: Promise<void>) => () => {
      reached.resolve();
      return until;
    };
    const { call, nth = 1, lostBefore = 0, fate } = moment;
    if (fate === "lost") calls.before(call, stop(froze.promise), { nth, lost: true });
    if (fate === "unheard") calls.after(call, stop(froze.promise), { nth: nth - lostBefore });
    if (fate === "late") {
      const done = Promise.withResolvers<void>();
      delivered.push(done.promise);
      calls.before(call, stop(settled.promise), { nth, answered: done.resolve });
    }
    const outcome = service.call(customer, tool, args).catch(() => undefined);
    outcomes.push(outcome);
    const early = await Promise.race([reached.promise, outcome]);
    if (early !== undefined)
      throw new Error(
        `${tool} ${JSON.stringify(moment)} ${customer} was answered before: ${JSON.stringify(early)}`,
      );
  }
  for (const service of new Set(frozen.map(({ service }) => service))) service.freeze();
  froze.resolve();
  return {
    outcomes,
    async deliverLate() {
      settled.resolve();
      await Promise.all(delivered);
    },
  };
}
