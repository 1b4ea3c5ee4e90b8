import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import type { CallCount } from "../../control/call-count.ts";
import { type Faults, faultSchema } from "../../control/faults.ts";
import { type HostCalls, interceptCalls } from "../../control/interception.ts";
import { type RequestParams, single } from "../../request-params.ts";
import { findBearerToken } from "../calendar/access.ts";
import { googleErrorForStatus } from "../calendar/google-error.ts";
import { refusalBody, refusalReasons } from "../calendar/refusals.ts";
import type { Grants } from "../oauth/grants.ts";
import { oauthErrorForStatus } from "../oauth/oauth-error.ts";

/** A fault on demand, also one of those that only Google has. */
export const googleFaultSchema = faultSchema.extend({
  /** Answers 403 as Google does for this reason. */
  reason: z.enum(refusalReasons).optional(),
  /** Claims of the id_token that `/token` answers with, in place of the right ones; null leaves one out. */
  id_token: z.record(z.string(), z.unknown()).optional(),
});

export type GoogleFault = z.infer<typeof googleFaultSchema>;

/** By the request that is answered with them. */
export type WrongClaims = WeakMap<FastifyRequest, Record<string, unknown>>;

type GoogleInterception = {
  calls: CallCount;
  faults: Faults<GoogleFault>;
  grants: Grants;
  /** Filled with the claims that a fault puts into the id_token of an answer. */
  wrongClaims: WrongClaims;
  /** The other providers. */
  hosts: HostCalls;
};

/** Counts every call to the local Google and to the other providers, and lets faults at it. */
export function interceptGoogleCalls(
  app: FastifyInstance,
  { calls, faults, grants, wrongClaims, hosts }: GoogleInterception,
): void {
  interceptCalls(app, {
    calls,
    faults,
    emailOf(request) {
      if (hosts.covers(request.url)) return hosts.accountOf(request);
      const token = tokenOf(request);
      return token === undefined ? undefined : grants.ownerOf(token);
    },
    namesOwnerInBody: (path) => path === "/token" || hosts.covers(path),
    bodyFor(status, path) {
      if (hosts.covers(path)) return hosts.bodyFor(status, path);
      return path === "/token" || path === "/revoke"
        ? oauthErrorForStatus(status)
        : googleErrorForStatus(status);
    },
    meet({ reason, id_token, ...fault }, request) {
      if (id_token !== undefined) wrongClaims.set(request, id_token);
      if (reason === undefined) return fault;
      return { ...fault, status: fault.status ?? 403, body: fault.body ?? refusalBody(reason) };
    },
  });
}

function tokenOf(request: FastifyRequest): string | undefined {
  return findBearerToken(request) ?? single((request.body ?? {}) as RequestParams, "refresh_token");
}
