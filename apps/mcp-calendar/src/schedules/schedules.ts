import {
  defaultSchedule,
  findScheduleProblems,
  maxCalendars,
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

/** When each customer can be booked, and for what. */
export type Schedules = {
  /** What the customer has set, or the default. */
  of(customerId: string): Promise<Schedule>;
  /** Replaces it whole, or not at all. @throws InvalidScheduleError, naming every problem. */
  replace(customerId: string, body: unknown): Promise<Schedule>;
};

type Deps = {
  store: ScheduleStore;
  holidays: Holidays;
  findCalendarProblems: FindCalendarProblems;
  /** Told when other calendars are named than before. */
  onCalendarsChanged: (customerId: string) => Promise<void>;
};

/** What the customer has set, or the default. */
export async function findSchedule(
  store: Pick<ScheduleStore, "find">,
  customerId: string,
): Promise<Schedule> {
  return (await store.find(customerId)) ?? defaultSchedule;
}

export function createSchedules(deps: Deps): Schedules {
  const { store, holidays, findCalendarProblems, onCalendarsChanged } = deps;
  return {
    of: (customerId) => findSchedule(store, customerId),

    async replace(customerId, body) {
      const before = await namedBefore(findSchedule(store, customerId));
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

/** One that can't be read any more is just what somebody may be about to replace. */
async function namedBefore(stored: Promise<Schedule>): Promise<readonly string[]> {
  return stored.then(
    (schedule) => schedule.busy_calendars,
    () => [],
  );
}

/**
 * The further calendars that a schedule names which may have any other fault. What is no list, or too long a
 * one, is refused for that: its members aren't looked at.
 */
function namedIn(body: unknown): string[] {
  const { busy_calendars: listed } = (body ?? {}) as { busy_calendars?: unknown };
  if (!Array.isArray(listed) || listed.length > maxCalendars) return [];
  const named = scheduleCalendars.safeParse(listed).data ?? [];
  return [...new Set(named)].filter((id) => id !== "primary");
}

const { country, region } = scheduleHolidays.shape;

/** The country and region of a schedule that may have any fault, as far as they can be looked up. */
const namedPlace = z.object({
  holidays: z.object({ country: country.catch(null), region: region.catch(undefined) }),
});

async function problemsOfHolidays(holidays: Holidays, body: unknown): Promise<string[]> {
  const place = namedPlace.safeParse(body).data?.holidays;
  if (place === undefined || place.country === null) return [];
  return holidays.problemsOf({ country: place.country, region: place.region });
}
