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

/** When a business is open on one day. A window whose end is before its start runs past midnight. */
export const openingWindows = z
  .array(
    z.strictObject({ start, end }, "must be an object with start and end"),
    "must be a list of windows; an empty list means closed",
  )
  .max(maxWindows, `must have at most ${maxWindows} windows`);

/** In minutes from the midnight its day begins with; what is past the next has `to` above 1440. */
type Window = { index: number; start: string; end: string; from: number; to: number };

const day = 24 * 60;
/** A longer one past midnight has its start and end swapped. */
const maxMinutesPastMidnight = 12 * 60;

/** Windows without a length, swapped, or on top of each other. */
export function problemsOfDay(windows: unknown): Problem[] {
  const read = readWindows(windows);
  return [...read.flatMap(problemOfLength), ...problemsOfOverlap(read)];
}

/** Problems of each day, and windows that run past midnight into those of the next day. */
export function problemsOfWeek(week: unknown): Problem[] {
  return weekdays.flatMap((weekday, i) => {
    const windows = memberOf(week, weekday);
    const nextDay = weekdays[(i + 1) % 7] ?? "monday";
    const [first] = withLength(readWindows(memberOf(week, nextDay)));
    const intoNextDay = withLength(readWindows(windows))
      .filter(({ to }) => first !== undefined && to - day > first.from)
      .map(({ index }) => ({
        path: [index, "end"],
        message: `runs into ${first?.start}-${first?.end} of ${nextDay}: end it at ${first?.start} or earlier`,
      }));
    return [...problemsOfDay(windows), ...intoNextDay].map(({ path, message }) => ({
      path: [weekday, ...path],
      message,
    }));
  });
}

function problemOfLength(window: Window): Problem[] {
  const message = explainLength(window);
  return message === undefined ? [] : [{ path: [window.index, "end"], message }];
}

function explainLength({ start, end, from, to }: Window): string | undefined {
  if (start === end) return "must differ from start; a whole day is 00:00 to 24:00";
  if (end === "24:00" || to < day || to - from <= maxMinutesPastMidnight) return undefined;
  if (end === "00:00") return "must be 24:00 to mean the end of that day";
  return "comes before start: were they swapped? A window may run past midnight, but for 12 hours at most";
}

function problemsOfOverlap(windows: readonly Window[]): Problem[] {
  const problems: Problem[] = [];
  let reachesFurthest: Window | undefined;
  for (const window of withLength(windows)) {
    if (reachesFurthest !== undefined && window.from < reachesFurthest.to) {
      const { start, end } = reachesFurthest;
      const message = `overlaps ${start}-${end}: let one end where the other starts, or make them one`;
      problems.push({ path: [window.index], message });
    }
    if (reachesFurthest === undefined || reachesFurthest.to < window.to) reachesFurthest = window;
  }
  return problems;
}

/** In order of their starts. */
function withLength(windows: readonly Window[]): Window[] {
  return windows.filter((window) => explainLength(window) === undefined).sort((a, b) => a.from - b.from);
}

/** Those windows of a list that can be read; a list that is too long isn't looked at. */
function readWindows(windows: unknown): Window[] {
  if (!Array.isArray(windows) || windows.length > maxWindows) return [];
  return windows.flatMap((window, index) => {
    const start = timeOf(memberOf(window, "start"), startTime);
    const end = timeOf(memberOf(window, "end"), endTime);
    if (start === undefined || end === undefined) return [];
    const from = minutesOf(start);
    const to = minutesOf(end);
    return [{ index, start, end, from, to: to > from ? to : to + day }];
  });
}

function timeOf(value: unknown, pattern: RegExp): string | undefined {
  return typeof value === "string" && pattern.test(value) ? value : undefined;
}

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}
