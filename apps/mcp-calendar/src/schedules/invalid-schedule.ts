/** A schedule that wasn't saved, with everything that is wrong with it. */
export class InvalidScheduleError extends Error {
  override readonly name = "InvalidScheduleError";
  readonly code = "invalid_schedule";
  readonly statusCode = 400;
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(sayProblems(problems));
    this.problems = problems.slice(0, mostListed);
  }
}

const mostSaid = 50;
const mostListed = 1_000;

function sayProblems(problems: readonly string[]): string {
  const said = problems.slice(0, mostSaid);
  const left = problems.length - said.length;
  const all = left === 0 ? said : [...said, `and ${left} more`];
  return `The schedule was not saved. ${problems.length === 1 ? "1 problem" : `${problems.length} problems`}: ${all.join("; ")}.`;
}
