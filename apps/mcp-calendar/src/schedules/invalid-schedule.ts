import { mostProblems } from "@cita/calendar-api";

/** A schedule that wasn't saved, with what is wrong with it. */
export class InvalidScheduleError extends Error {
  override readonly name = "InvalidScheduleError";
  readonly code = "invalid_schedule";
  readonly statusCode = 400;
  /** The first ones, and in the end how many more there are. */
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    const named = problems.slice(0, maxNamed);
    const left = problems.length - named.length;
    const all = left === 0 ? named : [...named, `and ${left} more`];
    super(`The schedule was not saved. ${formatCount(problems.length)}: ${all.join("; ")}.`);
    this.problems = all;
  }
}

const maxNamed = 50;

function formatCount(problems: number): string {
  if (problems === 1) return "1 problem";
  return `${problems >= mostProblems ? "At least " : ""}${problems} problems`;
}
