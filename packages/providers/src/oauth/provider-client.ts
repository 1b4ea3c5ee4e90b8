import type { RefreshOutcome } from "@cita/token-store";
import type { Endpoints, Provider } from "../definition.ts";
import type { ClientCredentials } from "../strategies/client-authentication.ts";
import type { Failure } from "../strategies/dialect.ts";
import type { StoredTokens } from "../strategies/renewal.ts";
import { toAuthorizationUrl } from "./authorization-url.ts";
import {
  checkGrant,
  type ExpectedAccount,
  type GrantResult,
  type ResponseExpectation,
  toRefreshedTokens,
} from "./check-grant.ts";
import { postForm } from "./post-form.ts";

const dayMs = 86_400_000;

/** Our OAuth client at one provider. */
export type ProviderClientConfig = ClientCredentials & {
  readonly provider: Provider;
  /** Where the provider is reached, if not at the definition's endpoints. */
  readonly endpoints: Endpoints;
  /** Issuers that are accepted besides the definition's. */
  readonly furtherIssuers: readonly string[];
  readonly scopes: readonly string[];
  /** Where this service is reached from outside, without a trailing slash. */
  readonly publicUrl: string;
  /** How long one request may take, in milliseconds. Default: 5,000. */
  readonly timeoutMs?: number | undefined;
  /** In epoch milliseconds. Default: the system's clock. */
  readonly now?: () => number;
};

/**
 * The authorization code grant at one provider: the request half makes the URL to which the browser is redirected, the
 * process half exchanges codes, renews and revokes. No method throws.
 * @see RFC 6749, section 4.1; RFC 7636; RFC 7009
 */
export type ProviderClient = {
  readonly provider: Provider;
  readonly clientId: string;
  readonly redirectUri: string;
  /** The origin of the authorization endpoint. */
  readonly authorizationOrigin: string;
  readonly authorizationUrl: (request: AuthorizationRequest) => URL;
  /** Whether an authorization response may have this `iss` (RFC 9207, section 2.4); undefined: it has none. */
  readonly acceptsIssuer: (issuer: unknown) => boolean;
  /** Exchanges a code, and checks which account has granted which scopes. */
  readonly exchange: (code: string, expected: ExchangeExpectation) => Promise<ExchangeResult>;
  readonly renew: (tokens: StoredTokens) => Promise<RefreshOutcome>;
  readonly revoke: (tokens: StoredTokens) => Promise<RevocationOutcome>;
};

export type AuthorizationRequest = {
  readonly state: string;
  /** Of method S256. */
  readonly codeChallenge: string;
  /** The address of the account that is expected; null: any. */
  readonly loginHint: string | null;
};

export type ExchangeExpectation = {
  readonly codeVerifier: string;
  /** Whose account it must be; null: any. */
  readonly account: ExpectedAccount | null;
};

export type ExchangeResult =
  | GrantResult
  | {
      readonly kind: "exchange_failed";
      readonly failure: Failure;
      /** Whether the provider refuses our client's id or secret. */
      readonly isClientRefused: boolean;
      /** Of the response; undefined: no complete one came, for this `cause`. */
      readonly status: number | undefined;
      readonly cause: unknown;
    };

/** `unsupported`: the provider has no revocation. */
export type RevocationOutcome = "revoked" | "unconfirmed" | "unsupported";

export function createProviderClient(config: ProviderClientConfig): ProviderClient {
  const { provider, clientId, endpoints, publicUrl } = config;
  const redirectUri = `${publicUrl}${provider.callbackPath}`;
  const issuers = [...provider.issuers, ...config.furtherIssuers];
  const parts: Parts = {
    ...{ provider, clientId, redirectUri, issuers, endpoints, scopes: config.scopes },
    now: config.now ?? Date.now,
    timeoutMs: config.timeoutMs ?? 5_000,
    credentials: provider.clientAuthentication(config),
  };
  return {
    ...{ provider, clientId, redirectUri },
    authorizationOrigin: new URL(endpoints.authorizationUrl).origin,
    authorizationUrl: (request) => toAuthorizationUrl(parts, request),
    acceptsIssuer: (issuer) =>
      issuer === undefined || (typeof issuer === "string" && issuers.includes(issuer)),
    exchange: (code, expected) => exchange(parts, code, expected),
    renew: (tokens) => renew(parts, tokens),
    revoke: (tokens) => revoke(parts, tokens),
  };
}

type Parts = {
  readonly provider: Provider;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly issuers: readonly string[];
  readonly endpoints: Endpoints;
  readonly scopes: readonly string[];
  readonly now: () => number;
  readonly timeoutMs: number;
  readonly credentials: ReturnType<Provider["clientAuthentication"]>;
};

/** Posts to the token endpoint as our client. @throws where no complete response came. */
function postToken(parts: Parts, form: Readonly<Record<string, string>>) {
  const { endpoints, credentials } = parts;
  return postForm(endpoints.tokenUrl, { ...form, ...credentials.form }, credentials.headers, parts);
}

/** RFC 6749, section 4.1.3; RFC 7636, section 4.5. */
async function exchange(
  parts: Parts,
  code: string,
  { codeVerifier, account }: ExchangeExpectation,
): Promise<ExchangeResult> {
  const { provider, redirectUri, clientId, scopes, now } = parts;
  const { dialect, renewal } = provider;
  const grant = { grant_type: "authorization_code", code, redirect_uri: redirectUri };
  const { cause, ...answer } = await postToken(parts, {
    ...grant,
    ...provider.pkce.verifier(codeVerifier),
  }).catch((cause: unknown) => ({ status: undefined, body: undefined, time: now(), cause }));
  const found = dialect.classify(answer, "exchange");
  if (found.kind !== "ok") {
    const isClientRefused = found.kind === "misconfigured" && dialect.isClientRefused(found);
    return { kind: "exchange_failed", failure: found, isClientRefused, status: answer.status, cause };
  }
  return checkGrant(answer.body, {
    ...toExpectation(parts, answer.time),
    clientId,
    requiredScopes: scopes.filter((scope) => scope.includes(provider.requiredScopePart)),
    needsRefreshToken: renewal.needsRefreshToken,
    account,
  });
}

/** Of an access's idle limit we let pass a third: renewals may fail for days. */
const idleShare = 1 / 3;

/** @param time the response's, in epoch milliseconds. */
function toExpectation({ provider, issuers, clientId, now }: Parts, time: number): ResponseExpectation {
  const { identity: identify, idleLimitDays } = provider;
  return {
    identify,
    idToken: { issuers, clientId, now: time },
    now: now(),
    renewWithinMs: idleLimitDays === null ? null : idleLimitDays * dayMs * idleShare,
  };
}

async function renew(parts: Parts, tokens: StoredTokens): Promise<RefreshOutcome> {
  const { provider } = parts;
  const form = provider.renewal.toForm(tokens);
  if (form === undefined) return { kind: "not_renewable" };
  try {
    const answer = await postToken(parts, form);
    const found = provider.dialect.classify(answer, "refresh");
    if (found.kind !== "ok") return { ...found, retryAfterMs: answer.retryAfterMs };
    const renewed = toRefreshedTokens(answer.body, toExpectation(parts, answer.time));
    return renewed ? { kind: "ok", tokens: renewed } : { kind: "transient", reason: "unreadable answer" };
  } catch (cause) {
    return { kind: "transient", reason: "no answer", cause };
  }
}

async function revoke(parts: Parts, tokens: StoredTokens): Promise<RevocationOutcome> {
  const { provider, endpoints } = parts;
  if (provider.revocation === null || endpoints.revocationUrl === null) return "unsupported";
  try {
    const answer = await postForm(endpoints.revocationUrl, provider.revocation(tokens), {}, parts);
    return provider.dialect.classify(answer, "revoke").kind === "ok" ? "revoked" : "unconfirmed";
  } catch {
    return "unconfirmed";
  }
}
