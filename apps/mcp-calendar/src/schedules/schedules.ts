/**
 * When a business can be booked, and for what: its schedule (here, stored by `schedule-store.ts` as the JSON of
 * packages/calendar-api), the public holidays that close it (`holidays.ts`), and its rules in the terms of
 * packages/scheduling (`slot-rules.ts`). Which of those times are free is decided in `../bookings`.
 */

import {
  findScheduleProblems,
  maxCalendars,
  maxProblems,
  type Schedule,
  schedule,
  scheduleCalendars,
  scheduleHolidays,
} from "@cita/calendar-api";
import type { Precondition } from "@cita/database";
import { z } from "zod";
import type { CalendarChecks } from "../calendar-states/calendar-checks.ts";
import type { Holidays } from "./holidays.ts";
import type { ScheduleStore } from "./schedule-store.ts";

export type Schedules = {
  /** What the customer has set, or the default. */
  find(customerId: string): Promise<Schedule>;
  /** Replaces the whole schedule, or nothing. @throws InvalidScheduleError */
  replace(customerId: string, body: unknown, precondition?: Precondition): Promise<Schedule>;
};

type Deps = {
  store: ScheduleStore;
  holidays: Holidays;
} & Pick<CalendarChecks, "findCalendarProblems" | "onCalendarsChanged">;

/** How many problems an error names. */
const maxProblemsNamed = 50;

/** The schedule has problems, and was not saved. */
export class InvalidScheduleError extends Error {
  override readonly name = "InvalidScheduleError";
  readonly code = "invalid_schedule";
  readonly statusCode = 400;
  /** The first 50, and at the end how many more there are. */
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    const named = problems.slice(0, maxProblemsNamed);
    const left = problems.length - named.length;
    const all = left === 0 ? named : [...named, `and ${left} more`];
    super(`The schedule was not saved. ${formatCount(problems.length)}: ${all.join("; ")}.`);
    this.problems = all;
  }
}

export function createSchedules(deps: Deps): Schedules {
  const { store, holidays, findCalendarProblems, onCalendarsChanged } = deps;
  return {
    find: store.find,

    async replace(customerId, body, precondition) {
      const before = await readBusyCalendars(store.find(customerId));
      const added = additionalCalendars(body).filter((id) => !before.includes(id));
      const problems = [
        ...findScheduleProblems(body),
        ...(await findHolidayProblems(holidays, body)),
        ...(await findCalendarProblems(customerId, added)),
      ];
      if (problems.length > 0) throw new InvalidScheduleError(problems);
      const complete = schedule.parse(body);
      await store.save(customerId, complete, precondition);
      if (complete.busy_calendars.join() !== before.join()) await onCalendarsChanged(customerId);
      return complete;
    },
  };
}

/** A stored schedule that doesn't parse any more can still be replaced. */
async function readBusyCalendars(stored: Promise<Schedule>): Promise<readonly string[]> {
  return stored.then(
    ({ busy_calendars }) => busy_calendars,
    () => [],
  );
}

/**
 * The calendars besides `primary` that a body names, whatever else may be wrong with the body. The members of a value
 * that isn't a list, or is too long, aren't checked: the value itself is refused.
 */
function additionalCalendars(body: unknown): string[] {
  const { busy_calendars: listed } = (body ?? {}) as { busy_calendars?: unknown };
  if (!Array.isArray(listed) || listed.length > maxCalendars) return [];
  const named = scheduleCalendars.safeParse(listed).data ?? [];
  return [...new Set(named)].filter((id) => id !== "primary");
}

const { country, region } = scheduleHolidays.shape;

/** The country and region that a body names, whatever else may be wrong with it. */
const bodyWithPlace = z.object({
  holidays: z.object({ country: country.catch(null), region: region.catch(undefined) }),
});

async function findHolidayProblems(holidays: Holidays, body: unknown): Promise<string[]> {
  const place = bodyWithPlace.safeParse(body).data?.holidays;
  if (place === undefined || place.country === null) return [];
  return holidays.findProblems({ country: place.country, region: place.region });
}

function formatCount(problems: number): string {
  if (problems === 1) return "1 problem";
  return `${problems >= maxProblems ? "At least " : ""}${problems} problems`;
}
