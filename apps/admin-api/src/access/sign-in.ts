import type { EventLog, NewEvent } from "@cita/events";
import type { FastifyReply, FastifyRequest } from "fastify";
import { AuthenticationError } from "../people/authentication-error.ts";
import type { SessionHolder, SessionStore, UserHolder } from "../people/session-store.ts";
import type { SessionCookies } from "./session-cookies.ts";

/** How they have shown who they are. */
export type SignInWay = "password" | "google" | "link";

/** Begins and ends the sessions of browsers. Whoever calls it has checked who it is. */
export type SignIn = {
  /**
   * Begins a session of a user, in place of the one that the browser has. @returns its id.
   * @throws AuthenticationError where the user has another password by now, or was deactivated.
   */
  signIn(request: FastifyRequest, reply: FastifyReply, user: UserHolder, by: SignInWay): Promise<string>;
  /** The same for a business's owner. */
  signInOwner(request: FastifyRequest, reply: FastifyReply, customerId: string): Promise<string>;
  /** Ends the caller's session, in every browser and program that has it. */
  signOut(request: FastifyRequest, reply: FastifyReply): Promise<void>;
  /** See `SessionCookies`. */
  ensureVisitor: SessionCookies["ensureVisitor"];
};

type Deps = {
  readonly sessions: SessionStore;
  readonly cookies: SessionCookies;
  readonly events: Pick<EventLog, "transaction">;
};

export function createSignIn({ sessions, cookies, events }: Deps): SignIn {
  const note = (event: NewEvent) =>
    events.transaction(async (_trx, append) => {
      await append(event);
    });

  async function begin(request: FastifyRequest, reply: FastifyReply, holder: SessionHolder) {
    const before = cookies.sessionTokenOf(request);
    const known = before === undefined ? undefined : await sessions.findByToken(before);
    if (known !== undefined) await sessions.end(known.sessionId);
    const session = await sessions.begin(holder);
    if (session === undefined) throw new AuthenticationError({ kind: "invalid_credentials" });
    cookies.setSession(request, reply, session.token);
    return session.sessionId;
  }

  return {
    async signIn(request, reply, user, by) {
      const sessionId = await begin(request, reply, user);
      await note({ customerId: null, kind: "signed_in", data: { user_id: user.userId, by } });
      return sessionId;
    },
    async signInOwner(request, reply, customerId) {
      const sessionId = await begin(request, reply, { customerId });
      await note({ customerId, kind: "owner_signed_in", data: {} });
      return sessionId;
    },
    async signOut(request, reply) {
      const { caller } = request;
      if (caller !== null && caller.kind !== "program") await sessions.end(caller.sessionId);
      if (caller?.kind === "user")
        await note({ customerId: null, kind: "signed_out", data: { user_id: caller.userId } });
      cookies.clearSession(request, reply);
    },
    ensureVisitor: cookies.ensureVisitor,
  };
}
