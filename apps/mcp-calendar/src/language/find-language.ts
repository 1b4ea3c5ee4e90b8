import type { Schedule } from "@cita/calendar-api";
import type { FindLanguage } from "@cita/mcp-endpoint";
import type { Logger } from "@cita/process";
import { businessLanguage } from "./business-language.ts";

export type FindLanguageDeps = {
  findSchedule(customerId: string): Promise<Schedule>;
  /** The calendar's own zone as it was last read, even if the calendar can't be read now. */
  findLastTimeZone(customerId: string): Promise<string | undefined>;
  logger: Logger;
};

/** Finds the language without a request to the calendar's provider. */
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
