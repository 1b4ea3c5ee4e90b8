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

const year = 366 * 86_400_000;
const tables = new Map<string, { from: number; until: number; table: OffsetTable }>();

/** @throws RangeError when `timeZone` isn't an IANA zone this runtime knows. */
export function createClock(timeZone: string): ZoneClock {
  tableFor(timeZone, Date.UTC(2020, 0), Date.UTC(2020, 0));
  const table = (at: number) => tableFor(timeZone, at - year, at + year);
  const instants = (local: LocalTime) => instantsOf(table(local), local);
  return {
    timeZone,
    offsetAt: (instant) => offsetAt(table(instant), instant),
    toLocal: (instant) => instant + offsetAt(table(instant), instant),
    instantsOf: instants,
    opening: (local) => instants(local)[0] ?? instantAfterGap(table(local), local),
    closing: (local) => instants(local).at(-1) ?? instantAfterGap(table(local), local),
    dateAt: (instant) => toLocalDate(instant + offsetAt(table(instant), instant)),
  };
}

/** A cache, not state: what it holds follows from the zone's name alone. */
function tableFor(timeZone: string, from: number, until: number): OffsetTable {
  const cached = tables.get(timeZone);
  if (cached !== undefined && cached.from <= from && until <= cached.until) return cached.table;
  const grownFrom = Math.min(from, cached?.from ?? from) - year;
  const grownUntil = Math.max(until, cached?.until ?? until) + 3 * year;
  const table = buildOffsetTable(timeZone, grownFrom, grownUntil);
  tables.set(timeZone, { from: grownFrom, until: grownUntil, table });
  return table;
}

/** Midnight of a date as a local time. The date must be valid. */
export function localMidnight(date: LocalDate): LocalTime {
  return Date.parse(`${date}T00:00:00Z`);
}

export function toLocalDate(local: LocalTime): LocalDate {
  return new Date(local).toISOString().slice(0, 10);
}
