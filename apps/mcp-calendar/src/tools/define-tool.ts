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

function wrongArguments(tool: string, error: z.ZodError): ToolError {
  const problems = error.issues.map(sayIssue);
  return new ToolError(codeOf(error), {
    message: `I couldn't use these details: ${problems.join("; ")}.`,
    retryable: false,
    next_step: `Correct the arguments of ${tool} and call it again.`,
    details: { problems },
  });
}

function codeOf(error: z.ZodError): ToolErrorCode {
  const aboutTime = error.issues.every((issue) => timeArguments.has(String(issue.path[0])));
  return aboutTime ? "invalid_time" : "invalid_arguments";
}

function sayIssue(issue: z.core.$ZodIssue): string {
  if (issue.code === "unrecognized_keys") {
    return `there is no argument ${issue.keys.map((key) => JSON.stringify(key.slice(0, 40))).join(", ")}`;
  }
  const name = issue.path.map(String).join(".");
  return name === "" ? issue.message : `${name} ${issue.message}`;
}
