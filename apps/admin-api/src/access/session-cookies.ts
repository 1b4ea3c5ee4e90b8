import { sessionCookieName } from "@cita/http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { makeSecretToken } from "../people/secret-tokens.ts";
import { sessionMs } from "../people/session-store.ts";

/**
 * A browser's cookies: the session, and before there is one a visitor's secret, which the forms for signing in are bound
 * to. @fastify/cookie has to be registered.
 */
export type SessionCookies = {
  sessionTokenOf(request: FastifyRequest): string | undefined;
  visitorSecretOf(request: FastifyRequest): string | undefined;
  setSession(request: FastifyRequest, reply: FastifyReply, token: string): void;
  clearSession(request: FastifyRequest, reply: FastifyReply): void;
  /** Gives a browser without a session a visitor's secret, so that `csrfTokenOf` has a token for its forms. */
  ensureVisitor(request: FastifyRequest, reply: FastifyReply): void;
};

const tokenFormat = /^[\w-]{43}$/;

/** @param publicUrl https: the cookies are for https alone, and bound to this very host by the prefix `__Host-`. */
export function createSessionCookies(publicUrl: string): SessionCookies {
  const secure = publicUrl.startsWith("https:");
  const prefix = secure ? "__Host-" : "";
  const [session, visitor] = [sessionCookieName(publicUrl), `${prefix}cita_visitor`];
  const attributes = { path: "/", httpOnly: true, sameSite: "lax", secure } as const;

  function read(request: FastifyRequest, name: string): string | undefined {
    const value = request.cookies[name];
    return value !== undefined && tokenFormat.test(value) ? value : undefined;
  }

  return {
    sessionTokenOf: (request) => read(request, session),
    visitorSecretOf: (request) => read(request, visitor),

    setSession(request, reply, token) {
      request.cookieSecret = token;
      reply.setCookie(session, token, { ...attributes, maxAge: sessionMs / 1_000 });
    },

    clearSession(request, reply) {
      request.cookieSecret = read(request, visitor) ?? null;
      reply.clearCookie(session, attributes);
    },

    ensureVisitor(request, reply) {
      if (request.cookieSecret !== null) return;
      request.cookieSecret = makeSecretToken();
      reply.setCookie(visitor, request.cookieSecret, attributes);
    },
  };
}
