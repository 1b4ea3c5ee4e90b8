import type { Logger } from "@cita/process";
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
  let stopWatching: (() => void) | undefined;
  let lastEventId: number | undefined;
  let notifying: Promise<void> | undefined;
  let isStale = false;

  async function notifyOfNew(): Promise<void> {
    lastEventId ??= await store.lastEventId();
    const changed = await store.changedAfter(lastEventId);
    lastEventId = Math.max(lastEventId, ...changed.map(({ eventId }) => eventId));
    const ids = changed.map(({ customerId }) => customerId);
    if (ids.length > 0) for (const onChange of [...listeners]) onChange(ids);
  }

  /** One reading at a time. What is committed during one is found by another after it. */
  async function notifyUntilCurrent(): Promise<void> {
    while (isStale) {
      isStale = false;
      await notifyOfNew().catch((err: unknown) =>
        logger.warn({ err }, "open pages can't be told of changes for now"),
      );
    }
    notifying = undefined;
  }

  function notifySoon(): Promise<void> {
    isStale = true;
    notifying ??= notifyUntilCurrent();
    return notifying;
  }

  return {
    subscribe(onChange) {
      const listener = (ids: readonly string[]) => onChange(ids);
      listeners.add(listener);
      stopWatching ??= watch(() => void notifySoon());
      return {
        begun: notifySoon(),
        stop() {
          listeners.delete(listener);
          if (listeners.size > 0) return;
          stopWatching?.();
          stopWatching = undefined;
          lastEventId = undefined;
        },
      };
    },
  };
}
