import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { googleErrorForStatus } from "../calendar/google-error.ts";
import { oauthErrorForStatus } from "../oauth/oauth-error.ts";
import { type Breakage, isBroken, sendBroken } from "./broken-answer.ts";
import type { CallCount } from "./call-count.ts";
import { fillEcho } from "./echo.ts";
import type { Fault, Faults } from "./faults.ts";

export type InterceptionDependencies = { calls: CallCount; faults: Faults };

/** Where the control endpoints live: neither counted nor faulted. */
export const CONTROL_PREFIX = "/_sandbox/";

/** Counts every call and lets faults at it before a route sees it. */
export function interceptCalls(app: FastifyInstance, { calls, faults }: InterceptionDependencies): void {
  const answersToBreak = new WeakMap<FastifyRequest, Breakage>();
  const answersToFill = new WeakMap<FastifyRequest, Fault>();

  app.addHook("onRequest", async (request, reply) => {
    const path = request.url.split("?", 1)[0] ?? request.url;
    if (path.startsWith(CONTROL_PREFIX)) return;
    calls.count(request.method, path);
    const fault = faults.take(request.method, path);
    if (!fault) return;
    if (fault.latency_ms) await sleep(fault.latency_ms);
    if (fault.drop === true) return hangUp(reply);
    if (isBroken(fault)) answersToBreak.set(request, fault);
    if (fault.echo) answersToFill.set(request, fault);
    else return applyFault(fault, path, reply);
  });

  // What is quoted has to be read first.
  app.addHook("preHandler", async (request, reply) => {
    const fault = answersToFill.get(request);
    if (fault === undefined) return undefined;
    const path = request.url.split("?", 1)[0] ?? request.url;
    return applyFault({ ...fault, ...fillEcho(fault, request) }, path, reply);
  });

  app.addHook("onSend", (request, reply, payload, done) => {
    const breakage = answersToBreak.get(request);
    // Without `done` the answer goes no further.
    if (breakage) void sendBroken(reply, payload, breakage);
    else done(null, payload);
  });
}

function hangUp(reply: FastifyReply): FastifyReply {
  reply.hijack();
  reply.raw.destroy();
  return reply;
}

/** @returns undefined where the call goes on. */
function applyFault(fault: Fault, path: string, reply: FastifyReply): FastifyReply | undefined {
  reply.headers(fault.headers ?? {});
  if (fault.status_text !== undefined) reply.raw.statusMessage = fault.status_text;
  if (fault.status === undefined && fault.body === undefined) return undefined;
  return answerFault(fault, path, reply);
}

function answerFault({ status = 200, body }: Fault, path: string, reply: FastifyReply): FastifyReply {
  reply.code(status);
  if (typeof body === "string") {
    if (!reply.hasHeader("content-type")) reply.type("text/html; charset=utf-8");
    return reply.send(body);
  }
  return reply.send(body ?? errorFor(status, path));
}

function errorFor(status: number, path: string): object {
  return path === "/token" || path === "/revoke" ? oauthErrorForStatus(status) : googleErrorForStatus(status);
}
