import type { Schedule } from "@cita/calendar-api";
import type { Language } from "@cita/scheduling";
import type { FastifyBaseLogger } from "fastify";
import { businessLanguage } from "./business-language.ts";

/** Reads the language in which a customer's agents are answered. Never asks the calendar's provider, never rejects. */
export type FindLanguage = (customerId: string | undefined) => Promise<Language>;

export type FindLanguageDeps = {
  findSchedule(customerId: string): Promise<Schedule>;
  /** The calendar's own zone as it was last read, also where it can't be read any more. */
  findLastTimeZone(customerId: string): Promise<string | undefined>;
  logger: FastifyBaseLogger;
};

export function createFindLanguage({
  findSchedule,
  findLastTimeZone,
  logger,
}: FindLanguageDeps): FindLanguage {
  return async (customerId) => {
    if (customerId === undefined) return "en";
    try {
      const schedule = await findSchedule(customerId);
      return businessLanguage(schedule, schedule.time_zone ?? (await findLastTimeZone(customerId)));
    } catch (err) {
      // An answer in the wrong language is better than none.
      logger.warn({ err, customer_id: customerId }, "a business's language couldn't be read");
      return "en";
    }
  };
}
