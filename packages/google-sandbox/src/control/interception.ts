import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { googleErrorForStatus } from "../calendar/google-error.ts";
import { refusalBody } from "../calendar/refusals.ts";
import type { Grants } from "../oauth/grants.ts";
import { oauthErrorForStatus } from "../oauth/oauth-error.ts";
import { type Breakage, isBroken, sendBroken } from "./broken-answer.ts";
import type { CallCount } from "./call-count.ts";
import type { Fault, Faults } from "./faults.ts";

export type InterceptionDependencies = {
  calls: CallCount;
  faults: Faults;
  grants: Pick<Grants, "findAccessToken">;
};

/** Where the control endpoints live: neither counted nor faulted. */
export const CONTROL_PREFIX = "/_sandbox/";

/** Counts every call and lets faults at it before a route sees it. */
export function interceptCalls(
  app: FastifyInstance,
  { calls, faults, grants }: InterceptionDependencies,
): void {
  const answersToBreak = new WeakMap<FastifyRequest, Breakage>();

  app.addHook("onRequest", async (request, reply) => {
    const path = request.url.split("?", 1)[0] ?? request.url;
    if (path.startsWith(CONTROL_PREFIX)) return;
    calls.count(request.method, path);
    const fault = faults.take({ method: request.method, path, account: accountOf(request, grants) });
    if (!fault) return;
    if (fault.latency_ms) await sleep(fault.latency_ms);
    if (fault.drop === true) return hangUp(reply);
    if (isBroken(fault)) answersToBreak.set(request, fault);
    reply.headers(fault.headers ?? {});
    if (fault.status !== undefined || fault.body !== undefined || fault.reason !== undefined)
      return answerFault(fault, path, reply);
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

function accountOf(request: FastifyRequest, grants: InterceptionDependencies["grants"]): string | undefined {
  const [, token] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "") ?? [];
  return token === undefined ? undefined : grants.findAccessToken(token)?.email;
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
