import { isJsonObject, type JsonObject } from "./json-object.ts";

/** The name under which arguments that aren't an object are passed on, so that the tool refuses them. */
export const unreadableArguments = "arguments";

/**
 * Reads `arguments`, which some hosts send as JSON text, and as text or an empty list where the model gave none.
 * @returns the object; anything else as its member `unreadableArguments`.
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
