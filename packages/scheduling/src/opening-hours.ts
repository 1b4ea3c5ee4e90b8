import type { Interval } from "./interval.ts";
import { type LocalDate, type LocalTime, toLocalDate, type ZoneClock } from "./zone-clock.ts";

export const weekdays = [
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
  "sunday",
] as const;
export type Weekday = (typeof weekdays)[number];

/** Wall times `HH:MM`; `24:00` is allowed as an end, and an end at or before the start lies on the next day. */
export type OpeningWindow = { readonly start: string; readonly end: string };
export type WeeklyHours = Readonly<Record<Weekday, readonly OpeningWindow[]>>;

export type OpeningHours = {
  readonly weekly: WeeklyHours;
  /** What holds on a date instead of its weekday's hours; none: closed. */
  readonly overrides: ReadonlyMap<LocalDate, readonly OpeningWindow[]>;
};

/** The windows that begin on each date, as instants. */
export type OpeningTimes = {
  /** In the order they were written; may overlap. @param midnight of the date, in local time */
  on(midnight: LocalTime): Interval[];
};

const minute = 60_000;
const day = 86_400_000;

/** From midnight, in wall-clock milliseconds. */
type Window = { readonly opens: number; readonly closes: number };

/** What was read of each: it follows from the hours alone. */
const weeks = new WeakMap<WeeklyHours, readonly (readonly Window[])[]>();

/** By weekday, Monday first. The times are read once, so that each date costs only its look-up. */
function readWeek(hours: WeeklyHours): readonly (readonly Window[])[] {
  const known = weeks.get(hours);
  if (known !== undefined) return known;
  const week = weekdays.map((weekday) => hours[weekday].map(toWindow));
  weeks.set(hours, week);
  return week;
}

/** What hours come to by a clock. */
export function createOpeningTimes(clock: ZoneClock, hours: OpeningHours): OpeningTimes {
  const weekly = readWeek(hours.weekly);

  function windowsOn(midnight: LocalTime): readonly Window[] {
    const override = hours.overrides.size === 0 ? undefined : hours.overrides.get(toLocalDate(midnight));
    return override === undefined ? (weekly[weekdayOf(midnight)] ?? []) : override.map(toWindow);
  }

  return {
    on: (midnight) =>
      windowsOn(midnight).map(({ opens, closes }) => ({
        start: clock.opening(midnight + opens),
        end: clock.closing(midnight + closes),
      })),
  };
}

/** The window that is open at an instant, or the next one, looking `days` ahead; undefined: none. */
export function nextOpening(
  clock: ZoneClock,
  hours: OpeningHours,
  now: number,
  days: number,
): Interval | undefined {
  const times = createOpeningTimes(clock, hours);
  const today = Math.floor(clock.toLocal(now) / day) * day;
  let next: Interval | undefined;
  for (let i = -2; i <= days; i++) {
    const midnight = today + i * day;
    // A window that a gap pushes past midnight may begin after the next date's first one.
    if (next !== undefined && next.start < clock.opening(midnight)) return next;
    for (const window of times.on(midnight)) {
      const isAhead = window.start < window.end && now < window.end;
      if (isAhead && window.start < (next?.start ?? Number.POSITIVE_INFINITY)) next = window;
    }
  }
  return next;
}

/** 0: Monday. */
export function weekdayOf(local: LocalTime): number {
  // 1 January 1970 was a Thursday.
  return (((Math.floor(local / day) + 3) % 7) + 7) % 7;
}

function toWindow({ start, end }: OpeningWindow): Window {
  const opens = wallTime(start);
  const closes = wallTime(end);
  return { opens, closes: closes > opens ? closes : closes + day };
}

function wallTime(text: string): number {
  return (Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5))) * minute;
}
