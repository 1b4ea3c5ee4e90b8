import type { EventLog } from "@cita/events";
import type { Passwords } from "./passwords.ts";
import type { SecondFactor } from "./second-factor.ts";
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
  | { readonly kind: "signed_in"; readonly user: User }
  /** Whether the address is unknown, the password or the code wrong, or the user deactivated isn't told. */
  | { readonly kind: "invalid_credentials" }
  /** The password is right, and a code is missing. */
  | { readonly kind: "totp_required" }
  | { readonly kind: "slow_down"; readonly retryAfterSeconds: number };

type Deps = {
  readonly users: Pick<UserStore, "findByEmail" | "passwordHashOf">;
  readonly passwords: Passwords;
  readonly secondFactor: Pick<SecondFactor, "verify">;
  readonly throttle: Pick<SignInThrottle, "take" | "forgive">;
  readonly events: Pick<EventLog, "transaction">;
};

type Checked =
  | { readonly kind: "right"; readonly user: User }
  | Exclude<PasswordResult, { kind: "signed_in" | "totp_required" }>;

/** Checks who somebody is, by address, password and second factor. It takes as long where there is no such user. */
export function createPasswordSignIn({ users, passwords, secondFactor, throttle, events }: Deps) {
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
    return user === undefined || !isRight || !user.isActive ? refuse(user) : { kind: "right", user };
  }

  return {
    async signInWithPassword(attempt: PasswordAttempt): Promise<PasswordResult> {
      const checked = await check(attempt);
      if (checked.kind !== "right") return checked;
      const { user } = checked;
      const { totp, address } = attempt;
      const counted = { address, account: user.email };
      if (user.hasTotp && totp === undefined) {
        await throttle.forgive(counted, "this");
        return { kind: "totp_required" };
      }
      if (user.hasTotp && !(await secondFactor.verify(user.id, totp ?? ""))) return refuse(user);
      await throttle.forgive(counted, "all");
      return { kind: "signed_in", user };
    },

    /** The password alone, of somebody who is signed in. */
    async checkPassword(attempt: PasswordAttempt): Promise<Checked> {
      const checked = await check(attempt);
      if (checked.kind === "right")
        await throttle.forgive({ address: attempt.address, account: checked.user.email }, "this");
      return checked;
    },
  };
}
