import type { EventLog } from "@cita/events";
import { minuteMs } from "@cita/scheduling";
import { z } from "zod";
import type { Passwords } from "./passwords.ts";
import { createSealedNotes } from "./sealed-notes.ts";
import type { Sealing } from "./sealing.ts";
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
  /** The password is right, and a code is missing. `proof` takes the password's place for five minutes. */
  | { readonly kind: "totp_required"; readonly proof: string }
  | { readonly kind: "slow_down"; readonly retryAfterSeconds: number };

type Deps = {
  readonly users: Pick<UserStore, "find" | "findByEmail" | "passwordHashOf">;
  readonly passwords: Passwords;
  readonly sessions: Pick<SessionStore, "hasJustBegun">;
  readonly sealing: Sealing;
  readonly secondFactor: Pick<SecondFactor, "verify">;
  readonly throttle: Pick<SignInThrottle, "take" | "takeCode" | "forgive" | "forgiveCodes">;
  readonly events: Pick<EventLog, "transaction">;
  /** Epoch milliseconds. */
  readonly now: () => number;
};

/** Whether it is still the person who signed in that sits there. */
export type Confirmation =
  | { readonly kind: "confirmed" }
  | { readonly kind: "invalid_credentials" }
  /** They have no password, so that only another sign-in shows it. */
  | { readonly kind: "sign_in_again" }
  | { readonly kind: "slow_down"; readonly retryAfterSeconds: number };

export type CodeAttempt = { readonly proof: string; readonly totp: string; readonly address: string };

export type CodeSignInResult =
  | Extract<PasswordResult, { kind: "signed_in" | "slow_down" }>
  | { readonly kind: "invalid_code" }
  /** It is too old, or the user has another password or no second factor by now. */
  | { readonly kind: "proof_expired" };

export type CodeResult =
  | { readonly kind: "right" }
  | { readonly kind: "invalid_code" }
  | { readonly kind: "slow_down"; readonly retryAfterSeconds: number };

type Checked =
  | { readonly kind: "right"; readonly user: User; readonly passwordHash: string }
  | Exclude<PasswordResult, { kind: "signed_in" | "totp_required" }>;

const proofMs = 5 * minuteMs;
const proofSchema = z.object({ userId: z.string(), password: z.string() });

/** Checks who somebody is, by address, password and second factor. It takes as long where there is no such user. */
export function createPasswordSignIn(deps: Deps) {
  const { users, passwords, sessions, secondFactor, throttle, events } = deps;
  const proofs = createProofs(deps);

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
        return { kind: "totp_required", proof: proofs.make(user, passwordHash) };
      }
      const code = user.hasTotp ? await checkCode(user, totp ?? "") : undefined;
      if (code?.kind === "slow_down") return code;
      if (code?.kind === "invalid_code") return refuse(user);
      await throttle.forgive(counted, "all");
      return { kind: "signed_in", user, passwordHash };
    },

    /** The second step, with what `totp_required` has given. */
    async signInWithCode({ proof, totp, address }: CodeAttempt): Promise<CodeSignInResult> {
      const proven = await proofs.find(proof);
      if (proven === undefined) return { kind: "proof_expired" };
      const code = await checkCode(proven.user, totp);
      if (code.kind === "invalid_code") await refuse(proven.user);
      if (code.kind !== "right") return code;
      await throttle.forgive({ address, account: proven.user.email }, "all");
      return { kind: "signed_in", ...proven };
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

/** Sealed notes of passwords that were right a moment ago. */
function createProofs({ users, sealing, now }: Pick<Deps, "users" | "sealing" | "now">) {
  const notes = createSealedNotes({ sealing, now }, { schema: proofSchema, maxAgeMs: proofMs });
  return {
    make: ({ id: userId }: User, passwordHash: string): string =>
      notes.seal({ userId, password: sealing.hash(passwordHash) }),

    /** @returns undefined where it counts no more. */
    async find(proof: string): Promise<{ user: User; passwordHash: string } | undefined> {
      const proven = notes.open(proof);
      if (proven === undefined) return undefined;
      const user = await users.find(proven.userId);
      const passwordHash = user?.isActive && user.hasTotp ? await users.passwordHashOf(user.id) : null;
      if (user === undefined || passwordHash === null) return undefined;
      return sealing.hash(passwordHash) === proven.password ? { user, passwordHash } : undefined;
    },
  };
}
