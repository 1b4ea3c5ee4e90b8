import type { Readable } from "node:stream";
import type { FastifyReply } from "fastify";

/** Answers with a stream of events that neither a cache nor a proxy holds back. */
export function sendEvents(reply: FastifyReply, events: Readable | string): FastifyReply {
  return reply
    .type("text/event-stream")
    .header("cache-control", "no-cache, no-transform")
    .header("x-accel-buffering", "no")
    .send(events);
}
