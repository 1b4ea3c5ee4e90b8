import type { z } from "zod";
import { explainFailure } from "./explain-failure.ts";
import type { Tool, ToolDefinition } from "./tool.ts";
import { ToolError, type ToolErrorCode } from "./tool-error.ts";

/** Arguments that say a time: when one of them is wrong the code is `invalid_time`. */
const timeArguments = new Set(["date_iso", "days", "start_iso", "duration_minutes", "from", "to"]);

/** Closes a tool over its types, puts the check of its arguments in front of it, and what it refuses into words. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  definition: ToolDefinition<Input, Output>,
): Tool {
  const { handle, ...description } = definition;
  return {
    ...description,
    call: async (args, caller) => {
      const input = definition.input.safeParse(args ?? {});
      if (!input.success) throw wrongArguments(definition.name, input.error);
      return handle(input.data, caller).catch((error: unknown) => {
        throw explainFailure(error);
      });
    },
  };
}

/** Who sends thousands of wrong things needn't read of each. */
const mostNamed = 10;
/** Of a name that a caller made up. */
const longestQuote = 40;
/** Of what is said about one of them. */
const longestProblem = 200;

function wrongArguments(tool: string, error: z.ZodError): ToolError {
  const all = error.issues.flatMap(sayIssue);
  const named = all.slice(0, mostNamed).map((text) => cut(text, longestProblem));
  const problems = all.length > mostNamed ? [...named, `and ${all.length - mostNamed} more`] : named;
  return new ToolError(codeOf(error), {
    message: ({ wrongArguments }) => wrongArguments(namesIn(error), problems),
    retryable: false,
    next_step: `Correct the arguments of ${tool} and call it again.`,
    details: { problems },
  });
}

/** Which arguments are wrong, the first ones. */
function namesIn({ issues }: z.ZodError): string[] {
  const names = issues.flatMap((issue) =>
    issue.code === "unrecognized_keys" ? issue.keys : [String(issue.path[0] ?? "")],
  );
  const named = new Set(names.filter((name) => name !== ""));
  return [...named].slice(0, mostNamed).map((name) => cut(name, longestQuote));
}

function codeOf(error: z.ZodError): ToolErrorCode {
  const aboutTime = error.issues.every((issue) => timeArguments.has(String(issue.path[0])));
  return aboutTime ? "invalid_time" : "invalid_arguments";
}

/** One problem an issue, and one for each argument there is not. */
function sayIssue(issue: z.core.$ZodIssue): string[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => `there is no argument ${JSON.stringify(cut(key, longestQuote))}`);
  }
  const name = issue.path.map((part) => cut(String(part), longestQuote)).join(".");
  return [name === "" ? issue.message : `${name} ${issue.message}`];
}

function cut(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest).toWellFormed()}…`;
}
