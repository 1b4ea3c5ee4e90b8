/** JSON-RPC messages: reading them, and the error responses to them. */

import {
  isInitializeRequest,
  isJSONRPCRequest,
  type JSONRPCRequest,
  PROTOCOL_VERSION_META_KEY,
} from "@modelcontextprotocol/server";
import { isJsonObject, readArguments } from "./tool-arguments.ts";

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

/** The name of the tool that a message calls; undefined where it calls none. */
export function toolNameOf(message: unknown): unknown {
  if (!isJsonObject(message) || message.method !== "tools/call" || !isJsonObject(message.params))
    return undefined;
  return message.params.name;
}

/** Whether the message's result has the instructions. */
export function needsInstructions(message: unknown): boolean {
  return isJsonObject(message) && (message.method === "initialize" || message.method === "server/discover");
}

/**
 * A JSON-RPC error response.
 * @param id of the request; null where it has none.
 * @param data a code and its details, for programs.
 */
export function rpcError(
  code: number,
  message: string,
  id: string | number | null = null,
  data?: Readonly<Record<string, unknown>>,
) {
  return { jsonrpc: "2.0", id, error: { code, message, ...(data && { data }) } };
}

const maxMessageLength = 500;

/** Truncates an error response's message: the SDK's lists every problem of the parameters, maybe thousands. */
export function boundError<Answer extends object>(response: Answer): Answer {
  if (!("error" in response) || !hasMessage(response.error)) return response;
  if (response.error.message.length <= maxMessageLength) return response;
  const message = `${response.error.message.slice(0, maxMessageLength).toWellFormed()}…`;
  return { ...response, error: { ...response.error, message } };
}

function hasMessage(error: unknown): error is { readonly message: string } {
  return (
    typeof error === "object" && error !== null && "message" in error && typeof error.message === "string"
  );
}
