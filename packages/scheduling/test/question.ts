import {
  createClock,
  type LocalDate,
  type OpeningWindow,
  type SlotQuery,
  type Weekday,
  type WeeklyHours,
} from "../src/index.ts";

/** A slot query as plain data: it can be printed, and sent to another process. */
export type Question = Omit<SlotQuery, "clock" | "hours"> & {
  readonly timeZone: string;
  readonly weekly: WeeklyHours;
  readonly overrides: Readonly<Record<LocalDate, readonly OpeningWindow[]>>;
};

export function toQuery({ timeZone, weekly, overrides, ...query }: Question): SlotQuery {
  const hours = { weekly, overrides: new Map(Object.entries(overrides)) };
  return { ...query, clock: createClock(timeZone), hours };
}

/** The same on each weekday. */
export function everyDay<Hours>(hours: Hours): Record<Weekday, Hours> {
  return {
    monday: hours,
    tuesday: hours,
    wednesday: hours,
    thursday: hours,
    friday: hours,
    saturday: hours,
    sunday: hours,
  };
}
