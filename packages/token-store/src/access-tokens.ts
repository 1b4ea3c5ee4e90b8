import type { CustomerKey } from "./customer-key.ts";
import type { RefreshedTokens } from "./token-store.ts";

/** Hands out access tokens, and renews them. */
export type AccessTokens = {
  /**
   * An access token that is good for at least a minute.
   * @param rejected a token that the provider has just answered 401 to: it is not returned again.
   * @throws AccessTokenError
   */
  get(key: CustomerKey, rejected?: string): Promise<string>;
  /** Renews although nothing has expired, so that an unused grant doesn't expire. @throws AccessTokenError */
  renew(key: CustomerKey): Promise<void>;
  /**
   * Records that the provider has answered a call with this access token by saying that only a new consent helps. It
   * counts while the token is the customer's.
   */
  requireReconnect(key: CustomerKey, accessToken: string, reason: string): Promise<void>;
  /** Resolves when no renewal is under way: one ahead of time has no caller that waits, but has to be saved. */
  finishRenewals(): Promise<void>;
};

/**
 * What a provider answered to a refresh. `reauth_required` is the only answer that ends a connection; everything else
 * passes.
 */
export type RefreshOutcome =
  | { readonly kind: "ok"; readonly tokens: RefreshedTokens }
  | { readonly kind: "reauth_required"; readonly reason: string }
  | {
      readonly kind: "misconfigured" | "transient" | "rate_limited";
      readonly reason: string;
      /** How long the provider asks not to be asked again. */
      readonly retryAfterMs?: number | undefined;
      /** Set where no answer came. */
      readonly cause?: unknown;
    };

/**
 * Sends one refresh request. It never throws: a failure is an outcome.
 * @param key whose token it is
 * @see RFC 6749, section 6
 */
export type RefreshGrant = (refreshToken: string, key: CustomerKey) => Promise<RefreshOutcome>;

/**
 * There is no access token to use. `code`: `not_connected` (no connection), `reconnect_required` (only a new consent
 * helps); `refresh_misconfigured`, `refresh_failed`, `refresh_rate_limited`: the connection is whole as far as is known.
 */
export class AccessTokenError extends Error {
  override readonly name = "AccessTokenError";
  readonly code:
    | "not_connected"
    | "reconnect_required"
    | "refresh_misconfigured"
    | "refresh_failed"
    | "refresh_rate_limited";
  constructor(code: AccessTokenError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
