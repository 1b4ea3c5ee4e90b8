import { isJsonObject } from "./json-object.ts";
import { readArguments } from "./read-arguments.ts";

/**
 * Reads the `arguments` of a tool call into an object. The SDK answers anything else with its own schema, which says
 * nothing to a model; the tool's refusal does.
 * @returns the same message where nothing had to be read.
 */
export function toReadableMessage(message: unknown): unknown {
  if (!isJsonObject(message) || message.method !== "tools/call" || !isJsonObject(message.params))
    return message;
  const { params } = message;
  if (!("arguments" in params) || isJsonObject(params.arguments)) return message;
  return { ...message, params: { ...params, arguments: readArguments(params.arguments) } };
}

/**
 * Why something isn't a JSON-RPC message that is answered here.
 * @returns undefined where nothing is wrong with its members.
 */
export function explainMalformed(message: unknown): string | undefined {
  if (Array.isArray(message)) return "Batches are not supported.";
  if (!isJsonObject(message)) return "A JSON-RPC message is an object.";
  if (message.jsonrpc !== "2.0") return 'A JSON-RPC message has "jsonrpc": "2.0".';
  if ("method" in message && typeof message.method !== "string") return "method must be a text.";
  if ("params" in message && !isJsonObject(message.params))
    return "params must be an object; leave it out where there is nothing to say.";
  const { id } = message;
  if (id !== undefined && typeof id !== "string" && !Number.isSafeInteger(id))
    return "id must be a text or a whole number.";
  return undefined;
}

/** The id under which a refusal is sent. @returns null where the message has none. */
export function idOf(message: unknown): string | number | null {
  const { id } = Object(message) as { id?: unknown };
  return typeof id === "string" || typeof id === "number" ? id : null;
}
