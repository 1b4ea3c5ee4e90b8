import type { Schedule } from "@cita/calendar-api";
import type { FindLanguage } from "@cita/mcp-endpoint";
import type { FastifyBaseLogger } from "fastify";
import { languageOf } from "./language-of.ts";

export type FindLanguageDeps = {
  scheduleOf(customerId: string): Promise<Schedule>;
  /** The calendar's own zone as it was last read, also where it can't be read any more. */
  lastTimeZoneOf(customerId: string): Promise<string | undefined>;
  logger: FastifyBaseLogger;
};

/** It never asks the calendar's provider. */
export function createFindLanguage({ scheduleOf, lastTimeZoneOf, logger }: FindLanguageDeps): FindLanguage {
  return async (customerId) => {
    if (customerId === undefined) return "en";
    try {
      const schedule = await scheduleOf(customerId);
      return languageOf(schedule, schedule.time_zone ?? (await lastTimeZoneOf(customerId)));
    } catch (err) {
      // An answer in the wrong language is better than none.
      logger.warn({ err, customer_id: customerId }, "a business's language couldn't be read");
      return "en";
    }
  };
}
