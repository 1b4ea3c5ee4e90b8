import type { ClientVariables } from "../definition.ts";
import type { pkces } from "../strategies/pkce.ts";
import type { CallAuthenticationName } from "./call-authentications.ts";
import type { AccountDialectName } from "./dialects/dialects.ts";
import type { ResponseCheckName } from "./response-checks.ts";

/**
 * A provider of accounts as it is written down (`registry/`): data, and the names of strategies in typed tables. What is
 * connected is an account with its tokens; what is done with it is the business of whoever asks for its access token.
 */
export type AccountProvider = {
  /** Stands in tables, paths and redirect URIs: lower case, digits and hyphens. */
  readonly id: string;
  /** What people call it. */
  readonly name: string;
  /** Under what people look for it. */
  readonly category: AccountCategory;
  /** The page, without a protocol, on which people end an access; null: there is none to name. */
  readonly accessPage: string | null;
  /** The variables of our OAuth client there: its own, then those of its group. Empty: it needs none. */
  readonly clientVariables: readonly ClientVariables[];
  /** Values of the operator's app that requests to the provider need besides. */
  readonly settings: readonly AppSetting[];
  /** What the person is asked before, or the caller knows: a shop, an instance, a key. */
  readonly inputs: readonly AccountInput[];
  /** The scopes that every connection asks for. */
  readonly identityScopes: readonly string[];
  readonly capabilities: readonly Capability[];
  readonly grant: AuthorizationCodeGrant | KeyDeliveryGrant | ApiKeyGrant | HookUrlGrant;
  readonly identity: IdentitySource;
  readonly renewal: AccountRenewal;
  /** A request that only a living access answers; null: there is none. */
  readonly probe: RequestTemplate | null;
  /** Null: the provider has no revocation. */
  readonly revocation: AccountRevocation | null;
  readonly dialect: AccountDialectName;
  readonly limits: AccountLimits;
};

export type AccountCategory = "social" | "shops" | "marketing" | "payments" | "messages" | "mail";

/** Of requests that go on without a caller. */
export type AccountLimits = {
  /** Renewals and probes a minute, of all connections together. */
  readonly requestsPerMinute: number;
};

export type AppSetting = {
  /** The placeholder that it fills. */
  readonly name: string;
  readonly variable: string;
  /** Null: without the variable the provider isn't configured. */
  readonly preset: string | null;
};

export type AccountInput = {
  /** The placeholder that it fills. */
  readonly name: string;
  /** A whole match makes a valid value, once it is trimmed and in lower case where `isHost`. */
  readonly pattern: RegExp;
  /** What is valid, in a sentence's object: `a shop's host, such as example.myshopify.com`. */
  readonly expected: string;
  /** A valid value, for people of any language. */
  readonly example: string;
  /** Null: it has to be given. */
  readonly preset: string | null;
  /** It is the host of requests, which therefore pass the guarded client. */
  readonly isHost: boolean;
  /** It is sealed, and never shown. */
  readonly isSecret: boolean;
};

/** `connected`: account, tokens and health. `acted on`: Cita does it. */
export type Capability = {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly level: "connected" | "acted on";
};

/** Names and values. A value may have placeholders. */
export type Fields = Readonly<Record<string, string>>;

/**
 * A request to a provider. In URL, fields and headers `{name}` stands for a value: `access_token`, `refresh_token`,
 * `renewing_token` (the refresh token, or the access token where there is none), `client_id`, `client_secret`, an input, a
 * setting, or a fact that an earlier response has told.
 */
export type RequestTemplate = {
  readonly method: "GET" | "POST" | "DELETE";
  readonly url: string;
  readonly authentication: CallAuthenticationName;
  readonly query?: Fields;
  readonly headers?: Fields;
  /** `json` is a value, or a text with placeholders that is sent as it is filled. */
  readonly body?: { readonly form: Fields } | { readonly json: Fields };
};

/** Members of a JSON document, such as `data.list[0].id`. */
export type JsonPath = string;

/** RFC 6749, section 4.1. */
export type AuthorizationCodeGrant = {
  readonly kind: "authorization_code";
  readonly authorization: {
    readonly url: string;
    readonly clientIdParameter: string;
    /** Null: scopes are chosen in the app's settings. */
    readonly scopeParameter: string | null;
    readonly scopeSeparator: " " | ",";
    readonly parameters: Fields;
    readonly pkce: keyof typeof pkces;
    /** The parameter that names the expected account; null: there is none. */
    readonly loginHintParameter: string | null;
    /** The parameter of the authorization response that has the code. */
    readonly codeParameter: string;
    readonly responseCheck: ResponseCheckName;
    /** Parameters that take the scopes' place where a setting has a value; null: there is no such setting. */
    readonly insteadOfScope: { readonly setting: string; readonly parameters: Fields } | null;
  };
  readonly token: {
    readonly url: string;
    readonly method: "GET" | "POST";
    readonly encoding: "form" | "json" | "query";
    /** `fields`: id and secret are among the parameters. `basic`: RFC 6749, section 2.3.1. */
    readonly clientAuthentication: "fields" | "basic";
    readonly clientIdParameter: string;
    readonly clientSecretParameter: string;
    readonly codeParameter: string;
    readonly parameters: Fields;
  };
  readonly tokenResponse: TokenResponseFields;
  /** Requests whose responses have tokens that live longer, one after the other. */
  readonly exchanges: readonly RequestTemplate[];
  /** What tells the granted scopes, where no token response does. */
  readonly permissions?: PermissionList;
  /** How long a `state` is valid, in milliseconds. */
  readonly stateLifetimeMs: number;
};

/** A request whose response has a list of scopes, each with whether it was granted. */
export type PermissionList = {
  readonly request: RequestTemplate;
  readonly list: JsonPath;
  /** Of an entry of the list: the scope's name. */
  readonly scope: JsonPath;
  /** Of an entry of the list: what has become of the scope. */
  readonly state: JsonPath;
  /** The state of a scope that was granted. */
  readonly granted: string;
};

/** Where the members of a token response are. Those that a response doesn't have are passed over. */
export type TokenResponseFields = {
  readonly accessToken: JsonPath;
  readonly refreshToken: JsonPath;
  /** In seconds; 0 means never. */
  readonly expiresIn: JsonPath;
  /** In seconds. */
  readonly refreshExpiresIn: JsonPath;
  readonly scope: JsonPath;
  readonly tokenType: JsonPath;
  readonly facts: Facts;
};

/** Values that are kept with the connection, by the name of their placeholder: a text, or the host of a URL. */
export type Facts = Readonly<Record<string, JsonPath | { readonly hostOf: JsonPath }>>;

/**
 * The customer's server posts keys to us, unsigned: the value of `{state}`, which nobody else knows, says for whom, and a
 * request to that server proves them.
 */
export type KeyDeliveryGrant = {
  readonly kind: "key_delivery";
  /** Besides the usual placeholders `{state}`, `{return_url}`, `{delivery_url}`, `{operator}`. */
  readonly authorization: { readonly url: string; readonly query: Fields };
  /** Members of the delivered document. The access token is made of these, joined by a colon. */
  readonly delivery: {
    readonly state: JsonPath;
    readonly keys: readonly JsonPath[];
    readonly scope: JsonPath;
  };
  readonly stateLifetimeMs: number;
};

/** A person gives a key: the input of this name is the access token. */
export type ApiKeyGrant = {
  readonly kind: "api_key";
  readonly input: string;
  readonly stateLifetimeMs: number;
};

/** A person gives a URL that takes messages: the input of this name is the access token. It can't be tried without effect. */
export type HookUrlGrant = {
  readonly kind: "hook_url";
  readonly input: string;
  readonly stateLifetimeMs: number;
};

/** Where a response tells whose account it is. */
export type IdentityFields = {
  /** Joined by a dot where there are several. Together they never change, and no other account has them. */
  readonly id: readonly JsonPath[];
  /** The first of these that the response has. */
  readonly name: readonly JsonPath[];
  readonly email: readonly JsonPath[];
  readonly facts?: Facts;
};

export type IdentitySource =
  | (IdentityFields & { readonly source: "token_response" })
  /** Paths are those of the claims. */
  | (IdentityFields & { readonly source: "id_token"; readonly issuers: readonly (string | RegExp)[] })
  | (IdentityFields & {
      readonly source: "request";
      readonly request: RequestTemplate;
      /** What it means where a good response has no id, in a sentence for the person. */
      readonly withoutId: string | null;
      /** The input that is the id: what a customer's own host says of itself may be another's. */
      readonly idInput?: string;
    })
  /** Nobody tells: the id is made of an input, by its hash. */
  | { readonly source: "input"; readonly input: string };

/** `rotation`: what becomes of a refresh token that was used (facts: `docs/integrations.md`). */
export type AccountRenewal =
  | {
      readonly kind: "refresh_token";
      /** `no`: it stays the same. `kept`: a new one each time, and the old one works on. `grace`: until the new one is used. */
      readonly rotation: "no" | "kept" | "grace" | "strict";
      /** False: a grant without a refresh token is a connection all the same, which ends with its access token. */
      readonly isRequired: boolean;
      /** Besides `grant_type`, `refresh_token` and the client. */
      readonly parameters: Fields;
      /** How long an access token lives where the response doesn't say it, in seconds; null: it always says it. */
      readonly accessLifetimeSeconds: number | null;
      /** After how many days without a renewal the provider ends a grant; null: never. */
      readonly idleLimitDays: number | null;
    }
  /** The living access token is exchanged for one that lives longer. Once it has expired, only a new consent helps. */
  | {
      readonly kind: "exchange_access_token";
      readonly request: RequestTemplate;
      readonly accessLifetimeSeconds: number;
      /** The provider refuses to renew a younger token. */
      readonly minimumAgeSeconds: number;
    }
  /** Null: the access doesn't end by itself. */
  | { readonly kind: "none"; readonly accessLifetimeSeconds: number | null };

/**
 * `effect`: what ends. `token`: this access. `grant`: every access of this account to our client, of other providers in its
 * group too. `uninstall`: our app is removed from the account.
 */
export type AccountRevocation = {
  readonly request: RequestTemplate;
  /** The provider of calendars (`@cita/providers`) whose connections by the same account and client end with it. */
  readonly endsCalendarsOf?: string;
  readonly effect: "token" | "grant" | "uninstall";
};
