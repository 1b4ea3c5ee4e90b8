import type { z } from "zod";
import type { Problem } from "./problem.ts";
import { schedule } from "./schedule.ts";
import { findBrokenRules } from "./schedule-rules.ts";

/**
 * Everything that is wrong with a schedule, each begins with where it is:
 * `weekly_hours.monday.0.end must differ from start`. None: it can be saved.
 */
export function findScheduleProblems(body: unknown): string[] {
  const { error } = schedule.safeParse(body);
  if (error === undefined) return [];
  // The parser stops looking at what holds members together once one of them is broken.
  const problems = [...error.issues.flatMap(problemsOfIssue), ...findBrokenRules(body)];
  return [...new Set(problems.map(sayProblem))];
}

function problemsOfIssue(issue: z.core.$ZodIssue): Problem[] {
  if (issue.code !== "unrecognized_keys") return [issue];
  const message = "is not known: remove it or correct its name";
  return issue.keys.map((key) => ({ path: [...issue.path, sayKey(key)], message }));
}

function sayProblem({ path, message }: Problem): string {
  return path.length === 0 ? `The schedule ${message}` : `${path.map(String).join(".")} ${message}`;
}

function sayKey(key: string): string {
  return /^[\w-]{1,40}$/.test(key) ? key : JSON.stringify(key.slice(0, 40));
}
