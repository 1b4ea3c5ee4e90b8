import type { z } from "zod";

/** The environment is invalid. The message lists every problem with the variable's name, and never a value. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "config_invalid";
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`The configuration has ${listProblems(problems)}`);
    this.problems = problems;
  }
}

function listProblems(problems: readonly string[]): string {
  if (problems.length === 1) return `1 problem: ${problems[0]}.`;
  return `${problems.length} problems:\n${problems.map((line) => `  - ${line}`).join("\n")}`;
}

/**
 * Reads a service's configuration. An empty variable counts as not set, as in a copied `.env.example`.
 * @throws ConfigError with all problems at once.
 */
export function readConfig<Schema extends z.ZodType>(
  schema: Schema,
  env: Readonly<Record<string, string | undefined>>,
): z.output<Schema> {
  const set = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ""),
  );
  const result = schema.safeParse(set, {
    error: (issue) => (issue.input === undefined ? "is required" : undefined),
  });
  if (result.success) return result.data;
  throw new ConfigError(result.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`));
}
