import { createHmac } from "node:crypto";
import type { AuthorizationCodeGrant, Values } from "@cita/providers/accounts";
import { SANDBOX_CLIENT } from "../../clients.ts";

type ResponseCheckName = AuthorizationCodeGrant["authorization"]["responseCheck"];

type Signing = { readonly inputs: Values; readonly now: number };

/** The parameters of an authorization response that the client checks: the inverse of `responseChecks`. */
export const responseProofs = {
  none: (query) => query,
  /** https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant */
  shopify_hmac(query, { inputs, now }) {
    const signed: Values = { ...query, ...inputs, timestamp: String(Math.floor(now / 1_000)) };
    const message = Object.keys(signed)
      .sort()
      .map((name) => `${name}=${signed[name]}`)
      .join("&");
    return { ...signed, hmac: createHmac("sha256", SANDBOX_CLIENT.secret).update(message).digest("hex") };
  },
} satisfies Record<ResponseCheckName, (query: Values, signing: Signing) => Values>;
