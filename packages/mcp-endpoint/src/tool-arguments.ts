/**
 * Arguments of tool calls as models, templates and hosts write them: as JSON text, with placeholders that nobody filled
 * in, with members of the host's own.
 */

/** An object of JSON: neither null nor an array. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The member in which arguments that aren't an object are passed to the tool, which refuses them. */
export const unreadableArguments = "arguments";

/**
 * Parses `arguments`. Some hosts send them as JSON text, and as a text or an empty list where the model gave none.
 * @returns an object; any other value is its member `unreadableArguments`.
 */
export function readArguments(value: unknown): JsonObject {
  if (isJsonObject(value)) return value;
  const read = typeof value === "string" ? parse(value) : value;
  if (isJsonObject(read)) return read;
  return isNothing(read) ? {} : { [unreadableArguments]: read };
}

function isNothing(value: unknown): boolean {
  if (typeof value === "string") return /^\s*(?:null|undefined)?\s*$/.test(value);
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

/** Parses JSON text, also text that was encoded twice. @returns the text itself where it isn't JSON. */
function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" && value !== text ? parse(value) : value;
  } catch {
    return text;
  }
}

/**
 * Members that hosts add to a model's arguments. The model can't remove them, and no tool here uses them. Don't add a name
 * that could have a meaning (`timezone`, `service_id`, `id`): dropping it could book another service or time.
 */
export const hostArguments = [
  // n8n, MCP Client Tool (n8n-io/n8n 21500, 21716, 37308)
  "toolCallId",
  "sessionId",
  "action",
  "chatInput",
  "tool",
  // The same in snake case
  "tool_call_id",
  "session_id",
  // Gemini CLI (google-gemini/gemini-cli 27403)
  "wait_for_previous",
  // Cline (cline/cline 9684, 10426)
  "task_progress",
] as const;

export type HostArgument = (typeof hostArguments)[number];

const names: ReadonlySet<string> = new Set(hostArguments);

export function isHostArgument(name: string): name is HostArgument {
  return names.has(name);
}

/**
 * What templates and programs leave in place of a missing value, in arguments and in `X-Attendee-Ref`. A new form belongs
 * in both patterns. An argument may be a person's own words, so its pattern matches only what can't be anything else. For
 * a reference the pattern is wider, since all attendees with the same leftover would count as one.
 */

/** A whole text that is a template or a missing value. Null and NULL don't match: Null is a surname. */
const unfilledArgument =
  /^(?:\{\{[\s\S]*\}\}|\$?\{[\w .-]*\}|<[^<>]*>|\[[^[\]]*\]|%\w+%|#?n\/a|#?N\/A|null|undefined|none)$/;

/**
 * The same forms in any case, also as part of the text and after a channel's prefix: `tg:` may be left of `tg:{{id}}`. A
 * UUID in braces doesn't match.
 */
const unfilledReference =
  /^(?:<.*>|\[.*\]|\{(?![\da-f-]+\}$).*\}|.*(?:\{\{|\}\}|\$\{|\[object).*|(?:.*[:/|=])?(?:null|undefined|none|nil|nan|n\/a|true|false|[-_.*?]*))$/i;

/** Whether an argument is what a template leaves for a missing value. */
export function isUnfilledArgument(text: string): boolean {
  return unfilledArgument.test(text);
}

/** The same for a reference. @param text visible ASCII characters without spaces. */
export function isUnfilledReference(text: string): boolean {
  return unfilledReference.test(text);
}
