import type { Values } from "@cita/providers/accounts";
import { newSecret } from "./grants.ts";

/** What a person has allowed, and to which request. */
export type AllowedRequest = {
  readonly groupId: string;
  readonly account: string;
  readonly scopes: readonly string[] | null;
  readonly inputs: Values;
  readonly redirectUri: string;
  /** Of method S256; undefined where the provider has no PKCE. */
  readonly codeChallenge: string | undefined;
};

export type Codes = ReturnType<typeof createCodes>;

const lifetimeMs = 600_000;

/** Authorization codes. @param now in epoch milliseconds */
export function createCodes(now: () => number) {
  const codes = new Map<string, { readonly allowed: AllowedRequest; readonly expiresMs: number }>();
  return {
    give(allowed: AllowedRequest): string {
      const code = newSecret(allowed.groupId, "code");
      codes.set(code, { allowed, expiresMs: now() + lifetimeMs });
      return code;
    },
    /** Takes a code, right or wrong: it counts once. */
    redeem(code: string): AllowedRequest | undefined {
      const found = codes.get(code);
      codes.delete(code);
      return found !== undefined && found.expiresMs > now() ? found.allowed : undefined;
    },
  };
}
