import type { EventLog } from "@cita/events";
import type { MadeLink, OneTimeLinks, UserLinkKind } from "./one-time-links.ts";
import { checkPasswordStrength, type Passwords } from "./passwords.ts";
import type { SessionStore } from "./session-store.ts";
import type { User } from "./user.ts";
import { findExistingUser, type UserStore } from "./user-store.ts";

/** The link isn't one, was used, or is too old. */
export class LinkInvalidError extends Error {
  override readonly name = "LinkInvalidError";
  readonly code = "invalid_link";
  readonly statusCode = 400;
  constructor() {
    super("This link was used already, or has expired. Ask for another one.");
  }
}

/** What several stores do together: joining, other passwords, and the links for both. */
export type Accounts = {
  /**
   * Accepts an invitation.
   * @throws LinkInvalidError, WeakPasswordError
   */
  join(token: string, as: { name: string; password: string }): Promise<User>;
  /**
   * Sets another password by a link, and ends all sessions.
   * @throws LinkInvalidError, WeakPasswordError
   */
  resetPassword(token: string, password: string): Promise<User>;
  /**
   * The same by somebody who is signed in, whose session stays.
   * @throws WeakPasswordError
   */
  changePassword(user: User, password: string, sessionId: string): Promise<User>;
  /**
   * Uses a link that signs in, whoever it is for. The caller begins the session.
   * @throws LinkInvalidError
   */
  useSignInLink(token: string): Promise<SignInLinkHolder>;
  /** @throws UserNotFoundError */
  makeLink(kind: UserLinkKind, userId: string): Promise<MadeLink>;
  /** A link to another password, unless one was made within the time. */
  makeResetLinkUnlessWithin(userId: string, ms: number): Promise<MadeLink | undefined>;
  makeOwnerLink(customerId: string): Promise<MadeLink>;
};

export type SignInLinkHolder =
  | { readonly kind: "user"; readonly user: User }
  | { readonly kind: "owner"; readonly customerId: string };

type Deps = {
  readonly users: UserStore;
  readonly passwords: Passwords;
  readonly sessions: SessionStore;
  readonly links: OneTimeLinks;
  readonly events: Pick<EventLog, "transaction">;
};

export function createAccounts({ users, passwords, sessions, links, events }: Deps): Accounts {
  /** The link isn't used up by a password that can't be taken. */
  async function useForPassword(kind: "invitation" | "reset", token: string, password: string) {
    const found = await links.find(kind, token);
    const user = found && (await users.find(found.userId));
    // Who has joined otherwise meanwhile, such as by Google, isn't joined again by whoever has the mail.
    const isSpent = kind === "invitation" && user?.joinedAt !== null;
    if (user === undefined || !user.isActive || isSpent) throw new LinkInvalidError();
    checkPasswordStrength(password, user.email);
    const passwordHash = await passwords.hash(password);
    if ((await links.use(kind, token)) === undefined) throw new LinkInvalidError();
    return { user, passwordHash };
  }

  async function endAccess(userId: string, except?: string): Promise<void> {
    await sessions.endOfUser(userId, except);
    await links.revokeOf(userId);
  }

  const note = (customerId: string | null, data: { user_id: string | null; of: UserLinkKind | "owner" }) =>
    events.transaction(async (_trx, append) => {
      await append({ customerId, kind: "link_made", data });
    });

  return {
    async join(token, { name, password }) {
      const { user, passwordHash } = await useForPassword("invitation", token, password);
      return users.change(user.id, { name, passwordHash });
    },

    async resetPassword(token, password) {
      const { user, passwordHash } = await useForPassword("reset", token, password);
      const changed = await users.change(user.id, { passwordHash });
      await endAccess(user.id);
      return changed;
    },

    async changePassword(user, password, sessionId) {
      checkPasswordStrength(password, user.email);
      const changed = await users.change(user.id, { passwordHash: await passwords.hash(password) });
      await endAccess(user.id, sessionId);
      return changed;
    },

    async useSignInLink(token) {
      const owner = await links.useOwner(token);
      if (owner !== undefined) return { kind: "owner", ...owner };
      const found = await links.use("sign_in", token);
      const user = found && (await users.find(found.userId));
      if (user === undefined || !user.isActive) throw new LinkInvalidError();
      return { kind: "user", user };
    },

    async makeLink(kind, userId) {
      await findExistingUser(users, userId);
      const link = await links.make(kind, userId);
      await note(null, { user_id: userId, of: kind });
      return link;
    },

    async makeResetLinkUnlessWithin(userId, ms) {
      const link = await links.makeUnlessWithin("reset", userId, ms);
      if (link !== undefined) await note(null, { user_id: userId, of: "reset" });
      return link;
    },

    async makeOwnerLink(customerId) {
      const link = await links.makeForOwner(customerId);
      await sessions.endOfOwner(customerId);
      await note(customerId, { user_id: null, of: "owner" });
      return link;
    },
  };
}
