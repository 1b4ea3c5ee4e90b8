/**
 * What happens to every call of a tool: its arguments are normalized, then checked by the tool's schema, and failures are
 * explained. Models and their hosts send `null` for what is left out, numbers as text, `arguments` as JSON text, members
 * of their own, and templates that nobody filled in. Whether a value is right is left to the schema.
 */

import { hasVisibleText, type Schedule, toVisibleText } from "@cita/calendar-api";
import {
  type HostArgument,
  isHostArgument,
  isUnfilledArgument,
  type JsonObject,
  readArguments,
  type Tool,
  type ToolDefinition,
} from "@cita/mcp-endpoint";
import { z } from "zod";
import type { BookingDeps } from "../bookings/write-event.ts";
import { explainFailure } from "./explain-failure.ts";
import { wrongArguments } from "./wrong-arguments.ts";

/** What the tools are made of. */
export type ToolDeps = BookingDeps & { findSchedule: (customerId: string) => Promise<Schedule> };

/** Makes a tool of its definition: it normalizes and checks the arguments, calls `handle`, and explains failures. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  definition: ToolDefinition<Input, Output>,
): Tool {
  const { handle, ...description } = definition;
  const normalize = createNormalizer(definition.input);
  const schema = definition.input.superRefine(refuseNul);
  return {
    ...description,
    call: async (args, caller, noteDropped) => {
      const normalized = normalize(args);
      if (normalized.dropped.length > 0) noteDropped?.(normalized.dropped);
      const input = schema.safeParse(normalized.args);
      if (!input.success || normalized.placeholders.length > 0)
        throw wrongArguments(definition, normalized, input.error?.issues ?? []);
      return handle(input.data, caller).catch((error: unknown) => {
        throw explainFailure(error);
      });
    },
  };
}

/** No database stores U+0000, and a query with it fails. Free text has none any more here (`toVisibleText`). */
function refuseNul(input: object, context: z.RefinementCtx): void {
  for (const [name, value] of Object.entries(input))
    if (typeof value === "string" && value.includes("\0"))
      context.addIssue({
        code: "custom",
        path: [name],
        message: "has a character that no text has (U+0000)",
      });
}

type NormalizedArguments = {
  readonly args: JsonObject;
  /** Members that the caller's host had added, which are left out of `args`. */
  readonly dropped: readonly HostArgument[];
  /** Names of arguments whose value is a placeholder such as `{{name}}`. */
  readonly placeholders: readonly string[];
};

/** What a schema requires of an argument. */
type Expected = { readonly type: "text" | "number"; readonly required: boolean };

/** @param schema of the tool whose arguments the returned function normalizes. */
function createNormalizer(schema: z.ZodObject): (value: unknown) => NormalizedArguments {
  const expected = expectedOf(schema);
  return (value) => {
    const given = readArguments(value);
    const kept: [name: string, value: unknown][] = [];
    const dropped: HostArgument[] = [];
    const placeholders: string[] = [];
    for (const name of Object.keys(given)) {
      const kind = expected.get(name);
      if (kind === undefined) {
        if (isHostArgument(name)) dropped.push(name);
        else kept.push([name, given[name]]);
        continue;
      }
      const normal = normalizeValue(name, given[name], kind);
      if (normal === undefined) continue;
      if (typeof normal === "string" && isUnfilledArgument(normal)) placeholders.push(name);
      kept.push([name, normal]);
    }
    return { args: Object.fromEntries(kept), dropped, placeholders };
  };
}

function expectedOf(schema: z.ZodObject): ReadonlyMap<string, Expected> {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: "input" });
  const entries = Object.entries(properties).map(([name, property]): [string, Expected] => {
    const { type } = Object(property) as { type?: string };
    const isNumber = type === "integer" || type === "number";
    return [name, { type: isNumber ? "number" : "text", required: required.includes(name) }];
  });
  return new Map(entries);
}

/** Arguments whose placeholders are dropped instead of refused, since the call does the same without them. */
const dispensable = new Set(["notes"]);
/** Arguments in which the text `null` is refused instead of absent: without its key a repeated call could book twice. */
const keyArguments = new Set(["idempotency_key"]);

/** @returns undefined where the value stands for none. */
function normalizeValue(name: string, value: unknown, { type, required }: Expected): unknown {
  if (value === null) return undefined;
  if (typeof value === "string") {
    const text = value.trim();
    if (!required && isAbsent(name, text)) return undefined;
    if (dispensable.has(name) && (isUnfilledArgument(text) || /^none$/i.test(text))) return undefined;
    return type === "number" && wholeNumber.test(text) ? Number(text) : text;
  }
  return type === "text" && Number.isSafeInteger(value) ? String(value) : value;
}

function isAbsent(name: string, text: string): boolean {
  if (!hasVisibleText(toVisibleText(text))) return true;
  return !keyArguments.has(name) && /^(?:null|undefined)$/i.test(text);
}

/** `7`, `45.0`: texts that can be read as one number only. */
const wholeNumber = /^[+-]?\d{1,9}(?:\.0*)?$/;
