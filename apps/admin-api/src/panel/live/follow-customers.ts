import { type CatchUpOptions, createCatchUp } from "@cita/process";
import type { CustomerStateStore } from "../../customer-states/customer-state-store.ts";
import type { StateChanges } from "./state-changes.ts";

type Deps = {
  readonly stateChanges: StateChanges;
  readonly customerStates: Pick<CustomerStateStore, "changedAmong">;
};

type Followed = Omit<CatchUpOptions, "run"> & {
  readonly ids: readonly string[];
  /** The last event when the page was made: what has happened since is told at once. undefined: it isn't known. */
  readonly after: number | undefined;
  /** Is called with those that have changed, one call at a time, and again after one that has rejected. */
  readonly update: (ids: readonly string[]) => Promise<void>;
};

/** Keeps a page up to date that shows some customers. */
export function followCustomers({ stateChanges, customerStates }: Deps, followed: Followed): void {
  const { ids, update, onFailure, signal } = followed;
  if (signal.aborted) return;
  const watched = new Set(ids);
  const due = new Set<string>();
  let missedSince = followed.after;

  async function run(): Promise<void> {
    await begun;
    if (missedSince !== undefined)
      for (const id of await customerStates.changedAmong(ids, missedSince)) due.add(id);
    missedSince = undefined;
    const changed = [...due];
    if (changed.length === 0) return;
    due.clear();
    await update(changed).catch((error: unknown) => {
      for (const id of changed) due.add(id);
      throw error;
    });
  }

  const catchUp = createCatchUp({ run, onFailure, signal });
  const { begun, stop } = stateChanges.subscribe((changed) => {
    const before = due.size;
    for (const id of changed) if (watched.has(id)) due.add(id);
    if (due.size > before) void catchUp();
  });
  signal.addEventListener("abort", stop);
  void catchUp();
}
