/** What a tool call returned: its structured content, or its error. */
export type Outcome =
  | { readonly answer: Answer; readonly error?: undefined }
  | { readonly answer?: undefined; readonly error: ToolErrorAnswer };

export type Answer = Readonly<Record<string, unknown>>;

export type ToolErrorAnswer = Answer & {
  readonly code: string;
  readonly message: string;
  readonly next_step: string;
};

/** One part of an answer: `slots.0.start`, `slots@2027-01-18T15:00.start`, `error.code`, `slots.length`. */
export function readPath(outcome: Outcome, path: string): unknown {
  const root: unknown = outcome.error === undefined ? outcome.answer : { error: outcome.error };
  return path.split(".").reduce(readStep, root);
}

function readStep(value: unknown, step: string): unknown {
  const [name = "", start] = step.split("@");
  const member = memberOf(value, name);
  if (start === undefined) return member;
  return Array.isArray(member) ? member.find((item) => String(item.start).startsWith(start)) : undefined;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

const placeholder = /^\$(\d+)\.(.+)$/;

/**
 * Arguments in which placeholders (`$2.slots.0.start`) are replaced by what earlier outcomes contain.
 * @throws Error where an outcome has no text at the path.
 */
export function fillPlaceholders(
  args: Readonly<Record<string, string | number>>,
  earlier: readonly Outcome[],
): Record<string, unknown> {
  const filled = Object.entries(args).map(([name, value]) => {
    const [, number, path = ""] = placeholder.exec(String(value)) ?? [];
    if (number === undefined) return [name, value];
    const outcome = earlier[Number(number) - 1];
    const found = outcome && readPath(outcome, path);
    if (typeof found !== "string") throw new Error(`nothing is at ${value}: ${JSON.stringify(outcome)}`);
    return [name, found];
  });
  return Object.fromEntries(filled);
}

/** Where an outcome differs from what was expected, by path. An error is a mismatch unless a path leads into it. */
export function findMismatches(
  outcome: Outcome,
  expected: Readonly<Record<string, string | number | boolean>>,
): string[] {
  const expectsError = Object.keys(expected).some((path) => path.startsWith("error."));
  if (outcome.error !== undefined && !expectsError)
    return [`answered with an error: ${JSON.stringify(outcome.error)}`];
  return Object.entries(expected).flatMap(([path, value]) => {
    const found = readPath(outcome, path);
    return found === value ? [] : [`${path} should be ${JSON.stringify(value)}, is ${JSON.stringify(found)}`];
  });
}
