import type { CustomerKey } from "./customer-key.ts";
import type { Connection, RefreshedTokens } from "./token-store.ts";

/** Access tokens of customers, renewed when needed. */
export type AccessTokens = {
  /**
   * @returns an access token that is valid for at least a minute.
   * @param rejected a token that the provider has just answered with 401, which is not returned again.
   * @throws AccessTokenError
   */
  get(key: CustomerKey, rejected?: string): Promise<string>;
  /** Renews even if nothing has expired, so that an unused grant doesn't expire. @throws AccessTokenError */
  renew(key: CustomerKey): Promise<void>;
  /**
   * Records that only a new consent helps, by a provider's response to this access token. Ignored where the customer has
   * another token by now.
   */
  requireReconnect(key: CustomerKey, accessToken: string, reason: string): Promise<void>;
  /** Resolves when no renewal is under way. Early renewals have no caller that waits, but have to be saved. */
  finishRenewals(): Promise<void>;
};

/** How a refresh ended. Only `reauth_required` ends the connection; other failures may pass. */
export type RefreshOutcome =
  | { readonly kind: "ok"; readonly tokens: RefreshedTokens }
  | { readonly kind: "reauth_required"; readonly reason: string }
  | {
      readonly kind: "misconfigured" | "transient" | "rate_limited";
      readonly reason: string;
      /** The provider's `Retry-After`. */
      readonly retryAfterMs?: number | undefined;
      /** Set where no response came. */
      readonly cause?: unknown;
    };

/**
 * Renews a connection's access at its own provider, by one request. It never throws: a failure is an outcome.
 * @see RFC 6749, section 6
 */
export type RenewConnection = (connection: Connection) => Promise<RefreshOutcome>;

/**
 * There is no usable access token. `not_connected`: there is no connection. `reconnect_required`: only a new consent helps.
 * With the other codes the connection stays: `refresh_misconfigured`, `refresh_failed`, `refresh_rate_limited`.
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
