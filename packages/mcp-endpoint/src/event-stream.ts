import type { Readable } from "node:stream";
import type { FastifyReply } from "fastify";

/** Answers with an event stream, under headers that keep caches and proxies from buffering it. */
export function sendEvents(reply: FastifyReply, events: Readable | string): FastifyReply {
  return reply
    .type("text/event-stream")
    .header("cache-control", "no-cache, no-transform")
    .header("x-accel-buffering", "no")
    .send(events);
}

/** One event of a stream that carries a JSON-RPC message. */
export function toEvent(message: object): string {
  return `event: message\ndata: ${JSON.stringify(message)}\n\n`;
}
