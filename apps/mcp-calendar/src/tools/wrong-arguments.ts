import {
  type JsonObject,
  type Tool,
  ToolError,
  type ToolErrorCode,
  unreadableArguments,
} from "@cita/mcp-endpoint";
import type { z } from "zod";
import { localized } from "../language/language.ts";
import { explainUnknown } from "./argument-hints.ts";

/** Arguments that mean a time: when one of them is wrong the code is `invalid_time`. */
const timeArguments = new Set(["date_iso", "days", "start_iso", "duration_minutes", "from", "to"]);

/** How many problems are shown. A caller may have sent thousands of wrong arguments. */
const maxProblems = 10;
/** Characters of a name that the caller made up. */
const maxQuoteLength = 40;
/** Characters of one problem. */
const maxProblemLength = 200;

type Problem = {
  /** Name of one of the tool's arguments; empty: the problem is an unknown argument, or all of them. */
  readonly argument: string;
  /** Name of an argument that the tool doesn't have. */
  readonly unknown?: string;
  readonly text: string;
};

type CheckedArguments = {
  readonly args: JsonObject;
  /** Names of arguments whose value is a placeholder such as `{{name}}`. */
  readonly placeholders: readonly string[];
};

/**
 * The error for arguments that a tool can't use.
 * @param issues that the tool's schema found in the normalized arguments.
 */
export function wrongArguments(
  { name, input }: Pick<Tool, "name" | "input">,
  { args, placeholders }: CheckedArguments,
  issues: readonly z.core.$ZodIssue[],
): ToolError {
  const known = Object.keys(input.shape);
  const unfilled = placeholders.map((argument) => ({ argument, text: explainPlaceholder(argument, input) }));
  const wrong = issues.filter(({ path: [argument] }) => !placeholders.includes(String(argument)));
  // Arguments that aren't an object are one problem: that each required one is missing too would only distract.
  const all = Object.hasOwn(args, unreadableArguments)
    ? [{ argument: "", text: explainUnknown(unreadableArguments, "", known) }]
    : [...unfilled, ...wrong.flatMap((issue) => explainIssue(issue, known))];
  const named = all.slice(0, maxProblems).map(({ text }) => cut(text, maxProblemLength));
  const problems = all.length > maxProblems ? [...named, `and ${all.length - maxProblems} more`] : named;
  return new ToolError(codeOf(all), {
    message: localized(({ wrongArguments }) => wrongArguments(namesIn(all), problems)),
    retryable: false,
    next_step: `Correct the arguments of ${name} and call it again.`,
    details: { problems },
  });
}

/** Names of the wrong arguments, at most `maxProblems`. */
function namesIn(problems: readonly Problem[]): string[] {
  const named = new Set(
    problems.map(({ argument, unknown }) => unknown ?? argument).filter((name) => name !== ""),
  );
  return [...named].slice(0, maxProblems).map((name) => cut(name, maxQuoteLength));
}

function codeOf(problems: readonly Problem[]): ToolErrorCode {
  return problems.every(({ argument }) => timeArguments.has(argument)) ? "invalid_time" : "invalid_arguments";
}

function explainPlaceholder(argument: string, input: z.ZodObject): string {
  const isOptional = input.shape[argument]?.safeParse(undefined).success;
  return `${argument} is a placeholder, not a value: ${isOptional ? "fill it in or leave it out" : "fill it in"}`;
}

/** One problem for each issue, and one for each argument that the tool doesn't have. */
function explainIssue(issue: z.core.$ZodIssue, known: readonly string[]): Problem[] {
  if (issue.code === "unrecognized_keys") {
    // Only problems that are shown get a hint, since each hint is a search and there may be thousands of keys.
    return issue.keys.map((key, index) => {
      const quoted = JSON.stringify(cut(key, maxQuoteLength));
      return {
        argument: "",
        unknown: key,
        text: index < maxProblems ? explainUnknown(key, quoted, known) : quoted,
      };
    });
  }
  const argument = issue.path.map((part) => cut(String(part), maxQuoteLength)).join(".");
  return [{ argument, text: argument === "" ? issue.message : `${argument} ${issue.message}` }];
}

function cut(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest).toWellFormed()}…`;
}
