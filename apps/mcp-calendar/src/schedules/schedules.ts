import {
  defaultSchedule,
  findScheduleProblems,
  mostCalendars,
  type Schedule,
  schedule,
  scheduleCalendars,
  scheduleHolidays,
} from "@cita/calendar-api";
import { z } from "zod";
import type { FindCalendarProblems } from "../calendar-states/named-calendars.ts";
import type { Holidays } from "./holidays.ts";
import { InvalidScheduleError } from "./invalid-schedule.ts";
import type { ScheduleStore } from "./schedule-store.ts";

/**
 * When each customer can be booked, and for what: what the customer has set, its validation, public holidays, and what
 * follows for slots (`slot-rules.ts`). Which times are taken isn't here but in `bookings/`; the form of a schedule is in
 * `packages/calendar-api`.
 */
export type Schedules = {
  /** What the customer has set, or the default. */
  find(customerId: string): Promise<Schedule>;
  /** Replaces it whole, or not at all. @throws InvalidScheduleError, naming every problem. */
  replace(customerId: string, body: unknown): Promise<Schedule>;
};

type Deps = {
  store: ScheduleStore;
  holidays: Holidays;
  findCalendarProblems: FindCalendarProblems;
  /** Called when other calendars are named than before. */
  onCalendarsChanged: (customerId: string) => Promise<void>;
};

/** What the customer has set, or the default. */
export async function findStoredSchedule(
  store: Pick<ScheduleStore, "find">,
  customerId: string,
): Promise<Schedule> {
  return (await store.find(customerId)) ?? defaultSchedule;
}

export function createSchedules(deps: Deps): Schedules {
  const { store, holidays, findCalendarProblems, onCalendarsChanged } = deps;
  return {
    find: (customerId) => findStoredSchedule(store, customerId),

    async replace(customerId, body) {
      const before = await namedBefore(findStoredSchedule(store, customerId));
      const added = namedIn(body).filter((id) => !before.includes(id));
      const problems = [
        ...findScheduleProblems(body),
        ...(await problemsOfHolidays(holidays, body)),
        ...(await findCalendarProblems(customerId, added)),
      ];
      if (problems.length > 0) throw new InvalidScheduleError(problems);
      const complete = schedule.parse(body);
      await store.save(customerId, complete);
      if (complete.busy_calendars.join() !== before.join()) await onCalendarsChanged(customerId);
      return complete;
    },
  };
}

/** A schedule that can't be parsed any more names none: it can still be replaced. */
async function namedBefore(stored: Promise<Schedule>): Promise<readonly string[]> {
  return stored.then(
    (schedule) => schedule.busy_calendars,
    () => [],
  );
}

/**
 * The further calendars that a body names, whatever else is wrong with it. A member that isn't a list, or is too long
 * a one, is refused for that, and its calendars aren't checked.
 */
function namedIn(body: unknown): string[] {
  const { busy_calendars: listed } = (body ?? {}) as { busy_calendars?: unknown };
  if (!Array.isArray(listed) || listed.length > mostCalendars) return [];
  const named = scheduleCalendars.safeParse(listed).data ?? [];
  return [...new Set(named)].filter((id) => id !== "primary");
}

const { country, region } = scheduleHolidays.shape;

/** The country and region that a body names, whatever else is wrong with it. */
const namedPlace = z.object({
  holidays: z.object({ country: country.catch(null), region: region.catch(undefined) }),
});

async function problemsOfHolidays(holidays: Holidays, body: unknown): Promise<string[]> {
  const place = namedPlace.safeParse(body).data?.holidays;
  if (place === undefined || place.country === null) return [];
  return holidays.problemsOf({ country: place.country, region: place.region });
}
