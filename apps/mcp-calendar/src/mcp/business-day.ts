import type { Schedule } from "@cita/calendar-api";
import { createClock, sayTime } from "@cita/scheduling";
import type { FastifyBaseLogger } from "fastify";

/** What day it is where a business is. */
export type BusinessDay = {
  /** `2027-01-18` */
  readonly date: string;
  /** In English. */
  readonly weekday: string;
  /** IANA name. */
  readonly timeZone: string;
};

/** @returns undefined where the zone isn't known without asking the calendar's provider. Never rejects. */
export type FindBusinessDay = (customerId: string) => Promise<BusinessDay | undefined>;

export type BusinessDayDeps = {
  scheduleOf(customerId: string): Promise<Schedule>;
  /** The calendar's own zone, as far as it was read before. */
  knownTimeZoneOf(customerId: string): Promise<string | undefined>;
  logger: FastifyBaseLogger;
  now(): number;
};

export function createFindBusinessDay(deps: BusinessDayDeps): FindBusinessDay {
  return async (customerId) => {
    try {
      const { time_zone } = await deps.scheduleOf(customerId);
      const timeZone = time_zone ?? (await deps.knownTimeZoneOf(customerId));
      if (timeZone === undefined) return undefined;
      const clock = createClock(timeZone);
      const now = deps.now();
      return { date: clock.dateAt(now), weekday: sayTime(clock, now).weekday, timeZone };
    } catch (err) {
      // A greeting without the date is still one: what the tools answer says it as well.
      deps.logger.warn({ err, customer_id: customerId }, "today's date couldn't be told in a greeting");
      return undefined;
    }
  };
}
