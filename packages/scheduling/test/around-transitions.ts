import type { WeeklyHours } from "../src/index.ts";
import { findDifferences, findOpeningDifferences } from "./differences.ts";
import { askOracle, createZoneReader } from "./oracle.ts";
import { everyDay, type Question } from "./question.ts";

const minute = 60_000;
const hour = 60 * minute;

const plainPolicy: Question["policy"] = {
  durationMs: 15 * minute,
  intervalMs: 15 * minute,
  minimumNoticeMs: 0,
  horizonMs: 365 * 24 * hour,
  pausedUntil: null,
  bufferBeforeMs: 0,
  bufferAfterMs: 0,
  capacity: 1,
  maxPerDay: null,
  maxPerWeek: null,
};

export type Checked = { readonly differences: string[]; readonly slots: number };

/** Asks what the rules allow right around a change of the clocks, in many ways, and compares it with what is offered. */
export function checkAround(transition: Temporal.ZonedDateTime): Checked {
  const differences: string[] = [];
  let slots = 0;
  const zone = createZoneReader(transition.timeZoneId);
  const nows = around(transition, hour, 2);
  for (const question of questionsAround(transition)) {
    const oracle = askOracle(question, zone);
    const probes = [...around(transition, 15 * minute, 4), ...oracle.starts.filter((_, i) => i % 41 === 0)];
    differences.push(...findDifferences(question, oracle, probes));
    differences.push(...nows.flatMap((now) => findOpeningDifferences(question, oracle, now)));
    slots += oracle.starts.length;
  }
  return { differences, slots };
}

function around({ epochMilliseconds }: Temporal.ZonedDateTime, step: number, most: number): number[] {
  return Array.from({ length: 2 * most + 1 }, (_, i) => epochMilliseconds + (i - most) * step);
}

/** The day of a change and the days beside it, with windows that lie over it, begin or end inside it. */
function questionsAround(transition: Temporal.ZonedDateTime): Question[] {
  const at = transition.epochMilliseconds;
  const { first, middle, last } = wallTimesOf(transition);
  const base = {
    timeZone: transition.timeZoneId,
    overrides: {},
    busy: [
      { start: at + 3 * hour, end: at + 4 * hour },
      { start: at - 5 * hour, end: at - 4.5 * hour },
      { start: at - 4.75 * hour, end: at - 4 * hour },
    ],
    bookings: [],
    now: at - 96 * hour,
    from: first.toPlainDate().subtract({ days: 1 }).toString(),
    days: 3,
    policy: plainPolicy,
  };
  const thatDay = { from: last.toPlainDate().toString(), days: 1 };
  const booking = {
    start: at - 40 * minute,
    end: at + 20 * minute,
    bufferBeforeMs: 10 * minute,
    bufferAfterMs: 5 * minute,
    seat: 0,
  };
  return [
    {
      ...base,
      weekly: daily(["00:00", "24:00"]),
      policy: { ...base.policy, intervalMs: 30 * minute, durationMs: 180 * minute },
    },
    ...adjoiningAround(transition).map((hours) => ({ ...base, ...hours })),
    { ...base, weekly: daily([after(middle, 15), after(middle, 0)]) },
    {
      ...base,
      weekly: daily(["21:30", after(middle, 0)], [after(middle, 0), "12:00"]),
      policy: { ...base.policy, durationMs: 40 * minute, minimumNoticeMs: 80 * hour, horizonMs: 104 * hour },
    },
    {
      ...base,
      weekly: daily(
        [after(first, 0), after(last, 180)],
        [after(first, -90), after(last, 60)],
        [after(first, 0), after(last, 30)],
      ),
      overrides: { [last.toPlainDate().add({ days: 1 }).toString()]: [{ start: "00:00", end: "00:00" }] },
      busy: [...base.busy, { start: at - 25 * minute, end: at + 10 * minute }, { start: at, end: at }],
      policy: {
        ...base.policy,
        durationMs: 25 * minute,
        bufferBeforeMs: 20 * minute,
        bufferAfterMs: 10 * minute,
      },
    },
    { ...base, ...thatDay, weekly: daily([after(middle, 0), "22:00"], ["00:00", "06:00"]) },
    {
      ...base,
      ...thatDay,
      weekly: daily(["22:00", "08:00"], ["04:00", "18:00"]),
      bookings: [
        booking,
        { ...booking, start: at, end: at + hour, seat: 1 },
        { ...booking, start: at + 12 * hour, end: at + 13 * hour, seat: null },
        { ...booking, start: at + 18 * hour, end: at + 19 * hour },
      ],
      policy: {
        ...base.policy,
        durationMs: 45 * minute,
        intervalMs: 30 * minute,
        bufferAfterMs: 15 * minute,
        capacity: 2,
        maxPerDay: 3,
      },
    },
  ];
}

/** Windows that meet at what clocks show when they change, over midnight, and next to a date of its own. */
function adjoiningAround(
  transition: Temporal.ZonedDateTime,
): Pick<Question, "weekly" | "overrides" | "policy">[] {
  const { first, middle, last } = wallTimesOf(transition);
  const thatDate = last.toPlainDate().toString();
  const policy = { ...plainPolicy, durationMs: 95 * minute, intervalMs: 30 * minute };
  const meeting = daily(
    ["00:00", after(first, 0)],
    [after(first, 0), after(middle, 0)],
    [after(middle, 0), after(last, 0)],
    [after(last, 0), "24:00"],
  );
  const nights = daily(["18:00", "24:00"], ["00:00", "08:00"]);
  const ownHours = [
    { start: "00:00", end: after(middle, 0) },
    { start: after(middle, 0), end: "11:00" },
    { start: "20:00", end: "24:00" },
  ];
  return [
    { weekly: meeting, overrides: {}, policy },
    { weekly: nights, overrides: { [thatDate]: ownHours }, policy },
    { weekly: daily(["19:00", after(middle, 0)], [after(middle, 0), "09:00"]), overrides: {}, policy },
  ];
}

/** What clocks show when they change, from the earlier time to the later one, and half-way between. */
function wallTimesOf(transition: Temporal.ZonedDateTime) {
  const shownAfter = transition.toPlainDateTime();
  const shownBefore = transition.subtract({ nanoseconds: 1 }).toPlainDateTime().add({ nanoseconds: 1 });
  const [first, last] =
    Temporal.PlainDateTime.compare(shownBefore, shownAfter) < 0
      ? [shownBefore, shownAfter]
      : [shownAfter, shownBefore];
  const middle = first.add({ minutes: Math.round(first.until(last).total("minutes") / 2) });
  return { first, middle, last };
}

function after(wallTime: Temporal.PlainDateTime, minutes: number): string {
  return wallTime.add({ minutes }).toPlainTime().toString({ smallestUnit: "minute" });
}

function daily(...windows: readonly [start: string, end: string][]): WeeklyHours {
  return everyDay(windows.map(([start, end]) => ({ start, end })));
}
