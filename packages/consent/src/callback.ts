import type { ExchangeResult, Provider, ProviderClient, ProviderClients } from "@cita/providers";
import {
  type CalendarObstacle,
  type ConsentAttempt,
  type ConsentLink,
  ConsentLinkChangedError,
  type Grant,
  type TokenStore,
} from "@cita/token-store";
import type { FastifyReply, FastifyRequest } from "fastify";
import { endLateAttempt, type FindObstacle } from "./late-answer.ts";
import { obstacleResults, type Pages } from "./pages.ts";
import type { StateCookies } from "./state-cookies.ts";

export type CallbackDeps = {
  readonly store: TokenStore;
  readonly clients: ProviderClients;
  readonly cookies: StateCookies;
  readonly pages: Pages;
  /** Where a connected business is sent instead of our own page. */
  readonly successUrl?: string | undefined;
  /**
   * Set where the person who consents also configures our client, as over stdio. Called when the provider refuses the
   * client's id or secret, and the page says so too.
   */
  readonly onClientRefused?: ((link: ConsentLink, provider: Provider) => void) | undefined;
  /**
   * Reads the calendar that was just connected. It never rejects, and ends within seconds.
   * @returns what keeps the calendar from being used, where that won't pass by itself.
   */
  readonly tryConnection: (customerId: string) => Promise<CalendarObstacle | undefined>;
  /** What a problem of a connected calendar means, in neutral words. */
  readonly findObstacle: FindObstacle;
};

/** An authorization response (RFC 6749, section 4.1.2), unchecked. */
export type CallbackParams = {
  Querystring: { state?: unknown; code?: unknown; error?: unknown; iss?: unknown };
};
type CallbackRequest = FastifyRequest<CallbackParams>;

type Failure =
  | { readonly kind: "access_denied" | "wrong_provider" }
  | { readonly kind: "scope_missing" | "no_refresh_token" | "wrong_account"; readonly accountEmail: string }
  | {
      readonly kind: "exchange_failed";
      /** 400: the request is wrong. 502: the provider has failed, or refuses our client. */
      readonly status: 400 | 502;
      readonly isClientRefused?: boolean;
    };
type Granted = Extract<ExchangeResult, { kind: "granted" }>;

/**
 * The callback of one provider: checks the state, and that the answer comes from the provider that the browser was sent to;
 * exchanges the code, checks which account has granted which scopes, and stores the tokens. If any step fails, no token is
 * stored.
 */
export function handleCallback(callbackDeps: CallbackDeps, client: ProviderClient) {
  const deps = { ...callbackDeps, client };
  const { provider } = client;
  return async (request: CallbackRequest, reply: FastifyReply) => {
    const { state } = request.query;
    const codeVerifier = typeof state === "string" ? deps.cookies.codeVerifierOf(request, state) : undefined;
    if (typeof state !== "string" || codeVerifier === undefined) {
      return deps.pages.sendResult(request, reply.code(400), "state_invalid");
    }
    const attempt = await deps.store.consentLinks.consumeState(state, provider.stateLifetimeMs);
    deps.cookies.clear(reply, state);
    if (attempt === undefined) {
      // The state has expired or was consumed before. Its link may still be live.
      const link = await deps.store.consentLinks.findByState(state);
      return deps.pages.sendResult(request, reply.code(400), "state_invalid", { retryPath: retryPath(link) });
    }
    const { link } = attempt;
    if (link.state !== "live") {
      const grant = await obtainUnwanted(deps, request, attempt, codeVerifier);
      return endLateAttempt(deps, request, reply, attempt, { outcome: `link_${link.state}`, grant });
    }
    const result = await obtainGrant(deps, request, attempt, codeVerifier);
    request.log.info({ customer_id: link.customerId, outcome: result.kind }, "consent returned");
    if (result.kind !== "granted") return sendFailure(deps, request, reply, attempt, result);
    return storeGrant(deps, request, reply, attempt, result);
  };
}

/** The dependencies with our client at the provider whose callback it is. */
type Deps = CallbackDeps & { readonly client: ProviderClient };

async function storeGrant(
  deps: Deps,
  request: CallbackRequest,
  reply: FastifyReply,
  attempt: ConsentAttempt,
  { grant }: Granted,
): Promise<FastifyReply> {
  const { customerId, id: linkId } = attempt.link;
  const { provider } = deps.client;
  try {
    await deps.store.completeConsent(attempt, grant);
  } catch (error) {
    if (!(error instanceof ConsentLinkChangedError)) throw error;
    const used = await deps.store.consentLinks.lastUsed(customerId);
    const outcome = used?.id === linkId ? "link_used" : "link_revoked";
    return endLateAttempt(deps, request, reply, attempt, { outcome, grant });
  }
  const obstacle = await deps.tryConnection(customerId);
  if (obstacle !== undefined)
    return deps.pages.sendResult(request, reply, obstacleResults[obstacle], { provider });
  if (deps.successUrl !== undefined) return reply.redirect(deps.successUrl, 303);
  return deps.pages.sendResult(request, reply, "connected");
}

/** Whether an answer that came to this callback is of the provider that the browser was sent to (RFC 9700, section 4.4). */
function isFromTarget({ client }: Deps, { provider, redirectUri }: ConsentAttempt, issuer: unknown): boolean {
  return (
    provider === client.provider.id &&
    (redirectUri === null || redirectUri === client.redirectUri) &&
    client.acceptsIssuer(issuer)
  );
}

async function obtainGrant(
  deps: Deps,
  request: CallbackRequest,
  attempt: ConsentAttempt,
  codeVerifier: string,
): Promise<Failure | Granted> {
  const { client } = deps;
  const { link } = attempt;
  const { code, error, iss } = request.query;
  if (!isFromTarget(deps, attempt, iss)) return { kind: "wrong_provider" };
  // A code is for the client that asked for it, and ours was changed meanwhile.
  if (attempt.clientId !== null && attempt.clientId !== client.clientId)
    return { kind: "exchange_failed", status: 400 };
  if (error === "access_denied") return { kind: "access_denied" };
  if (error !== undefined || typeof code !== "string" || code === "") {
    return { kind: "exchange_failed", status: 400 };
  }
  const account = link.anyAccount ? null : { id: link.accountId, email: link.customerEmail };
  const result = await client.exchange(code, { codeVerifier, account });
  switch (result.kind) {
    case "exchange_failed":
      return assessFailure(deps, request, { link, provider: client.provider }, result);
    case "invalid_response": {
      // Only the name of the check: the response has tokens, and the id_token an e-mail address.
      const logged = { customer_id: link.customerId, check: result.check };
      request.log.warn(logged, "the answer to the code didn't pass a check");
      return { kind: "exchange_failed", status: 502 };
    }
    default:
      return result;
  }
}

/**
 * Exchanges the code of a link that isn't live any more, so that what the business has just granted can be revoked. Where
 * the provider has no revocation the code is left to expire: there an exchange could only end an earlier grant.
 */
async function obtainUnwanted(
  deps: Deps,
  request: CallbackRequest,
  attempt: ConsentAttempt,
  codeVerifier: string,
): Promise<Grant | undefined> {
  if (deps.client.provider.revocation === null) return undefined;
  const anyAccount = { ...attempt, link: { ...attempt.link, anyAccount: true } };
  const result = await obtainGrant(deps, request, anyAccount, codeVerifier);
  return result.kind === "granted" ? result.grant : undefined;
}

function assessFailure(
  { onClientRefused }: CallbackDeps,
  request: CallbackRequest,
  { link, provider }: { link: ConsentLink; provider: Provider },
  { failure, isClientRefused, status, cause }: Extract<ExchangeResult, { kind: "exchange_failed" }>,
): Failure {
  // Never the response itself, which may have tokens.
  const logged = { customer_id: link.customerId, upstream: status, verdict: failure, err: cause };
  if (failure.kind === "misconfigured") {
    request.log.error(logged, `${provider.name} doesn't take our client`);
    const isShown = onClientRefused !== undefined && isClientRefused;
    if (isShown) onClientRefused(link, provider);
    return { kind: "exchange_failed", status: 502, isClientRefused: isShown };
  }
  request.log.warn(logged, "the code could not be exchanged");
  return { kind: "exchange_failed", status: failure.kind === "reauth_required" ? 400 : 502 };
}

async function sendFailure(
  deps: Deps,
  request: CallbackRequest,
  reply: FastifyReply,
  attempt: ConsentAttempt,
  failure: Failure,
): Promise<FastifyReply> {
  const accountEmail = "accountEmail" in failure ? failure.accountEmail : null;
  await deps.store.consentLinks.recordFailure(attempt, failure.kind, accountEmail);
  const context = { provider: deps.client.provider, retryPath: retryPath(attempt.link) };
  if (failure.kind === "exchange_failed") {
    const code = failure.isClientRefused ? "client_refused" : failure.kind;
    return deps.pages.sendResult(request, reply.code(failure.status), code, context);
  }
  if (failure.kind === "wrong_provider")
    return deps.pages.sendResult(request, reply.code(400), failure.kind, context);
  reply.code(403);
  if (failure.kind !== "wrong_account") return deps.pages.sendResult(request, reply, failure.kind, context);
  const accounts = { chosen: failure.accountEmail, expected: attempt.link.customerEmail ?? "" };
  return deps.pages.sendWrongAccount(request, reply, accounts, context);
}

function retryPath(link: ConsentLink | undefined): string | undefined {
  return link?.token == null ? undefined : `/connect/${link.token}`;
}
