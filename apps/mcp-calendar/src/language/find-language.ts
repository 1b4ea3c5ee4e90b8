import type { Schedule } from "@cita/calendar-api";
import type { FindLanguage } from "@cita/mcp-endpoint";
import type { Logger } from "@cita/process";
import { businessLanguage } from "./business-language.ts";

export type FindLanguageDeps = {
  findSchedule(customerId: string): Promise<Schedule>;
  /** The calendar's own zone as it was last read, also where it can't be read any more. */
  findLastTimeZone(customerId: string): Promise<string | undefined>;
  logger: Logger;
};

/** It never asks the calendar's provider. */
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
