import type { FastifyReply, FastifyRequest } from "fastify";

/** A header as text; undefined when it is missing. */
export function headerOf({ headers }: FastifyRequest, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}

/**
 * Whether a client accepts JSON. MCP requires both types in `Accept`, but plain scripts send no `Accept`, which means any
 * type (RFC 9110, section 12.5.1).
 */
export function acceptsJson(request: FastifyRequest): boolean {
  const header = headerOf(request, "accept") ?? "";
  return header.trim() === "" || acceptsAny(header, jsonRanges);
}

/** Whether a client accepts event streams by name or as `text/*`. A client that accepts any type gets JSON. */
export function acceptsEvents(request: FastifyRequest): boolean {
  return acceptsAny(headerOf(request, "accept") ?? "", eventRanges);
}

/** Media ranges, most specific first. The first one that a client names decides (RFC 9110, section 12.5.1). */
const jsonRanges = ["application/json", "application/*", "*/*"];
const eventRanges = ["text/event-stream", "text/*"];

function acceptsAny(header: string, ranges: readonly string[]): boolean {
  const named = header
    .toLowerCase()
    .split(",")
    .map((range) => range.split(";").map((part) => part.trim()));
  const deciding = ranges.map((range) => named.find(([type]) => type === range)).find(Boolean);
  return deciding !== undefined && !deciding.some((parameter) => /^q\s*=\s*0(?:\.0*)?$/.test(parameter));
}

/** Sends JSON-RPC messages as an event stream, with headers that keep caches and proxies from changing it. */
export function sendEvents(reply: FastifyReply, messages: readonly object[]): FastifyReply {
  return reply
    .type("text/event-stream")
    .header("cache-control", "no-cache, no-transform")
    .header("x-accel-buffering", "no")
    .send(messages.map((message) => `event: message\ndata: ${JSON.stringify(message)}\n\n`).join(""));
}
