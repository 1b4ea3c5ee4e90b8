import {
  defaultSchedule,
  findScheduleProblems,
  type Schedule,
  schedule,
  scheduleHolidays,
} from "@cita/calendar-api";
import { z } from "zod";
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

type Deps = { store: ScheduleStore; holidays: Holidays };

export function createSchedules({ store, holidays }: Deps): Schedules {
  return {
    of: async (customerId) => (await store.find(customerId)) ?? defaultSchedule,

    async replace(customerId, body) {
      const problems = [...findScheduleProblems(body), ...(await problemsOfHolidays(holidays, body))];
      if (problems.length > 0) throw new InvalidScheduleError(problems);
      const complete = schedule.parse(body);
      await store.save(customerId, complete);
      return complete;
    },
  };
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
