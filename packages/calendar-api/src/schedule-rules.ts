import { findDayProblems, findWeekProblems } from "./opening-windows.ts";
import { memberOf, type Problem } from "./problem.ts";

export const maxDateOverrides = 1_000;

/**
 * The problems between members of a schedule. It accepts any value and skips what doesn't parse, so that an admin gets
 * every problem at once.
 */
export function findBrokenRules(schedule: unknown): Problem[] {
  return [
    ...under(["weekly_hours"], findWeekProblems(memberOf(schedule, "weekly_hours"))),
    ...findOverrideProblems(memberOf(schedule, "date_overrides")),
    ...findHolidayProblems(memberOf(schedule, "holidays")),
    ...findServiceProblems(memberOf(schedule, "services")),
    ...findCalendarProblems(memberOf(schedule, "busy_calendars")),
  ];
}

function findOverrideProblems(overrides: unknown): Problem[] {
  if (!Array.isArray(overrides) || overrides.length > maxDateOverrides) return [];
  const dates = overrides.map((override) => memberOf(override, "date"));
  return [
    ...overrides.flatMap((override, i) =>
      under(["date_overrides", i, "windows"], findDayProblems(memberOf(override, "windows"))),
    ),
    ...findRepeated(dates).map((i) => ({
      path: ["date_overrides", i, "date"],
      message: "stands here twice: put all windows of a date into one entry",
    })),
  ];
}

function findHolidayProblems(holidays: unknown): Problem[] {
  const country = memberOf(holidays, "country") ?? null;
  if (country !== null || memberOf(holidays, "region") === undefined) return [];
  return [{ path: ["holidays", "region"], message: "needs a country beside it" }];
}

function findServiceProblems(services: unknown): Problem[] {
  if (!Array.isArray(services)) return [];
  return findRepeated(services.map((service) => memberOf(service, "id"))).map((i) => ({
    path: ["services", i, "id"],
    message: "is the id of another service too: give each its own",
  }));
}

function findCalendarProblems(calendars: unknown): Problem[] {
  if (!Array.isArray(calendars)) return [];
  const path = ["busy_calendars"];
  const problems = findRepeated(calendars).map((i) => ({
    path: [...path, i],
    message: "stands here twice: remove one",
  }));
  if (calendars.includes("primary")) return problems;
  return [...problems, { path, message: 'must include "primary": appointments are written there' }];
}

/** The indexes of texts that occur earlier in the list. */
function findRepeated(values: readonly unknown[]): number[] {
  const seen = new Set<unknown>();
  return values.flatMap((value, i) => {
    const again = typeof value === "string" && seen.has(value);
    seen.add(value);
    return again ? [i] : [];
  });
}

function under(path: readonly PropertyKey[], problems: readonly Problem[]): Problem[] {
  return problems.map((problem) => ({ ...problem, path: [...path, ...problem.path] }));
}
