import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyBaseLogger } from "fastify";
import type { Calendar, CalendarError } from "../calendars/calendar.ts";

/**
 * What is wrong with calendars that a schedule is to name, as far as it can be known now: each is asked once.
 * Where nothing is connected, or Google doesn't answer in time, they are taken as they are: readings show later
 * what they are worth.
 */
export type FindCalendarProblems = (customerId: string, calendars: readonly string[]) => Promise<string[]>;

export type NamedCalendarsDeps = { calendar: Pick<Calendar, "findTroubles">; logger: FastifyBaseLogger };

/** An admin's system waits for the answer. */
const maxWaitMs = 4_000;

export function createFindCalendarProblems({ calendar, logger }: NamedCalendarsDeps): FindCalendarProblems {
  async function find(customerId: string, calendars: readonly string[]): Promise<string[]> {
    try {
      const troubles = await calendar.findTroubles(customerId, calendars);
      return calendars.filter((id) => isAbsent(id, troubles.get(id))).map(sayAbsent);
    } catch (err) {
      logger.warn({ err, customer_id: customerId }, "the calendars of a schedule couldn't be looked at");
      return [];
    }
  }

  return async (customerId, calendars) => {
    if (calendars.length === 0) return [];
    const late = sleep(maxWaitMs, [], { ref: false });
    return Promise.race([find(customerId, calendars), late]);
  };
}

/** What is about the whole account, or may pass, says nothing about the name. */
function isAbsent(calendar: string, error: CalendarError | undefined): boolean {
  return error?.trouble?.lasts === true && error.trouble.calendar === calendar && isRefusal(error);
}

function isRefusal({ trouble }: CalendarError): boolean {
  return trouble?.name === "not_found" || trouble?.name === "refused";
}

function sayAbsent(calendar: string): string {
  return `busy_calendars: there is no calendar ${calendar} that this account may read`;
}
