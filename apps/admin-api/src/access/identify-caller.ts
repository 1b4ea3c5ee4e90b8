import { createKeyCheck } from "@cita/http";
import { runWithActor, runWithRequestId } from "@cita/process";
import cookie from "@fastify/cookie";
import type { FastifyRequest } from "fastify";
import fastifyPlugin from "fastify-plugin";
import type { SessionCaller, SessionStore } from "../people/session-store.ts";
import { actorOf, type Caller } from "./caller.ts";
import type { SessionCookies } from "./session-cookies.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** null: nobody that we know. */
    caller: Caller | null;
    /** Whether the caller is known by a cookie, which browsers send along with what other sites make them send. */
    isByCookie: boolean;
    /** What tokens against forms of other sites are made of; null: this browser has no cookie of ours. */
    cookieSecret: string | null;
  }
}

export type IdentifyCallerOptions = {
  readonly adminKey: string;
  readonly sessions: Pick<SessionStore, "findByToken">;
  readonly cookies: SessionCookies;
  /** The caller of an access token. */
  readonly verifyAccessToken: (token: string) => Promise<SessionCaller | undefined>;
};

/**
 * Finds out who is calling: by `Authorization: Bearer` with ADMIN_API_KEY or an access token, else by the session's cookie.
 * A wrong bearer is nobody, whatever the cookie says. What is done for the request is done in the caller's name.
 */
export const identifyCaller = fastifyPlugin<IdentifyCallerOptions>(
  async (app, { adminKey, sessions, cookies, verifyAccessToken }) => {
    const isAdminKey = await createKeyCheck(app, adminKey);
    await app.register(cookie);
    app.decorateRequest("caller", null);
    app.decorateRequest("isByCookie", false);
    app.decorateRequest("cookieSecret", null);

    async function findByCookie(request: FastifyRequest): Promise<Caller | null> {
      const token = cookies.sessionTokenOf(request);
      const caller = token === undefined ? undefined : await sessions.findByToken(token);
      request.isByCookie = caller !== undefined;
      request.cookieSecret = (caller && token) ?? cookies.visitorSecretOf(request) ?? null;
      return caller ?? null;
    }

    app.addHook("onRequest", async (request, reply) => {
      // Libraries' own routes know no callers.
      if (request.is404 || request.routeOptions.config.access === undefined) return;
      const { authorization } = request.headers;
      if (authorization === undefined) request.caller = await findByCookie(request);
      else if (await isAdminKey(request, reply)) request.caller = { kind: "program" };
      else {
        const [, token] = /^Bearer (.+)$/.exec(authorization) ?? [];
        request.caller = (token && (await verifyAccessToken(token))) || null;
      }
    });
    app.addHook("preHandler", (request, _reply, done) => {
      const { id, caller } = request;
      runWithRequestId(id, () => (caller === null ? done() : runWithActor(actorOf(caller), done)));
    });
  },
  { name: "identify-caller" },
);

/** The caller of a route that is guarded. */
export function callerOf({ caller }: FastifyRequest): Caller {
  if (caller === null) throw new TypeError("A route that needs a caller isn't guarded.");
  return caller;
}

/** The same of a route for one's own account, which only users have. */
export function userOf(request: FastifyRequest): Extract<Caller, { kind: "user" }> {
  const caller = callerOf(request);
  if (caller.kind !== "user") throw new TypeError("A route for users' own accounts isn't guarded.");
  return caller;
}
