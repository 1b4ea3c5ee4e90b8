import { z } from "zod";
import { checkIdToken, type IdTokenCheck, type IdTokenExpectation } from "../oauth/id-token.ts";

export type IdentityResult =
  | {
      readonly kind: "valid";
      /** It doesn't change with the address, and the provider never gives it to another account. */
      readonly accountId: string;
      /** Undefined where there is no valid one. */
      readonly email: string | undefined;
      /** Whether the account's owner has shown that the address is theirs. */
      readonly isEmailVerified: boolean;
    }
  /** `check`: what has failed. Safe to log. */
  | { readonly kind: "invalid"; readonly check: "answer" | IdTokenCheck };

/** Whose account it is, by a response of the token endpoint. */
export type Identity = (body: unknown, expected: IdTokenExpectation) => IdentityResult;

const withIdToken = z.object({ id_token: z.string() });

export const identities = {
  id_token(body, expected) {
    const parsed = withIdToken.safeParse(body);
    return parsed.success
      ? checkIdToken(parsed.data.id_token, expected)
      : { kind: "invalid", check: "answer" };
  },
} satisfies Record<string, Identity>;
