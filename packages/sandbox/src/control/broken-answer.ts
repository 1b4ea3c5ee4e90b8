import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyReply } from "fastify";
import type { Fault } from "./faults.ts";

/** How an answer that was made goes wrong on its way. */
export type Breakage = Pick<Fault, "drop" | "drip_ms" | "content_length">;

const MOST_DRIPS = 10;

export function isBroken({ drop, drip_ms, content_length }: Breakage): boolean {
  return drop === "answer" || drop === "body" || drip_ms !== undefined || content_length !== undefined;
}

/**
 * Sends an answer as it is broken, past Fastify, which would mend it. The connection ends with it, and isn't
 * said to: clients take what they have for the whole of an answer that was said to end so.
 */
export async function sendBroken(reply: FastifyReply, payload: unknown, breakage: Breakage): Promise<void> {
  const { raw } = reply.hijack();
  if (breakage.drop === "answer") return void raw.destroy();
  const body = Buffer.isBuffer(payload) ? payload : Buffer.from(typeof payload === "string" ? payload : "");
  const length = breakage.content_length ?? body.length;
  raw.statusCode = reply.statusCode;
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value) raw.setHeader(name, value);
  raw.setHeader("content-length", length);
  raw.flushHeaders();
  if (breakage.drop === "body") {
    raw.write(body.subarray(0, body.length / 2), () => raw.destroy());
    return;
  }
  await drip(reply, body, breakage.drip_ms ?? 0);
  raw.end(() => raw.destroy());
}

/** In up to ten pieces, the last one at the end of the time; all at once where there is none. */
async function drip({ raw }: FastifyReply, body: Buffer, overMs: number): Promise<void> {
  const pieces = overMs === 0 ? 1 : Math.min(MOST_DRIPS, body.length);
  for (let piece = 0; piece < pieces && !raw.destroyed; piece++) {
    if (overMs > 0) await sleep(overMs / pieces);
    raw.write(body.subarray((piece * body.length) / pieces, ((piece + 1) * body.length) / pieces));
  }
}
