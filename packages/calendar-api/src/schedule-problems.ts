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

/** Enough for whoever mends them. Finding them takes about 10 ms. */
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
  for (const found of [findShapeProblems(cut), findDateProblems(cut), findBrokenRules(cut)]) {
    for (const problem of found) {
      if (problems.size >= maxProblems) return [...problems];
      problems.add(formatProblem(problem));
    }
  }
  return [...problems];
}

/** Problems of single members. zod skips `superRefine` where a member is wrong, so rules are checked separately. */
function findShapeProblems(body: unknown): Problem[] {
  // Dates may be many, so `findDateProblems` checks them one by one.
  const withoutDates = changeMembers(body, {
    date_overrides: (dates) => (Array.isArray(dates) ? [] : dates),
  });
  return toProblems(schedule.safeParse(withoutDates));
}

function* findDateProblems(body: unknown): Generator<Problem> {
  const overrides = memberOf(body, "date_overrides");
  if (!Array.isArray(overrides)) return;
  if (overrides.length > maxDateOverrides) yield { path: ["date_overrides"], message: tooManyDates };
  for (const [i, override] of overrides.slice(0, maxDateOverrides).entries()) {
    for (const { path, message } of toProblems(dateOverride.safeParse(override))) {
      yield { path: ["date_overrides", i, ...path], message };
    }
  }
}

function toProblems({ error }: z.ZodSafeParseResult<unknown>): Problem[] {
  return error?.issues.flatMap(toIssueProblems) ?? [];
}

function toIssueProblems(issue: z.core.$ZodIssue): Problem[] {
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

/** Cuts lists that are too long to one item more than allowed, so that they are still refused for their length. */
function withShortLists(body: unknown): unknown {
  const ofDay = shorten(maxWindows);
  return changeMembers(body, {
    weekly_hours: (week) => changeMembers(week, Object.fromEntries(weekdays.map((day) => [day, ofDay]))),
    date_overrides: (dates) => {
      const some = shorten(maxDateOverrides)(dates);
      return Array.isArray(some) ? some.map((date) => changeMembers(date, { windows: ofDay })) : some;
    },
    services: shorten(maxServices),
    busy_calendars: shorten(maxCalendars),
  });
}

function shorten(most: number): Change {
  return (list) => (Array.isArray(list) && list.length > most ? list.slice(0, most + 1) : list);
}

/**
 * A copy of an object in which these members are changed, if it has them. Other values are returned as they are. Members
 * beyond `maxProblems` are left out: most of those before are unknown, and the object is refused for them.
 */
function changeMembers(value: unknown, changes: Readonly<Record<string, Change>>): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const names = Object.keys(value).slice(0, maxProblems);
  return Object.fromEntries(
    names.map((name) => {
      const member = memberOf(value, name);
      return [name, Object.hasOwn(changes, name) ? changes[name]?.(member) : member];
    }),
  );
}
