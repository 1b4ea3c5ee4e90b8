import type { ConnectionStore } from "@cita/token-store";
import type { FastifyBaseLogger } from "fastify";
import { LRUCache } from "lru-cache";
import type { Calendar } from "./calendar.ts";

/** A bound on memory: some 100 bytes each. */
const maxCustomers = 10_000;

const provider = "google";

/** A calendar whose zone is known from the last reading, without another. */
export type CalendarWithKnownTimeZones = Calendar & {
  findKnownTimeZone(customerId: string): Promise<string | undefined>;
  /** The zone when it could last be read, also where the calendar can't be read now. */
  findLastTimeZone(customerId: string): Promise<string | undefined>;
};

type Deps = {
  /** Where a zone outlasts this process: one that serves a single client lives no longer than its chat. */
  connections: Pick<ConnectionStore, "statuses" | "rememberTimeZone">;
  logger: FastifyBaseLogger;
};

/** Remembers each calendar's own time zone, as long as it can be read. */
export function withKnownTimeZones(
  calendar: Calendar,
  { connections, logger }: Deps,
): CalendarWithKnownTimeZones {
  /** Null: it couldn't be read the last time. */
  const known = new LRUCache<string, { timeZone: string | null }>({ max: maxCustomers });

  async function statusOf(customerId: string) {
    return (await connections.statuses([customerId], provider))[0];
  }

  /** Nobody who reads waits for what is written. */
  function remember(customerId: string, timeZone: string): void {
    if (known.get(customerId)?.timeZone === timeZone) return;
    known.set(customerId, { timeZone });
    connections.rememberTimeZone({ customerId, provider }, timeZone).catch((err: unknown) => {
      // The reading itself stands, and the next one tries to store the zone again.
      known.delete(customerId);
      logger.warn({ err, customer_id: customerId }, "the calendar's time zone couldn't be kept");
    });
  }

  return {
    ...calendar,
    async findKnownTimeZone(customerId) {
      const last = known.get(customerId);
      if (last !== undefined) return last.timeZone ?? undefined;
      const status = await statusOf(customerId);
      return (status?.reconnectRequiredSince === null && status.timeZone) || undefined;
    },
    async findLastTimeZone(customerId) {
      return known.get(customerId)?.timeZone ?? (await statusOf(customerId))?.timeZone ?? undefined;
    },
    async readBusy(question, options) {
      try {
        const times = await calendar.readBusy(question, options);
        remember(question.customerId, times.timeZone);
        return times;
      } catch (error) {
        // It may be another calendar the next time.
        known.set(question.customerId, { timeZone: null });
        throw error;
      }
    },
  };
}
