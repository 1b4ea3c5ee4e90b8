import type { Schedule } from "@cita/calendar-api";
import { createClock, type Language, sayTime } from "@cita/scheduling";
import type { FastifyBaseLogger } from "fastify";
import type { FindLanguage } from "../language/find-language.ts";
import type { Today } from "../language/words.ts";

/** The day where a business is, and its language. */
export type BusinessDay = {
  readonly language: Language;
  /** Undefined where the zone isn't known without asking the calendar's provider. */
  readonly today: Today | undefined;
};

/** Never rejects. */
export type FindBusinessDay = (customerId: string) => Promise<BusinessDay>;

export type BusinessDayDeps = {
  scheduleOf(customerId: string): Promise<Schedule>;
  /** The calendar's own zone, as far as it was read before. */
  knownTimeZoneOf(customerId: string): Promise<string | undefined>;
  findLanguage: FindLanguage;
  logger: FastifyBaseLogger;
  now(): number;
};

export function createFindBusinessDay(deps: BusinessDayDeps): FindBusinessDay {
  async function findToday(customerId: string, language: Language): Promise<Today | undefined> {
    try {
      const { time_zone } = await deps.scheduleOf(customerId);
      const timeZone = time_zone ?? (await deps.knownTimeZoneOf(customerId));
      if (timeZone === undefined) return undefined;
      const clock = createClock(timeZone);
      const now = deps.now();
      return { date: clock.dateAt(now), weekday: sayTime(clock, now, language).weekday, timeZone };
    } catch (err) {
      // Instructions without the date are still useful: the tools' answers have it too.
      deps.logger.warn({ err, customer_id: customerId }, "today's date couldn't be told in a greeting");
      return undefined;
    }
  }

  return async (customerId) => {
    const language = await deps.findLanguage(customerId);
    return { language, today: await findToday(customerId, language) };
  };
}
