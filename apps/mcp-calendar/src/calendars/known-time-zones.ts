import { LRUCache } from "lru-cache";
import type { Calendar } from "./calendar.ts";

/** A bound on memory: some 100 bytes each. */
const mostCustomers = 10_000;

/** A calendar whose zone is known from the last reading, without another. */
export type CalendarWithKnownTimeZones = Calendar & {
  knownTimeZoneOf(customerId: string): string | undefined;
};

/** Remembers each calendar's own time zone, as long as it can be read. */
export function withKnownTimeZones(calendar: Calendar): CalendarWithKnownTimeZones {
  const known = new LRUCache<string, string>({ max: mostCustomers });
  return {
    ...calendar,
    knownTimeZoneOf: (customerId) => known.get(customerId),
    async readBusy(question) {
      try {
        const times = await calendar.readBusy(question);
        known.set(question.customerId, times.timeZone);
        return times;
      } catch (error) {
        // It may be another calendar the next time.
        known.delete(question.customerId);
        throw error;
      }
    },
  };
}
