import type { FastifyReply, FastifyRequest } from "fastify";
import type { SessionHolder, SessionStore } from "../people/session-store.ts";
import type { SessionCookies } from "./session-cookies.ts";

/** Begins and ends the sessions of browsers. Whoever calls it has checked who it is. */
export type SignIn = {
  /** Begins a session of a user, in place of the one that the browser has. @returns its id. */
  signIn(request: FastifyRequest, reply: FastifyReply, userId: string): Promise<string>;
  /** The same for a business's owner. */
  signInOwner(request: FastifyRequest, reply: FastifyReply, customerId: string): Promise<string>;
  /** Ends the caller's session, in every browser and program that has it. */
  signOut(request: FastifyRequest, reply: FastifyReply): Promise<void>;
  /** See `SessionCookies`. */
  ensureVisitor: SessionCookies["ensureVisitor"];
};

export function createSignIn(sessions: SessionStore, cookies: SessionCookies): SignIn {
  async function begin(request: FastifyRequest, reply: FastifyReply, holder: SessionHolder) {
    const before = cookies.sessionTokenOf(request);
    const known = before === undefined ? undefined : await sessions.findByToken(before);
    if (known !== undefined) await sessions.end(known.sessionId);
    const { sessionId, token } = await sessions.begin(holder);
    cookies.setSession(request, reply, token);
    return sessionId;
  }

  return {
    signIn: (request, reply, userId) => begin(request, reply, { userId }),
    signInOwner: (request, reply, customerId) => begin(request, reply, { customerId }),
    async signOut(request, reply) {
      const { caller } = request;
      if (caller !== null && caller.kind !== "program") await sessions.end(caller.sessionId);
      cookies.clearSession(request, reply);
    },
    ensureVisitor: cookies.ensureVisitor,
  };
}
