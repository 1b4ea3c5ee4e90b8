import { weekdays } from "@cita/scheduling";
import { z } from "zod";
import { memberOf, type Problem } from "./problem.ts";

const startTime = /^([01]\d|2[0-3]):[0-5]\d$/;
const endTime = /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/;
const mustBeStart = "must be a time written HH:MM, from 00:00 to 23:59";
const mustBeEnd = "must be a time written HH:MM, from 00:00 to 24:00";
const start = z.string(mustBeStart).regex(startTime, mustBeStart).meta({ example: "09:00" });
const end = z.string(mustBeEnd).regex(endTime, mustBeEnd).meta({ example: "17:00" });

export const maxWindows = 20;

/** The windows in which a business is open on one day. A window whose end is before its start runs past midnight. */
export const openingWindows = z
  .array(
    z.strictObject({ start, end }, "must be an object with start and end"),
    "must be a list of windows; an empty list means closed",
  )
  .max(maxWindows, `must have at most ${maxWindows} windows`);

/** `from` and `to` in minutes from the midnight of its day. `to` is above 1,440 where the window runs past midnight. */
type Window = { index: number; start: string; end: string; from: number; to: number };

const dayMinutes = 24 * 60;
/** A longer window past midnight has probably its start and end swapped (docs/decisions/0012). */
const maxMinutesPastMidnight = 12 * 60;

/** Windows that are empty, swapped or overlap. */
export function findDayProblems(windows: unknown): Problem[] {
  const read = readWindows(windows);
  return [...read.flatMap(findLengthProblem), ...findOverlaps(read)];
}

/** The problems of each day, and windows that run past midnight into a window of the next day. */
export function findWeekProblems(week: unknown): Problem[] {
  return weekdays.flatMap((weekday, i) => {
    const windows = memberOf(week, weekday);
    const nextDay = weekdays[(i + 1) % 7] ?? "monday";
    const [first] = validInOrder(readWindows(memberOf(week, nextDay)));
    const intoNextDay = validInOrder(readWindows(windows))
      .filter(({ to }) => first !== undefined && to - dayMinutes > first.from)
      .map(({ index }) => ({
        path: [index, "end"],
        message: `runs into ${first?.start}-${first?.end} of ${nextDay}: end it at ${first?.start} or earlier`,
      }));
    return [...findDayProblems(windows), ...intoNextDay].map(({ path, message }) => ({
      path: [weekday, ...path],
      message,
    }));
  });
}

function findLengthProblem(window: Window): Problem[] {
  const message = explainLength(window);
  return message === undefined ? [] : [{ path: [window.index, "end"], message }];
}

function explainLength({ start, end, from, to }: Window): string | undefined {
  if (start === end) return "must differ from start; a whole day is 00:00 to 24:00";
  if (end === "24:00" || to < dayMinutes || to - from <= maxMinutesPastMidnight) return undefined;
  if (end === "00:00") return "must be 24:00 to mean the end of that day";
  return "comes before start: were they swapped? A window may run past midnight, but for 12 hours at most";
}

function findOverlaps(windows: readonly Window[]): Problem[] {
  const problems: Problem[] = [];
  let reachesFurthest: Window | undefined;
  for (const window of validInOrder(windows)) {
    if (reachesFurthest !== undefined && window.from < reachesFurthest.to) {
      const { start, end } = reachesFurthest;
      const message = `overlaps ${start}-${end}: let one end where the other starts, or make them one`;
      problems.push({ path: [window.index], message });
    }
    if (reachesFurthest === undefined || reachesFurthest.to < window.to) reachesFurthest = window;
  }
  return problems;
}

/** Windows without a problem of their own, by start. */
function validInOrder(windows: readonly Window[]): Window[] {
  return windows.filter((window) => explainLength(window) === undefined).sort((a, b) => a.from - b.from);
}

/** The windows of a list that parse. A list that is too long counts as empty. */
function readWindows(windows: unknown): Window[] {
  if (!Array.isArray(windows) || windows.length > maxWindows) return [];
  return windows.flatMap((window, index) => {
    const start = matchTime(memberOf(window, "start"), startTime);
    const end = matchTime(memberOf(window, "end"), endTime);
    if (start === undefined || end === undefined) return [];
    const from = toMinutes(start);
    const to = toMinutes(end);
    return [{ index, start, end, from, to: to > from ? to : to + dayMinutes }];
  });
}

function matchTime(value: unknown, pattern: RegExp): string | undefined {
  return typeof value === "string" && pattern.test(value) ? value : undefined;
}

function toMinutes(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}
