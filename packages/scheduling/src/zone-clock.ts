import { dayMs } from "./durations.ts";
import { buildOffsetTable, instantAfterGap, instantsOf, type OffsetTable, offsetAt } from "./offset-table.ts";

/** A calendar date, `2027-01-18`. */
export type LocalDate = string;
/** A date and a wall time without a zone, in milliseconds since 1970 as if local time were UTC. */
export type LocalTime = number;

/** Wall time and instants (epoch milliseconds) of one time zone. */
export type ZoneClock = {
  readonly timeZone: string;
  /** UTC offset in milliseconds at an instant. */
  offsetAt(instant: number): number;
  /** What the wall clock shows at an instant. */
  toLocal(instant: number): LocalTime;
  /** Every instant at which the wall clock shows this: none, one or two. */
  instantsOf(local: LocalTime): number[];
  /** The instant an opening edge falls on: the earlier of two; in a gap, pushed past it (Temporal's `compatible`). */
  opening(local: LocalTime): number;
  /** The instant a closing edge falls on: the later of two; in a gap, pushed past it (Temporal's `later`). */
  closing(local: LocalTime): number;
  /** The date the wall clock shows at an instant. */
  dateAt(instant: number): LocalDate;
};

const yearMs = 366 * dayMs;
const clocks = new Map<string, ZoneClock>();

/**
 * The clock of a zone. Clocks are cached; the cache is no state, since a clock depends on the zone's name only.
 * @throws RangeError when `timeZone` isn't an IANA zone this runtime knows.
 */
export function createClock(timeZone: string): ZoneClock {
  const known = clocks.get(timeZone);
  if (known !== undefined) return known;
  const clock = newClock(timeZone);
  clocks.set(timeZone, clock);
  return clock;
}

function newClock(timeZone: string): ZoneClock {
  let from = Date.UTC(2020, 0) - yearMs;
  let until = Date.UTC(2030, 0);
  let table = buildOffsetTable(timeZone, from, until);

  /** Extends the table to cover a year around the time, and returns it. */
  function around(time: number): OffsetTable {
    if (time - yearMs < from || until < time + yearMs) {
      from = Math.min(from, time - 2 * yearMs);
      until = Math.max(until, time + 4 * yearMs);
      table = buildOffsetTable(timeZone, from, until);
    }
    return table;
  }

  return {
    timeZone,
    offsetAt: (instant) => offsetAt(around(instant), instant),
    toLocal: (instant) => instant + offsetAt(around(instant), instant),
    instantsOf: (local) => instantsOf(around(local), local),
    opening(local) {
      const zone = around(local);
      const [earlier] = instantsOf(zone, local);
      return earlier ?? instantAfterGap(zone, local);
    },
    closing(local) {
      const zone = around(local);
      return instantsOf(zone, local).at(-1) ?? instantAfterGap(zone, local);
    },
    dateAt: (instant) => toLocalDate(instant + offsetAt(around(instant), instant)),
  };
}

/** Midnight of a date as a local time. The date must be valid. */
export function localMidnight(date: LocalDate): LocalTime {
  return Date.parse(`${date}T00:00:00Z`);
}

/** The date a number of days later. The date must be valid. */
export function addDays(date: LocalDate, days: number): LocalDate {
  return toLocalDate(localMidnight(date) + days * dayMs);
}

/** The date of a local time. @throws RangeError where it isn't a valid time. */
export function toLocalDate(local: LocalTime): LocalDate {
  const date = new Date(local);
  const year = date.getUTCFullYear();
  // Four times as fast as toISOString, and called for every slot.
  if (year >= 1_000 && year <= 9_999) {
    return `${year}-${twoDigits(date.getUTCMonth() + 1)}-${twoDigits(date.getUTCDate())}`;
  }
  return date.toISOString().slice(0, 10);
}

export function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}
