import { createHmac, timingSafeEqual } from "node:crypto";

/** Whether an authorization response is the provider's own, by more than its state. */
export type ResponseCheck = (query: Readonly<Record<string, string>>, clientSecret: string) => boolean;

export const responseChecks = {
  none: () => true,
  /** https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant */
  shopify_hmac({ hmac = "", ...signed }, clientSecret) {
    const message = Object.keys(signed)
      .sort()
      .map((name) => `${name}=${signed[name]}`)
      .join("&");
    const expected = createHmac("sha256", clientSecret).update(message).digest();
    const given = Buffer.from(hmac, "hex");
    return given.length === expected.length && timingSafeEqual(given, expected);
  },
} satisfies Readonly<Record<string, ResponseCheck>>;

export type ResponseCheckName = keyof typeof responseChecks;
