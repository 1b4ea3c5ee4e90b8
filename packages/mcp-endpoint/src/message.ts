import {
  isInitializeRequest,
  isJSONRPCRequest,
  type JSONRPCRequest,
  PROTOCOL_VERSION_META_KEY,
} from "@modelcontextprotocol/server";
import { rpcError } from "./rpc-error.ts";

/** An object of JSON: neither null nor an array. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @returns why a value isn't a valid JSON-RPC message; undefined where it is one. */
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

/** The id for the error response to a message; null where the message has none. */
export function idOf(message: unknown): string | number | null {
  const { id } = Object(message) as { id?: unknown };
  return typeof id === "string" || typeof id === "number" ? id : null;
}

/**
 * The error response to an `initialize` with wrong parameters, which the SDK would answer as an internal error with its
 * schema.
 * @returns undefined for any other message. (Protocol version 2026-07-28 has no `initialize`.)
 */
export function refuseMalformedInitialize(message: unknown) {
  if (!isJsonObject(message) || message.method !== "initialize" || !isJSONRPCRequest(message))
    return undefined;
  if (isInitializeRequest(message) || isEnveloped(message)) return undefined;
  const needed = "initialize needs protocolVersion (text), capabilities and clientInfo.";
  return rpcError(-32_602, needed, message.id);
}

function isEnveloped({ params }: JSONRPCRequest): boolean {
  return params?._meta?.[PROTOCOL_VERSION_META_KEY] !== undefined;
}

/**
 * Converts the `arguments` of a tool call to an object. The SDK would refuse anything else with its own schema, which
 * doesn't help a model; the tool refuses it in words.
 * @returns the same message where nothing was converted.
 */
export function toReadableMessage(message: unknown): unknown {
  if (!isJsonObject(message) || message.method !== "tools/call" || !isJsonObject(message.params))
    return message;
  const { params } = message;
  if (!("arguments" in params) || isJsonObject(params.arguments)) return message;
  return { ...message, params: { ...params, arguments: readArguments(params.arguments) } };
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
