import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type Breakage, isBroken, sendBroken } from "./broken-answer.ts";
import type { CallCount } from "./call-count.ts";
import { fillEcho } from "./echo.ts";
import type { Fault, Faults } from "./faults.ts";

export type Interception<Met extends Fault> = {
  calls: CallCount;
  faults: Faults<Met>;
  /** Whose call it is, where that is known. */
  emailOf(request: FastifyRequest): string | undefined;
  /** Whether a call to this path says only in its body whose it is. */
  namesOwnerInBody(path: string): boolean;
  /** What the provider answers with this status where a fault has no body. */
  bodyFor(status: number, path: string): object;
  /** Called with each fault that a call meets. @returns the fault as it is carried out. */
  meet?(fault: Met, request: FastifyRequest): Fault;
};

/** What is known of calls to providers that are reached under their hosts. */
export type HostCalls = {
  /** @param path with its query or without */
  covers(path: string): boolean;
  /** Whose call it is, where that is known; once the body is read, by that too. */
  accountOf(request: FastifyRequest): string | undefined;
  bodyFor(status: number, path: string): object;
};

/** Where the control endpoints live: neither counted nor faulted. */
const CONTROL_PREFIX = "/_sandbox/";

/** Counts every call and lets faults at it before a route sees it. */
export function interceptCalls<Met extends Fault>(
  app: FastifyInstance,
  { calls, faults, emailOf, namesOwnerInBody, bodyFor, meet }: Interception<Met>,
): void {
  const answersToBreak = new WeakMap<FastifyRequest, Breakage>();
  const refreshes = new WeakSet<FastifyRequest>();
  const answersToFill = new WeakMap<FastifyRequest, Fault>();

  async function meetFault(request: FastifyRequest, reply: FastifyReply) {
    const path = pathOf(request);
    const call = { method: request.method, path, query: queryOf(request), email: emailOf(request) };
    const met = faults.take(call);
    if (!met) return undefined;
    const fault: Fault = meet?.(met, request) ?? met;
    if (fault.latency_ms) await sleep(fault.latency_ms);
    if (fault.drop === true) return hangUp(reply);
    if (isBroken(fault)) answersToBreak.set(request, fault);
    if (!fault.echo) return applyFault(fault, reply, (status) => bodyFor(status, path));
    answersToFill.set(request, fault);
    return undefined;
  }

  /** Whose refresh it is, is known when its body has been read. */
  const waitsForBody = (request: FastifyRequest) =>
    namesOwnerInBody(pathOf(request)) && faults.areByAccount();

  app.addHook("onRequest", async (request, reply) => {
    const path = pathOf(request);
    if (path.startsWith(CONTROL_PREFIX)) return undefined;
    calls.count(request.method, path);
    if (!waitsForBody(request)) return meetFault(request, reply);
    refreshes.add(request);
    return undefined;
  });

  app.addHook("preHandler", async (request, reply) =>
    refreshes.delete(request) ? meetFault(request, reply) : undefined,
  );

  // What is quoted has to be read first.
  app.addHook("preHandler", async (request, reply) => {
    const fault = answersToFill.get(request);
    if (fault === undefined) return undefined;
    return applyFault({ ...fault, ...fillEcho(fault, request) }, reply, (status) =>
      bodyFor(status, pathOf(request)),
    );
  });

  app.addHook("onSend", (request, reply, payload, done) => {
    const breakage = answersToBreak.get(request);
    // Without `done` the answer goes no further.
    if (breakage) void sendBroken(reply, payload, breakage);
    else done(null, payload);
  });
}

function pathOf({ url }: FastifyRequest): string {
  return url.split("?", 1)[0] ?? url;
}

function queryOf({ url }: FastifyRequest): URLSearchParams {
  return new URLSearchParams(url.split("?").slice(1).join("?"));
}

function hangUp(reply: FastifyReply): FastifyReply {
  reply.hijack();
  reply.raw.destroy();
  return reply;
}

/** @returns undefined where the call goes on. */
function applyFault(
  fault: Fault,
  reply: FastifyReply,
  bodyFor: (status: number) => object,
): FastifyReply | undefined {
  const { status = 200, body, headers = {}, status_text } = fault;
  reply.headers(headers);
  if (status_text !== undefined) reply.raw.statusMessage = status_text;
  if (fault.status === undefined && body === undefined) return undefined;
  reply.code(status);
  if (typeof body === "string" && !reply.hasHeader("content-type")) reply.type("text/html; charset=utf-8");
  return reply.send(body ?? bodyFor(status));
}
