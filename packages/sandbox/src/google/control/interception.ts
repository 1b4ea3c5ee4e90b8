import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { findBearerToken } from "../calendar/access.ts";
import { googleErrorForStatus } from "../calendar/google-error.ts";
import { refusalBody } from "../calendar/refusals.ts";
import type { Grants } from "../oauth/grants.ts";
import { oauthErrorForStatus } from "../oauth/oauth-error.ts";
import { type RequestParams, single } from "../request-params.ts";
import { type Breakage, isBroken, sendBroken } from "./broken-answer.ts";
import type { CallCount } from "./call-count.ts";
import { fillEcho } from "./echo.ts";
import type { Fault, Faults } from "./faults.ts";

export type InterceptionDependencies = {
  calls: CallCount;
  faults: Faults;
  grants: Grants;
  /** Filled with the claims that a fault puts into the id_token of an answer. */
  wrongClaims: WrongClaims;
};

/** By the request that is answered with them. */
export type WrongClaims = WeakMap<FastifyRequest, Record<string, unknown>>;

/** Where the control endpoints live: neither counted nor faulted. */
export const CONTROL_PREFIX = "/_sandbox/";

/** Counts every call and lets faults at it before a route sees it. */
export function interceptCalls(
  app: FastifyInstance,
  { calls, faults, grants, wrongClaims }: InterceptionDependencies,
): void {
  const answersToBreak = new WeakMap<FastifyRequest, Breakage>();
  const refreshes = new WeakSet<FastifyRequest>();
  const answersToFill = new WeakMap<FastifyRequest, Fault>();

  async function meetFault(request: FastifyRequest, reply: FastifyReply) {
    const path = pathOf(request);
    const token = tokenOf(request);
    const email = token === undefined ? undefined : grants.ownerOf(token);
    const fault = faults.take({ method: request.method, path, query: queryOf(request), email });
    if (!fault) return undefined;
    if (fault.latency_ms) await sleep(fault.latency_ms);
    if (fault.drop === true) return hangUp(reply);
    if (fault.id_token !== undefined) wrongClaims.set(request, fault.id_token);
    if (isBroken(fault)) answersToBreak.set(request, fault);
    if (!fault.echo) return applyFault(fault, path, reply);
    answersToFill.set(request, fault);
    return undefined;
  }

  /** Whose refresh it is, is known when its body has been read. */
  const waitsForBody = (request: FastifyRequest) => pathOf(request) === "/token" && faults.areByAccount();

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
    return applyFault({ ...fault, ...fillEcho(fault, request) }, pathOf(request), reply);
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

function tokenOf(request: FastifyRequest): string | undefined {
  return findBearerToken(request) ?? single((request.body ?? {}) as RequestParams, "refresh_token");
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
  if (fault.status === undefined && fault.body === undefined && fault.reason === undefined) return undefined;
  return answerFault(fault, path, reply);
}

function answerFault(fault: Fault, path: string, reply: FastifyReply): FastifyReply {
  const { reason, status = reason === undefined ? 200 : 403 } = fault;
  const body = fault.body ?? (reason && refusalBody(reason));
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
