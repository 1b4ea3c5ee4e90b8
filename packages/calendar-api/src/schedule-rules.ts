import { problemsOfDay, problemsOfWeek } from "./opening-windows.ts";
import { memberOf, type Problem } from "./problem.ts";

export const maxDateOverrides = 1_000;

/**
 * What is wrong between the members of a schedule. It takes anything, and says what it can even where
 * something else is wrong: an admin is told every problem at once.
 */
export function findBrokenRules(schedule: unknown): Problem[] {
  return [
    ...under(["weekly_hours"], problemsOfWeek(memberOf(schedule, "weekly_hours"))),
    ...problemsOfOverrides(memberOf(schedule, "date_overrides")),
    ...problemsOfHolidays(memberOf(schedule, "holidays")),
    ...problemsOfServices(memberOf(schedule, "services")),
    ...problemsOfCalendars(memberOf(schedule, "busy_calendars")),
  ];
}

function problemsOfOverrides(overrides: unknown): Problem[] {
  if (!Array.isArray(overrides) || overrides.length > maxDateOverrides) return [];
  const dates = overrides.map((override) => memberOf(override, "date"));
  return [
    ...overrides.flatMap((override, i) =>
      under(["date_overrides", i, "windows"], problemsOfDay(memberOf(override, "windows"))),
    ),
    ...repeated(dates).map((i) => ({
      path: ["date_overrides", i, "date"],
      message: "stands here twice: put all windows of a date into one entry",
    })),
  ];
}

function problemsOfHolidays(holidays: unknown): Problem[] {
  const country = memberOf(holidays, "country") ?? null;
  if (country !== null || memberOf(holidays, "region") === undefined) return [];
  return [{ path: ["holidays", "region"], message: "needs a country beside it" }];
}

function problemsOfServices(services: unknown): Problem[] {
  if (!Array.isArray(services)) return [];
  return repeated(services.map((service) => memberOf(service, "id"))).map((i) => ({
    path: ["services", i, "id"],
    message: "is the id of another service too: give each its own",
  }));
}

function problemsOfCalendars(calendars: unknown): Problem[] {
  if (!Array.isArray(calendars)) return [];
  const path = ["busy_calendars"];
  const problems = repeated(calendars).map((i) => ({
    path: [...path, i],
    message: "stands here twice: remove one",
  }));
  if (calendars.includes("primary")) return problems;
  return [...problems, { path, message: 'must include "primary": appointments are written there' }];
}

/** Where a text stands that stood before. */
function repeated(values: readonly unknown[]): number[] {
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
