import { readArguments } from "../tools/normalize-arguments.ts";

/**
 * A message as the SDK takes it: it refuses a tool call whose `arguments` are no object by reciting its schema,
 * which a model can do nothing with. What they are is judged by the tool, in words.
 * @returns the message itself where nothing is to be read.
 */
export function toReadableMessage(message: unknown): unknown {
  if (!isObject(message) || message.method !== "tools/call" || !isObject(message.params)) return message;
  const { params } = message;
  if (!("arguments" in params) || isObject(params.arguments)) return message;
  return { ...message, params: { ...params, arguments: readArguments(params.arguments) } };
}

/**
 * Why something that came instead of a JSON-RPC request can't be answered.
 * @returns undefined where nothing is wrong with its members.
 */
export function explainMalformed(message: unknown): string | undefined {
  if (!isObject(message)) return "A JSON-RPC message is an object.";
  if (message.jsonrpc !== "2.0") return 'A JSON-RPC message has "jsonrpc": "2.0".';
  if ("method" in message && typeof message.method !== "string") return "method must be a text.";
  if ("params" in message && !isObject(message.params))
    return "params must be an object; leave it out where there is nothing to say.";
  const { id } = message;
  if (id !== undefined && typeof id !== "string" && !Number.isSafeInteger(id))
    return "id must be a text or a whole number.";
  return undefined;
}

/** For the refusal of a message that is none. @returns null where it has no id that could be answered under. */
export function idOf(message: unknown): string | number | null {
  const { id } = Object(message) as { id?: unknown };
  return typeof id === "string" || typeof id === "number" ? id : null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
