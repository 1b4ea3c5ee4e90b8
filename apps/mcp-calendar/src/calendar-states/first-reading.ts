import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyBaseLogger } from "fastify";
import { type Calendar, CalendarError, type CalendarTrouble, shortSpan } from "../calendars/calendar.ts";

/**
 * Reads a calendar that has just been connected. It never fails, and nobody waits long for it.
 * @returns what keeps it from being used, where that won't pass by itself.
 */
export type ReadFirst = (customerId: string) => Promise<CalendarTrouble | undefined>;

export type FirstReadingDeps = {
  calendar: Pick<Calendar, "readBusy">;
  findBusyCalendars: (customerId: string) => Promise<readonly string[]>;
  logger: FastifyBaseLogger;
  now: () => number;
};

/** Somebody looks at an empty page for so long at most. */
const maxWaitMs = 4_000;

export function createFirstReading({
  calendar,
  findBusyCalendars,
  logger,
  now,
}: FirstReadingDeps): ReadFirst {
  async function read(customerId: string): Promise<CalendarTrouble | undefined> {
    try {
      const calendars = await findBusyCalendars(customerId);
      await calendar.readBusy({ customerId, span: shortSpan(now()), calendars });
    } catch (err) {
      const trouble = err instanceof CalendarError ? err.trouble : undefined;
      if (trouble?.lasts) return trouble;
      logger.warn({ err, customer_id: customerId }, "a calendar couldn't be read right after its consent");
    }
    return undefined;
  }

  return (customerId) => Promise.race([read(customerId), sleep(maxWaitMs, undefined, { ref: false })]);
}
