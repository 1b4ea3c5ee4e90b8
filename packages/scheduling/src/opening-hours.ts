import { dayMs, minuteMs } from "./durations.ts";
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
  /** The windows of a date, instead of its weekday's; empty: closed. */
  readonly overrides: ReadonlyMap<LocalDate, readonly OpeningWindow[]>;
};

/** A time that is open without a break, with the windows that it consists of, by start. */
export type Opening = Interval & { readonly windows: readonly Interval[] };

/** Opening hours as instants of one zone. */
export type OpeningTimes = {
  /**
   * The windows that begin on a number of dates, ascending. Windows that overlap or touch are one opening, which may
   * extend before the first date and after the last.
   * @param first midnight of the first date, in local time
   */
  from(first: LocalTime, days: number): Opening[];
};

/** From midnight, in wall-clock milliseconds. */
type Window = { readonly opens: number; readonly closes: number };

/** A cache of parsed weeks. It is no state, since a parsed week depends on the hours only. */
const weeks = new WeakMap<WeeklyHours, readonly (readonly Window[])[]>();

/** The windows of each weekday, Monday first. */
function parseWeek(hours: WeeklyHours): readonly (readonly Window[])[] {
  const known = weeks.get(hours);
  if (known !== undefined) return known;
  const week = weekdays.map((weekday) => hours[weekday].map(toWindow));
  weeks.set(hours, week);
  return week;
}

export function createOpeningTimes(clock: ZoneClock, hours: OpeningHours): OpeningTimes {
  const weekly = parseWeek(hours.weekly);

  function windowsOn(midnight: LocalTime): readonly Window[] {
    const override = hours.overrides.size === 0 ? undefined : hours.overrides.get(toLocalDate(midnight));
    return override === undefined ? (weekly[weekdayOf(midnight)] ?? []) : override.map(toWindow);
  }

  return {
    from(first, days) {
      const windows: Interval[] = [];
      for (let i = 0; i < days; i++) {
        const midnight = first + i * dayMs;
        for (const { opens, closes } of windowsOn(midnight)) {
          const start = clock.opening(midnight + opens);
          const end = clock.closing(midnight + closes);
          // A gap can push an opening past its closing.
          if (start < end) windows.push({ start, end });
        }
      }
      return joinWindows(windows);
    },
  };
}

function joinWindows(windows: Interval[]): Opening[] {
  const openings: { start: number; end: number; windows: Interval[] }[] = [];
  for (const window of sortWindows(windows)) {
    const last = openings.at(-1);
    if (last !== undefined && window.start <= last.end) {
      last.windows.push(window);
      last.end = Math.max(last.end, window.end);
    } else {
      openings.push({ ...window, windows: [window] });
    }
  }
  return openings;
}

/** Sorts the windows if they are listed out of order or pushed by a gap. */
function sortWindows(windows: Interval[]): Interval[] {
  const isOrdered = windows.every(({ start }, i) => i === 0 || (windows[i - 1] as Interval).start <= start);
  return isOrdered ? windows : windows.sort((a, b) => a.start - b.start);
}

/** A start within the last 7 days is found; the windows of two days earlier may still be open then. */
const daysBack = 7 + 2;
/** Within this number of days almost every business opens and closes. */
const daysNear = 7;

/**
 * The opening at an instant, or the next one. The opening of a business that never closes is cut: from nine days ago to
 * the last date that is searched.
 * @param days how far ahead to search
 * @returns undefined when nothing opens until then.
 */
export function nextOpening(
  clock: ZoneClock,
  hours: OpeningHours,
  now: number,
  days: number,
): Interval | undefined {
  const times = createOpeningTimes(clock, hours);
  const today = Math.floor(clock.toLocal(now) / dayMs) * dayMs;
  const openingWithin = (ahead: number) =>
    times.from(today - daysBack * dayMs, daysBack + 1 + ahead).find(({ end }) => now < end);
  const near = openingWithin(Math.min(daysNear, days));
  const isWhole = near !== undefined && near.end < clock.opening(today + (daysNear + 1) * dayMs);
  const opening = isWhole || days <= daysNear ? near : openingWithin(days);
  return opening && { start: opening.start, end: opening.end };
}

/** 0: Monday. */
export function weekdayOf(local: LocalTime): number {
  // 1 January 1970 was a Thursday.
  return (((Math.floor(local / dayMs) + 3) % 7) + 7) % 7;
}

function toWindow({ start, end }: OpeningWindow): Window {
  const opens = wallTime(start);
  const closes = wallTime(end);
  return { opens, closes: closes > opens ? closes : closes + dayMs };
}

function wallTime(text: string): number {
  return (Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5))) * minuteMs;
}
