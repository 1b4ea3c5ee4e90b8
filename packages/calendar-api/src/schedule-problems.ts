import { weekdays } from "@cita/scheduling";
import type { z } from "zod";
import { maxWindows } from "./opening-windows.ts";
import { memberOf, type Problem } from "./problem.ts";
import { dateOverride, maxCalendars, maxServices, schedule, tooManyDates } from "./schedule.ts";
import { findBrokenRules, maxDateOverrides } from "./schedule-rules.ts";

/**
 * The largest schedule that is read, in bytes. A thousand dates with two windows of their own each are
 * 103 kB, and twice as much where each member has a line to itself.
 */
export const scheduleBodyLimit = 256 * 1024;

/** Enough for whoever mends them, and some ten milliseconds' worth of finding. */
export const maxProblems = 1_000;

/**
 * Everything that is wrong with a schedule, each begins with where it is:
 * `weekly_hours.monday.0.end must differ from start`. None: it can be saved.
 *
 * A body of nonsense has as many problems as bytes, so it stops at `maxProblems`, and doesn't look at
 * what a list has beyond its most.
 */
export function findScheduleProblems(body: unknown): string[] {
  const cut = withShortLists(body);
  const problems = new Set<string>();
  for (const found of [problemsOfShape(cut), problemsOfDates(cut), findBrokenRules(cut)]) {
    for (const problem of found) {
      if (problems.size >= maxProblems) return [...problems];
      problems.add(formatProblem(problem));
    }
  }
  return [...problems];
}

/** The parser stops looking at what holds members together once one of them is broken: the rules are found apart. */
function problemsOfShape(body: unknown): Problem[] {
  // Dates are many, and are looked at one by one.
  const withoutDates = changed(body, { date_overrides: (dates) => (Array.isArray(dates) ? [] : dates) });
  return problemsFound(schedule.safeParse(withoutDates));
}

function* problemsOfDates(body: unknown): Generator<Problem> {
  const overrides = memberOf(body, "date_overrides");
  if (!Array.isArray(overrides)) return;
  if (overrides.length > maxDateOverrides) yield { path: ["date_overrides"], message: tooManyDates };
  for (const [i, override] of overrides.slice(0, maxDateOverrides).entries()) {
    for (const { path, message } of problemsFound(dateOverride.safeParse(override))) {
      yield { path: ["date_overrides", i, ...path], message };
    }
  }
}

function problemsFound({ error }: z.ZodSafeParseResult<unknown>): Problem[] {
  return error?.issues.flatMap(problemsOfIssue) ?? [];
}

function problemsOfIssue(issue: z.core.$ZodIssue): Problem[] {
  if (issue.code !== "unrecognized_keys") return [issue];
  const message = "is not known: remove it or correct its name";
  const keys = issue.keys.slice(0, maxProblems);
  return keys.map((key) => ({ path: [...issue.path, formatKey(key)], message }));
}

function formatProblem({ path, message }: Problem): string {
  return path.length === 0 ? `The schedule ${message}` : `${path.map(String).join(".")} ${message}`;
}

function formatKey(key: string): string {
  return /^[\w-]{1,40}$/.test(key) ? key : JSON.stringify(key.slice(0, 40));
}

type Change = (member: unknown) => unknown;

/** The same schedule; of a list that is too long one more is left than it may have, and it is refused for that. */
function withShortLists(body: unknown): unknown {
  const ofDay = shortened(maxWindows);
  return changed(body, {
    weekly_hours: (week) => changed(week, Object.fromEntries(weekdays.map((day) => [day, ofDay]))),
    date_overrides: (dates) => {
      const some = shortened(maxDateOverrides)(dates);
      return Array.isArray(some) ? some.map((date) => changed(date, { windows: ofDay })) : some;
    },
    services: shortened(maxServices),
    busy_calendars: shortened(maxCalendars),
  });
}

function shortened(most: number): Change {
  return (list) => (Array.isArray(list) && list.length > most ? list.slice(0, most + 1) : list);
}

/**
 * A copy in which these members are changed, where it has them; what has no members stays. One with more
 * members than there can be problems keeps that many: most of them are unknown, and it is refused for them.
 */
function changed(value: unknown, changes: Readonly<Record<string, Change>>): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const names = Object.keys(value).slice(0, maxProblems);
  return Object.fromEntries(
    names.map((name) => {
      const member = memberOf(value, name);
      return [name, Object.hasOwn(changes, name) ? changes[name]?.(member) : member];
    }),
  );
}
