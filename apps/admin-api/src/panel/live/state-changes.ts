import { createCatchUp, type Logger } from "@cita/process";
import type { CustomerStateStore } from "../../customer-states/customer-state-store.ts";

/** Tells open pages of customers whose states have changed, whichever process has stored the change. */
export type StateChanges = {
  /**
   * Calls `onChange` with ids of customers. A change may be told twice.
   * @returns `begun` resolves once every later change is told, and `stop` ends it.
   */
  subscribe(onChange: (customerIds: readonly string[]) => void): Subscription;
};

export type Subscription = { readonly begun: Promise<void>; readonly stop: () => void };

type Deps = {
  readonly store: Pick<CustomerStateStore, "lastEventId" | "changedAfter">;
  /** Calls back after a commit in the service's database, of any process. */
  readonly watch: (onCommit: () => void) => () => void;
  readonly logger: Logger;
};

/** Reads the database while anybody listens, once for all of them. */
export function createStateChanges({ store, watch, logger }: Deps): StateChanges {
  const listeners = new Set<(customerIds: readonly string[]) => void>();
  let reader: { readonly catchUp: () => Promise<void>; readonly stop: () => void } | undefined;

  function startReading() {
    const stopped = new AbortController();
    let lastEventId: number | undefined;
    const catchUp = createCatchUp({
      async run() {
        lastEventId ??= await store.lastEventId();
        // One reading has a thousand of them at most.
        for (let changed = await store.changedAfter(lastEventId); changed.length > 0; ) {
          lastEventId = Math.max(lastEventId, ...changed.map(({ eventId }) => eventId));
          const ids = changed.map(({ customerId }) => customerId);
          for (const onChange of [...listeners]) onChange(ids);
          changed = await store.changedAfter(lastEventId);
        }
      },
      onFailure: (err) => logger.warn({ err }, "open pages can't be told of changes for now"),
      signal: stopped.signal,
    });
    const stopWatching = watch(() => void catchUp());
    return {
      catchUp,
      stop() {
        stopped.abort();
        stopWatching();
      },
    };
  }

  return {
    subscribe(onChange) {
      const listener = (ids: readonly string[]) => onChange(ids);
      listeners.add(listener);
      reader ??= startReading();
      return {
        begun: reader.catchUp(),
        stop() {
          listeners.delete(listener);
          if (listeners.size > 0) return;
          reader?.stop();
          reader = undefined;
        },
      };
    },
  };
}
