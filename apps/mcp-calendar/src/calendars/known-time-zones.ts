import type { Logger } from "@cita/process";
import type { ConnectionStatus, ConnectionStore } from "@cita/token-store";
import { LRUCache } from "lru-cache";
import type { Reading } from "./calendar.ts";

/** Each calendar's own time zone, as it was last read. Nothing is read for it. */
export type KnownTimeZones = {
  /** To be called after each reading. It never throws, and stores in the background. */
  update(reading: Reading): void;
  /** The zone of the last reading; undefined where that reading failed. */
  find(customerId: string): Promise<string | undefined>;
  /** The zone of the last reading that succeeded. */
  findLast(customerId: string): Promise<string | undefined>;
};

type Deps = {
  /** Store the zone across processes: one that serves a single stdio client is short-lived. */
  connections: Pick<ConnectionStore, "rememberTimeZone">;
  findConnection(customerId: string): Promise<ConnectionStatus | undefined>;
  logger: Logger;
};

/** Bounds the memory: some 100 bytes each. */
const maxCustomers = 10_000;

/** After this the stored zone counts, which another instance may have read since. */
const maxAgeMs = 10_000;

export function createKnownTimeZones({ connections, findConnection, logger }: Deps): KnownTimeZones {
  /** By this instance's own readings. Null: the last reading failed. */
  const known = new LRUCache<string, { timeZone: string | null }>({ max: maxCustomers, ttl: maxAgeMs });

  function keep(customerId: string, timeZone: string): void {
    if (known.get(customerId)?.timeZone === timeZone) return;
    known.set(customerId, { timeZone });
    connections.rememberTimeZone(customerId, timeZone).catch((err: unknown) => {
      // The next reading tries to store it again.
      known.delete(customerId);
      logger.warn({ err, customer_id: customerId }, "the calendar's time zone couldn't be kept");
    });
  }

  return {
    update({ question: { customerId }, timeZone, failures }) {
      // After a failure the next reading may be of another calendar.
      if (failures.size > 0 || timeZone === undefined) known.set(customerId, { timeZone: null });
      else keep(customerId, timeZone);
    },
    async find(customerId) {
      const last = known.get(customerId);
      if (last !== undefined) return last.timeZone ?? undefined;
      const status = await findConnection(customerId);
      return (status?.reconnectRequiredSince === null && status.timeZone) || undefined;
    },
    async findLast(customerId) {
      return known.get(customerId)?.timeZone ?? (await findConnection(customerId))?.timeZone ?? undefined;
    },
  };
}
