import type { GoogleClientConfig, GoogleIdentity } from "@cita/providers";
import {
  classify,
  type ExchangeVerdict,
  isClientRefused,
  isSameAddress,
  issuersOf,
  judgeExchange,
} from "@cita/providers";
import {
  type ConsentAttempt,
  type ConsentLink,
  ConsentLinkChangedError,
  isCalendarTrouble,
  type TokenStore,
} from "@cita/token-store";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { AttemptCookies } from "./attempt-cookies.ts";
import type { RecordConsent } from "./consent-events.ts";
import { endingPage, unusableEnding } from "./consent-pages.ts";
import { languageOf, sendEnding, sendPage } from "./link-page.ts";
import { wordingOf } from "./wording.ts";

export type CallbackDeps = {
  store: TokenStore;
  google: GoogleClientConfig;
  identity: Pick<GoogleIdentity, "exchange">;
  cookies: AttemptCookies;
  record: RecordConsent;
  /** Where a connected business is sent instead of our own page. */
  successUrl?: string;
  /** Given where whoever consents has set up our client too: told that Google doesn't take it, as is the page. */
  onClientRefused?: (link: ConsentLink) => void;
  /** Told of each account that was connected. It never rejects. */
  onConnected: (connected: ConnectedAccount) => Promise<void>;
  /**
   * Tries whether what was just connected can be used. It never rejects, and nobody waits long for it.
   * @returns what keeps it from being used, where that won't pass by itself.
   */
  tryConnection: (customerId: string) => Promise<Trouble | undefined>;
  now: () => number;
};

/** The provider's word for what is wrong with an account, where it has one. */
export type Trouble = { readonly reason: string | null };

export type ConnectedAccount = {
  readonly customerId: string;
  readonly linkId: number;
  readonly accountId: string | null;
  /** The account that was connected before; null: none, or not known. */
  readonly before: string | null;
};

export type CallbackQuery = { Querystring: { state?: unknown; code?: unknown; error?: unknown } };

/**
 * `GET /oauth/callback` (RFC 6749, section 4.1.2): checks the state, exchanges the code, checks who
 * consented to what, and stores the tokens. Whatever is wrong, nothing is stored.
 */
export function finishConsent(deps: CallbackDeps) {
  return async (request: FastifyRequest<CallbackQuery>, reply: FastifyReply) => {
    const returned = readReturn(deps, request);
    if (returned === undefined) return sendEnding(request, reply.code(400), "state_invalid");
    const attempt = await deps.store.consentLinks.claimAttempt(returned.state);
    deps.cookies.clear(reply, returned.state);
    if (attempt === undefined) return offerFreshStart(deps, request, reply, returned);
    if (attempt.link.state !== "live") return endWithDeadLink(deps, request, reply, attempt);
    const verdict = await judge(deps, request, attempt, returned);
    request.log.info({ customer_id: attempt.link.customerId, outcome: verdict.kind }, "consent returned");
    if (verdict.kind !== "granted") return refuse(deps, request, reply, attempt, verdict);
    const before = await connectedAccount(deps, attempt.link);
    try {
      await deps.store.completeConsent(attempt, verdict.grant);
    } catch (error) {
      if (!(error instanceof ConsentLinkChangedError)) throw error;
      return sendEnding(request, reply.code(410), "link_revoked");
    }
    await recordOutcome(deps, attempt, "connected", verdict.grant.calendarEmail);
    const { customerId, id: linkId } = attempt.link;
    await deps.onConnected({ customerId, linkId, accountId: verdict.grant.accountId, before });
    const trouble = await deps.tryConnection(attempt.link.customerId);
    if (trouble !== undefined) return sendEnding(request, reply, unusableEnding(trouble));
    if (deps.successUrl !== undefined) return reply.redirect(deps.successUrl, 303);
    return sendEnding(request, reply, "connected");
  };
}

async function connectedAccount(
  { store }: CallbackDeps,
  { customerId, provider }: ConsentLink,
): Promise<string | null> {
  const [connection] = await store.connections.statuses([customerId], provider);
  return connection?.accountId ?? null;
}

type Refusal = (
  | Exclude<ExchangeVerdict, { kind: "granted" }>
  | { kind: "access_denied"; accountEmail?: undefined }
) & {
  /** Whose fault it was, where that isn't plain: the caller's (400) or the provider's (502). */
  status?: 400 | 502;
  /** What the page says instead. */
  ending?: "client_refused";
};

type Returned = { readonly state: string; readonly verifier: string };

/** The state must be one that this browser was given. */
function readReturn({ cookies }: CallbackDeps, request: FastifyRequest<CallbackQuery>): Returned | undefined {
  const { state } = request.query;
  const verifier = typeof state === "string" ? cookies.verifierOf(request, state) : undefined;
  return typeof state === "string" && verifier !== undefined ? { state, verifier } : undefined;
}

/** This browser's own state, but it came too late, or a second time: it counts once. */
async function offerFreshStart(
  { store }: CallbackDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  { state }: Returned,
): Promise<FastifyReply> {
  const link = await store.consentLinks.findByState(state);
  return sendEnding(request, reply.code(400), "state_invalid", retryPathOf(link));
}

function retryPathOf(link: ConsentLink | undefined): string | undefined {
  return link?.token == null ? undefined : `/connect/${link.token}`;
}

async function judge(
  deps: CallbackDeps,
  request: FastifyRequest<CallbackQuery>,
  { link }: ConsentAttempt,
  { verifier }: Returned,
): Promise<Refusal | Extract<ExchangeVerdict, { kind: "granted" }>> {
  const { google, identity, onClientRefused, now } = deps;
  if (request.query.error !== undefined) {
    const kind = request.query.error === "access_denied" ? "access_denied" : "exchange_failed";
    return { kind, status: 400 };
  }
  const { code } = request.query;
  if (typeof code !== "string" || code === "") return { kind: "exchange_failed", status: 400 };
  const { cause, ...answer } = await identity.exchange(code, verifier);
  const verdict = classify(answer, "exchange");
  if (verdict.kind === "ok") {
    const judged = judgeExchange(answer.body, {
      idToken: { issuers: issuersOf(google.authorizationUrl), clientId: google.clientId, now: answer.time },
      scopes: google.scopes,
      account: link.anyAccount ? null : { id: link.accountId, email: link.customerEmail },
      now: now(),
    });
    if (judged.kind === "exchange_failed") {
      // The check alone: the answer holds tokens, and the claims somebody's address.
      const about = { customer_id: link.customerId, check: judged.check };
      request.log.warn(about, "the answer to the code didn't pass a check");
    }
    return judged;
  }
  // Never the answer itself: it may hold tokens.
  const about = { customer_id: link.customerId, upstream: answer.status, verdict, err: cause };
  if (verdict.kind === "misconfigured") {
    request.log.error(about, "Google doesn't take our client");
    if (onClientRefused === undefined || !isClientRefused(verdict))
      return { kind: "exchange_failed", status: 502 };
    onClientRefused(link);
    return { kind: "exchange_failed", status: 502, ending: "client_refused" };
  }
  request.log.warn(about, "the code could not be exchanged");
  return { kind: "exchange_failed", status: verdict.kind === "reauth_required" ? 400 : 502 };
}

/** A second tab may come back after the first has connected: then all is well. */
async function endWithDeadLink(
  { store }: CallbackDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  { link }: ConsentAttempt,
): Promise<FastifyReply> {
  const [connection] = await store.connections.statuses([link.customerId], link.provider);
  if (link.state === "used" && connection?.reconnectRequiredSince === null) {
    const { calendarState: state } = connection;
    const isUsable = !isCalendarTrouble(state) || state.name === "unreachable";
    return sendEnding(request, reply, isUsable ? "connected" : unusableEnding(state));
  }
  const code =
    link.state === "used" ? "link_used" : link.state === "revoked" ? "link_revoked" : "link_expired";
  return sendEnding(request, reply.code(410), code);
}

async function recordOutcome(
  { record }: CallbackDeps,
  { link }: ConsentAttempt,
  kind: "connected" | `consent_${Refusal["kind"]}`,
  accountEmail: string | null | undefined,
): Promise<void> {
  const detail = { link_id: link.id, account_email: accountEmail ?? null };
  await record({ customerId: link.customerId, kind, detail });
}

async function refuse(
  deps: CallbackDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  attempt: ConsentAttempt,
  refusal: Refusal,
): Promise<FastifyReply> {
  await deps.store.consentLinks.settleAttempt(attempt, refusal.kind, refusal.accountEmail);
  await recordOutcome(deps, attempt, `consent_${refusal.kind}`, refusal.accountEmail);
  const retryPath = retryPathOf(attempt.link);
  reply.code(refusal.kind === "exchange_failed" ? (refusal.status ?? 502) : 403);
  if (refusal.kind !== "wrong_account")
    return sendEnding(request, reply, refusal.ending ?? refusal.kind, retryPath);
  const language = languageOf(request);
  const words = wordingOf(language);
  const expected = attempt.link.customerEmail ?? "";
  const ending = isSameAddress(refusal.accountEmail, expected)
    ? words.readdressedAccount(refusal.accountEmail)
    : words.wrongAccount(refusal.accountEmail, expected);
  return sendPage(reply, endingPage(language, "wrong_account", ending, retryPath));
}
