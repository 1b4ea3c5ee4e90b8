import { hasVisibleText, toVisibleText } from "@cita/calendar-api";
import { z } from "zod";
import { type HostArgument, isHostArgument } from "./host-arguments.ts";

/**
 * Makes arguments whole before any tool sees them: what models and their hosts send that stands for nothing, or
 * for the same in another type. Whether the values are right is for the tool's schema.
 */

export type Arguments = Readonly<Record<string, unknown>>;

export type NormalizedArguments = {
  readonly args: Arguments;
  /** Of the host's, once for each. */
  readonly dropped: readonly HostArgument[];
  /** Those that are to be filled in, instead of a value. */
  readonly placeholders: readonly string[];
};

/** What a schema says of an argument. */
type Expected = { readonly type: "text" | "number"; readonly required: boolean };

/** The name under which arguments that are no object are handed on, for the tool to refuse. */
export const unreadableArguments = "arguments";

/**
 * `arguments` as hosts send them: some as JSON text, and as something else where a model gave none.
 * @returns what isn't an object comes under `unreadableArguments`.
 */
export function readArguments(value: unknown): Arguments {
  if (isObject(value)) return value;
  const read = typeof value === "string" ? parse(value) : value;
  if (isObject(read)) return read;
  return isNothing(read) ? {} : { [unreadableArguments]: read };
}

/** @returns for the arguments of the tool with this schema. */
export function createNormalizer(schema: z.ZodObject): (value: unknown) => NormalizedArguments {
  const expected = expectedOf(schema);
  return (value) => {
    const given = readArguments(value);
    const whole: [name: string, value: unknown][] = [];
    const dropped: HostArgument[] = [];
    const placeholders: string[] = [];
    for (const name of Object.keys(given)) {
      const kind = expected.get(name);
      if (kind === undefined) {
        if (isHostArgument(name)) dropped.push(name);
        else whole.push([name, given[name]]);
        continue;
      }
      const made = makeWhole(name, given[name], kind);
      if (made === undefined) continue;
      if (isPlaceholder(made)) placeholders.push(name);
      whole.push([name, made]);
    }
    return { args: Object.fromEntries(whole), dropped, placeholders };
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

/** An argument whose value a person or a model makes up, for nobody else to read: without one the call is as good. */
const dispensable = new Set(["notes"]);
/** `null` in a text would be one key for everybody. */
const keys = new Set(["idempotency_key"]);

/** @returns undefined: it is absent. */
function makeWhole(name: string, value: unknown, { type, required }: Expected): unknown {
  if (value === null) return undefined;
  if (typeof value === "string") {
    const text = value.trim();
    if (
      !required &&
      (!hasVisibleText(toVisibleText(text)) || (!keys.has(name) && /^(?:null|undefined)$/i.test(text)))
    )
      return undefined;
    if (dispensable.has(name) && (isPlaceholder(text) || /^none$/i.test(text))) return undefined;
    return type === "number" && wholeNumber.test(text) ? Number(text) : text;
  }
  return type === "text" && Number.isSafeInteger(value) ? String(value) : value;
}

/** `7`, `45.0`: nothing that a person might have meant otherwise. */
const wholeNumber = /^[+-]?\d{1,9}(?:\.0*)?$/;

/** The whole text is what a template or a missing value leaves. Null is a surname, and so may be NULL. */
const placeholder =
  /^(?:\{\{[\s\S]*\}\}|\$?\{[\w .-]*\}|<[^<>]*>|\[[^[\]]*\]|%\w+%|#?n\/a|#?N\/A|null|undefined|none)$/;

function isPlaceholder(value: unknown): boolean {
  return typeof value === "string" && placeholder.test(value);
}

function isObject(value: unknown): value is Arguments {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNothing(value: unknown): boolean {
  if (typeof value === "string") return /^\s*(?:null|undefined)?\s*$/.test(value);
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

/** JSON text, also one that was made text twice. @returns the text where it is none. */
function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" && value !== text ? parse(value) : value;
  } catch {
    return text;
  }
}
