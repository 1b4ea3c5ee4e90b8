import type { Values } from "./call-authentications.ts";
import type { AccountProvider } from "./definition.ts";
import type { AccountFailure, AccountVerdict } from "./dialects/verdict.ts";

/** Our client at one provider of accounts, or none where the provider needs none. */
export type AccountClientConfig = {
  readonly provider: AccountProvider;
  /** Empty where the provider needs no client. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** The values of the provider's settings. */
  readonly settings: Values;
  /** Where browsers come back. */
  readonly redirectUri: string;
};

/**
 * The requests of a connection's life at one provider: the request half makes the URL to which the browser is redirected,
 * the process half obtains, renews, tries and revokes. No method of the process half throws.
 */
export type AccountClient = {
  readonly provider: AccountProvider;
  readonly clientId: string;
  readonly redirectUri: string;
  /** The scopes of a connection that is to have these capabilities. Default: all. */
  readonly scopesFor: (capabilities?: readonly string[]) => readonly string[];
  /** Where the browser is redirected; undefined: the provider has no page of its own. @throws TemplateError */
  readonly authorizationUrl: (request: AccountAuthorization) => URL | undefined;
  /** Exchanges the code of an authorization response, and asks whose account it is. */
  readonly exchange: (response: AuthorizationResponse) => Promise<ObtainedAccount>;
  /** Takes keys that a person or a server has given, tries them, and asks whose account it is. */
  readonly acceptKey: (given: GivenKey) => Promise<ObtainedAccount>;
  readonly renew: (connection: AccountAccess) => Promise<AccountRenewalOutcome>;
  /** Tries the access token. Undefined: there is nothing to try it with. */
  readonly probe: (connection: AccountAccess) => Promise<AccountVerdict | undefined>;
  /** Whether it takes an access token to revoke, which has to be a living one: of a dead one it is said to be over. */
  readonly isRevokedByAccessToken: boolean;
  readonly revoke: (connection: AccountAccess) => Promise<"revoked" | "unconfirmed" | "unsupported">;
};

export type AccountAuthorization = {
  readonly state: string;
  /** Of method S256. */
  readonly codeChallenge: string;
  readonly scopes: readonly string[];
  readonly inputs: Values;
  readonly loginHint: string | null;
  /** Who asks, for a page that says it. */
  readonly operator: string;
  /** Where the person's browser and the customer's server come back, for keys that are delivered. */
  readonly deliveryUrl: string;
};

export type AuthorizationResponse = {
  /** All parameters of the response, `code` and `state` among them. */
  readonly query: Values;
  readonly codeVerifier: string;
  readonly inputs: Values;
  /** Those that were asked for. */
  readonly scopes: readonly string[];
};

export type GivenKey = {
  readonly secret: string;
  readonly inputs: Values;
  readonly scopes: readonly string[];
};

/** What a connection's requests need of it. */
export type AccountAccess = {
  readonly accessToken: string;
  readonly refreshToken: string | null;
  readonly inputs: Values;
  readonly facts: Values;
  /** When the access token was given. */
  readonly issuedAt: Date;
  readonly expiresAt: Date | null;
};

/** Tokens with their times. */
export type AccountTokens = {
  readonly accessToken: string;
  readonly refreshToken: string | null;
  readonly tokenType: string | null;
  readonly issuedAt: Date;
  /** When the access token expires; null: never, or it isn't said. */
  readonly expiresAt: Date | null;
  /** When it is to be renewed, in good time; null: it needs no renewal, or can't be renewed. */
  readonly renewAt: Date | null;
  /** When the access ends, whatever is renewed; null: not known, or never. */
  readonly accessEndsAt: Date | null;
  readonly facts: Values;
};

export type Account = {
  /** It never changes, and the provider never gives it to another account. */
  readonly id: string;
  readonly name: string | null;
  readonly email: string | null;
  /** Who has consented: a Google account may have several channels and several of its APIs in one grant. */
  readonly grantor: string;
};

/** How an attempt to obtain an account ended. Of a failure nothing is to be stored, and its `tokens` are to be revoked. */
export type ObtainedAccount =
  | {
      readonly kind: "obtained";
      readonly tokens: AccountTokens;
      readonly account: Account;
      readonly scopes: readonly string[];
    }
  | {
      /** `missing` are scopes. */
      readonly kind: "scope_missing";
      readonly missing: readonly string[];
      readonly tokens: AccountTokens;
    }
  /** The provider has nothing that could be connected: in a sentence for the person. */
  | { readonly kind: "no_account"; readonly message: string; readonly tokens: AccountTokens }
  /** The response isn't the provider's, by its own check. */
  | {
      readonly kind: "invalid_response";
      readonly check: string;
      readonly tokens?: AccountTokens | undefined;
    }
  | {
      readonly kind: "failed";
      readonly failure: AccountFailure;
      readonly cause?: unknown;
      readonly tokens?: AccountTokens | undefined;
    };

export type AccountRenewalOutcome =
  | { readonly kind: "renewed"; readonly tokens: AccountTokens }
  /** The provider has no renewal for this access, or not yet. */
  | { readonly kind: "not_renewable"; readonly reason: "no_renewal" | "too_young" }
  | (AccountFailure & { readonly retryAfterMs?: number | undefined; readonly cause?: unknown });
