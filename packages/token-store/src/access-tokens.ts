import type { CustomerKey } from "./customer-key.ts";
import type { RenewalOutcome } from "./renewable.ts";
import type { Connection, RefreshedTokens } from "./token-store.ts";

/** Access tokens, renewed when needed. `Key` names a connection: by default a customer's calendar. */
export type AccessTokens<Key = CustomerKey> = {
  /**
   * @returns an access token that is valid for at least a minute.
   * @param rejected a token that the provider has just answered with 401, which is not returned again.
   * @throws AccessTokenError
   */
  get(key: Key, rejected?: string): Promise<string>;
  /**
   * Renews even if nothing has expired, so that an unused grant doesn't expire. An access without renewal stays as it is.
   * @param accessToken the one that is to be renewed: nothing is done where there is another by now. Default: the present one.
   * @throws AccessTokenError
   */
  renew(key: Key, accessToken?: string): Promise<void>;
  /**
   * Records that only a new consent helps, by a provider's response to this access token. Ignored where there is another
   * token by now.
   */
  requireReconnect(key: Key, accessToken: string, reason: string): Promise<void>;
  /** Resolves when no renewal is under way. Early renewals have no caller that waits, but have to be saved. */
  finishRenewals(): Promise<void>;
};

/**
 * How a refresh of a calendar's access ended. `reauth_required` ends the connection, `not_renewable` once its token has
 * expired; other failures may pass.
 */
export type RefreshOutcome = Exclude<RenewalOutcome<RefreshedTokens>, { readonly kind: "confirm_later" }>;

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
