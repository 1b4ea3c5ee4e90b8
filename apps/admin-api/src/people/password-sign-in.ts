import type { Passwords } from "./passwords.ts";
import type { User } from "./user.ts";
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
  /** Whether the address is unknown, the password wrong or the user deactivated isn't told. */
  | { readonly kind: "invalid_credentials" }
  /** The password is right, and a code is missing. */
  | { readonly kind: "totp_required" }
  | { readonly kind: "slow_down"; readonly retryAfterSeconds: number };

type Deps = { readonly users: UserStore; readonly passwords: Passwords };

/** Checks who somebody is, by address and password. It takes as long where there is no such user. */
export function createPasswordSignIn({ users, passwords }: Deps) {
  return async ({ email, password }: PasswordAttempt): Promise<PasswordResult> => {
    const user = await users.findByEmail(email);
    const hash = user === undefined ? null : await users.passwordHashOf(user.id);
    const isRight = await passwords.verify(password, hash);
    if (user === undefined || !isRight || !user.isActive) return { kind: "invalid_credentials" };
    return { kind: "signed_in", user };
  };
}
