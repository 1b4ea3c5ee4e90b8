import * as fc from "fast-check";
import type { OpeningWindow, WeeklyHours } from "../src/index.ts";
import { everyDay, type Question } from "./question.ts";
import { transitionsOf, zones } from "./zones.ts";

const minute = 60_000;
const day = 1_440 * minute;
/** Farther apart than any two times of a question. */
const forever = 365 * day;

/** Minutes that meet one another, and the edges of openings and days, more often than chance would have it. */
const span = (most: number) =>
  fc.oneof(multiple(60, most), multiple(15, most), fc.integer({ min: 0, max: most }));
const multiple = (of: number, most: number) =>
  fc.integer({ min: 0, max: Math.floor(most / of) }).map((count) => count * of);
const often = <Value>(arbitrary: fc.Arbitrary<Value>) => ({ weight: 3, arbitrary });
const length = fc.oneof(often(fc.constantFrom(15, 20, 30, 45, 60, 90)), fc.integer({ min: 1, max: 300 }));
const buffer = fc.oneof(often(fc.constantFrom(0, 0, 5, 10, 15, 30, 60)), fc.integer({ min: 0, max: 120 }));

type Hours = Pick<Question, "weekly"> & { readonly own: readonly (readonly OpeningWindow[])[] };

const wallTime = span(1_439).map(sayTimeOfDay);
const windowBetween = (start: fc.Arbitrary<string>, end: fc.Arbitrary<string>) => fc.record({ start, end });
const anyWindow = windowBetween(wallTime, fc.oneof(often(wallTime), fc.constant("24:00")));
const midnights = (time: string) => (time === "00:00" || time === "24:00" ? ["00:00", "24:00"] : [time]);

/** Of windows that begin and end at the same few times many adjoin one another, also over midnight, or overlap. */
const adjoiningWindow = fc
  .array(fc.oneof(often(wallTime), fc.constant("24:00")), { minLength: 2, maxLength: 3 })
  .map((times) => [...new Set(times.flatMap(midnights))])
  .map((times) =>
    windowBetween(
      fc.constantFrom(...times.filter((time) => time !== "24:00")),
      fc.constantFrom(...times.filter((time) => time !== "00:00"), "24:00"),
    ),
  );

function hoursOf(window: fc.Arbitrary<OpeningWindow>): fc.Arbitrary<Hours> {
  const windows = fc.oneof(often(fc.array(window, { minLength: 1, maxLength: 3 })), fc.constant([]));
  const weekly: fc.Arbitrary<WeeklyHours> = fc.oneof(fc.record(everyDay(windows)), windows.map(everyDay));
  return fc.record({ weekly, own: fc.array(windows, { minLength: 2, maxLength: 2 }) });
}

/** By weekday, and for dates of their own. */
const hours = fc.oneof(hoursOf(anyWindow), adjoiningWindow.chain(hoursOf));

/** Its times count in minutes from the first date's midnight. */
const sketch = fc.record({
  timeZone: fc.constantFrom(...zones),
  near: fc.constantFrom(true, true, false),
  date: fc.nat(),
  daysFromTransition: fc.integer({ min: -3, max: 1 }),
  days: fc.integer({ min: 1, max: 4 }),
  hours,
  overrides: fc.array(fc.integer({ min: -2, max: 5 }), { maxLength: 2 }),
  busy: fc.array(
    fc.record({ at: span(8 * 1_440), lasts: fc.oneof(length, length, fc.constantFrom(0, 1_440)) }),
    { maxLength: 12 },
  ),
  bookings: fc.array(
    fc.record({
      at: fc.oneof(
        span(8 * 1_440),
        multiple(30, 1_440).map((at) => at + 2 * 1_440),
      ),
      lasts: length,
      bufferBefore: buffer,
      bufferAfter: buffer,
      seat: fc.constantFrom(0, 0, 0, 1, 1, 2, 3, null),
    }),
    { maxLength: 10 },
  ),
  notice: fc.oneof(often(fc.constant(0)), span(3 * 1_440)),
  horizon: fc.oneof(often(fc.constant(forever / minute)), span(6 * 1_440)),
  /** Counted from two days before. */
  now: span(3 * 1_440),
  pausedUntil: fc.oneof(often(fc.constant(null)), span(4 * 1_440)),
  duration: length,
  interval: length,
  bufferBefore: buffer,
  bufferAfter: buffer,
  capacity: fc.constantFrom(1, 1, 2, 2, 3, 4),
  maxPerDay: fc.oneof(often(fc.constant(null)), fc.integer({ min: 1, max: 3 })),
  maxPerWeek: fc.oneof(often(fc.constant(null)), fc.integer({ min: 1, max: 8 })),
});

/** Any query on whole minutes, two of three around a change of the clocks. */
export const anyQuestion: fc.Arbitrary<Question> = sketch.map((drawn) => {
  const from = firstDate(drawn);
  const midnight = Date.parse(`${from}T00:00:00Z`);
  // The range's own days lie in the middle of what is busy.
  const instant = (at: number) => midnight - 2 * day + at * minute;
  const { busy, bookings, overrides, capacity } = drawn;
  return {
    timeZone: drawn.timeZone,
    from,
    days: drawn.days,
    now: midnight + (drawn.now - 2 * 1_440) * minute,
    weekly: drawn.hours.weekly,
    overrides: Object.fromEntries(overrides.map((day, i) => [addDays(from, day), drawn.hours.own[i] ?? []])),
    busy: busy.map(({ at, lasts }) => ({ start: instant(at), end: instant(at + lasts) })),
    bookings: bookings.map(({ at, lasts, bufferBefore, bufferAfter, seat }) => ({
      start: instant(at),
      end: instant(at + lasts),
      bufferBeforeMs: bufferBefore * minute,
      bufferAfterMs: bufferAfter * minute,
      seat,
    })),
    policy: {
      durationMs: drawn.duration * minute,
      intervalMs: drawn.interval * minute,
      minimumNoticeMs: drawn.notice * minute,
      horizonMs: drawn.horizon * minute,
      pausedUntil: drawn.pausedUntil === null ? null : instant(drawn.pausedUntil),
      bufferBeforeMs: drawn.bufferBefore * minute,
      bufferAfterMs: drawn.bufferAfter * minute,
      capacity,
      maxPerDay: drawn.maxPerDay,
      maxPerWeek: drawn.maxPerWeek,
    },
  };
});

type DateSketch = { timeZone: string; near: boolean; date: number; daysFromTransition: number };

function firstDate({ timeZone, near, date, daysFromTransition }: DateSketch): string {
  const transitions = near ? transitionsOf(timeZone) : [];
  const transition = transitions[date % transitions.length];
  return transition === undefined
    ? addDays("2024-01-01", date % 4_380)
    : addDays(transition.toPlainDate().toString(), daysFromTransition);
}

function addDays(date: string, days: number): string {
  return Temporal.PlainDate.from(date).add({ days }).toString();
}

function sayTimeOfDay(minutes: number): string {
  return Temporal.PlainTime.from("00:00").add({ minutes }).toString({ smallestUnit: "minute" });
}
