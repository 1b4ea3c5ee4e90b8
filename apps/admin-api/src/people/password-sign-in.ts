import type { EventLog } from "@cita/events";
import type { Passwords } from "./passwords.ts";
import type { SecondFactor } from "./second-factor.ts";
import type { SessionStore } from "./session-store.ts";
import type { SignInThrottle } from "./sign-in-throttle.ts";
import { normalizeEmail, type User } from "./user.ts";
import type { UserStore } from "./user-store.ts";

export type PasswordAttempt = {
  readonly email: string;
  readonly password: string;
  /** A code of the authenticator, or a recovery code. */
  readonly totp?: string | undefined;
  /** Of the client, as `addressOf` has it. */
  readonly address: string;
};

export type PasswordResult =
  /** The session may begin as long as this is the password's hash. */
  | { readonly kind: "signed_in"; readonly user: User; readonly passwordHash: string }
  /** Whether the address is unknown, the password or the code wrong, or the user deactivated isn't told. */
  | { readonly kind: "invalid_credentials" }
  /** The password is right, and a code is missing. */
  | { readonly kind: "totp_required" }
  | { readonly kind: "slow_down"; readonly retryAfterSeconds: number };

type Deps = {
  readonly users: Pick<UserStore, "findByEmail" | "passwordHashOf">;
  readonly passwords: Passwords;
  readonly sessions: Pick<SessionStore, "hasJustBegun">;
  readonly secondFactor: Pick<SecondFactor, "verify">;
  readonly throttle: Pick<SignInThrottle, "take" | "takeCode" | "forgive" | "forgiveCodes">;
  readonly events: Pick<EventLog, "transaction">;
};

/** Whether it is still the person who signed in that sits there. */
export type Confirmation =
  | { readonly kind: "confirmed" }
  | { readonly kind: "invalid_credentials" }
  /** They have no password, so that only another sign-in shows it. */
  | { readonly kind: "sign_in_again" }
  | { readonly kind: "slow_down"; readonly retryAfterSeconds: number };

export type CodeResult =
  | { readonly kind: "right" }
  | { readonly kind: "invalid_code" }
  | { readonly kind: "slow_down"; readonly retryAfterSeconds: number };

type Checked =
  | { readonly kind: "right"; readonly user: User; readonly passwordHash: string }
  | Exclude<PasswordResult, { kind: "signed_in" | "totp_required" }>;

/** Checks who somebody is, by address, password and second factor. It takes as long where there is no such user. */
export function createPasswordSignIn({ users, passwords, sessions, secondFactor, throttle, events }: Deps) {
  async function refuse(user: User | undefined): Promise<{ readonly kind: "invalid_credentials" }> {
    await events.transaction(async (_trx, append) => {
      await append({ customerId: null, kind: "sign_in_failed", data: { user_id: user?.id ?? null } });
    });
    return { kind: "invalid_credentials" };
  }

  /** The attempt counts as failed until `throttle.forgive` takes it back. */
  async function check({ email, password, address }: PasswordAttempt): Promise<Checked> {
    const wait = await throttle.take({ address, account: normalizeEmail(email) });
    if (wait !== undefined) return { kind: "slow_down", retryAfterSeconds: wait };
    const user = await users.findByEmail(email);
    const hash = user === undefined ? null : await users.passwordHashOf(user.id);
    const isRight = await passwords.verify(password, hash);
    if (user === undefined || hash === null || !isRight || !user.isActive) return refuse(user);
    return { kind: "right", user, passwordHash: hash };
  }

  async function checkCode({ id, email }: User, code: string): Promise<CodeResult> {
    const wait = await throttle.takeCode(email);
    if (wait !== undefined) return { kind: "slow_down", retryAfterSeconds: wait };
    if (!(await secondFactor.verify(id, code))) return { kind: "invalid_code" };
    await throttle.forgiveCodes(email);
    return { kind: "right" };
  }

  return {
    /** A code of the second factor. Each counts once: of the authenticator, and for recovery. */
    checkCode,

    async signInWithPassword(attempt: PasswordAttempt): Promise<PasswordResult> {
      const checked = await check(attempt);
      if (checked.kind !== "right") return checked;
      const { user, passwordHash } = checked;
      const { totp, address } = attempt;
      const counted = { address, account: user.email };
      if (user.hasTotp && totp === undefined) {
        await throttle.forgive(counted, "this");
        return { kind: "totp_required" };
      }
      const code = user.hasTotp ? await checkCode(user, totp ?? "") : undefined;
      if (code?.kind === "slow_down") return code;
      if (code?.kind === "invalid_code") return refuse(user);
      await throttle.forgive(counted, "all");
      return { kind: "signed_in", user, passwordHash };
    },

    /** Asks somebody who is signed in for the password; of who has none, the sign-in must be a moment ago. */
    async confirmPerson(
      user: User,
      { password, address, sessionId }: { password: string; address: string; sessionId: string },
    ): Promise<Confirmation> {
      if (!user.hasPassword)
        return { kind: (await sessions.hasJustBegun(sessionId)) ? "confirmed" : "sign_in_again" };
      const checked = await check({ email: user.email, password, address });
      if (checked.kind !== "right") return checked;
      await throttle.forgive({ address, account: user.email }, "this");
      return { kind: "confirmed" };
    },
  };
}
