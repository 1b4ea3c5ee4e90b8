import {
  type ConsentAttempt,
  type ConsentLink,
  ConsentLinkChangedError,
  type TokenStore,
} from "@cita/token-store";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { RecordActivity } from "../activity/recorder.ts";
import type { ReadFirst } from "../calendar-states/first-reading.ts";
import { isTrouble } from "../calendar-states/judge-reading.ts";
import { classify, isClientRefused } from "../google/google-answer.ts";
import type { BrowserLeg } from "./browser-leg.ts";
import { endingPage, unusableEnding } from "./consent-pages.ts";
import { languageOf, sendEnding, sendPage } from "./link-page.ts";
import { type ExchangeVerdict, judgeExchange } from "./token-response.ts";
import { wordingOf } from "./wording.ts";

export type CallbackDeps = {
  store: TokenStore;
  browserLeg: BrowserLeg;
  record: RecordActivity;
  clientId: string;
  scopes: string;
  /** Where a connected business is sent instead of our own page. */
  successUrl?: string;
  /** Given where whoever consents has set up our client too: told that Google doesn't take it, as is the page. */
  onClientRefused?: (link: ConsentLink) => void;
  /** Tries whether the calendar that was just connected can be used. */
  readFirst: ReadFirst;
  now: () => number;
};

export type CallbackQuery = { Querystring: { state?: unknown; code?: unknown; error?: unknown } };

/**
 * `GET /oauth/callback` (RFC 6749, section 4.1.2): checks the state, exchanges the code, checks who
 * consented to what, and stores the tokens. Whatever is wrong, nothing is stored.
 */
export function finishConsent(deps: CallbackDeps) {
  return async (request: FastifyRequest<CallbackQuery>, reply: FastifyReply) => {
    await deps.browserLeg.ready();
    const attempt = await claimAttempt(deps, request);
    if (attempt === undefined) return sendEnding(request, reply.code(400), "state_invalid");
    if (attempt.link.state !== "live") return endWithDeadLink(deps, request, reply, attempt);
    const verdict = await judge(deps, request, reply, attempt);
    deps.browserLeg.clearCookies(reply);
    request.log.info({ customer_id: attempt.link.customerId, outcome: verdict.kind }, "consent returned");
    if (verdict.kind !== "granted") return refuse(deps, request, reply, attempt, verdict);
    try {
      await deps.store.completeConsent(attempt, verdict.grant);
    } catch (error) {
      if (!(error instanceof ConsentLinkChangedError)) throw error;
      return sendEnding(request, reply.code(410), "link_revoked");
    }
    await recordOutcome(deps, attempt, "connected", verdict.grant.calendarEmail);
    const trouble = await deps.readFirst(attempt.link.customerId);
    if (trouble !== undefined) return sendEnding(request, reply, unusableEnding(trouble));
    if (deps.successUrl !== undefined) return reply.redirect(deps.successUrl, 303);
    return sendEnding(request, reply, "connected");
  };
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

/** The state must be this browser's own, and it counts once: a replay finds nothing to claim. */
async function claimAttempt(
  { store, browserLeg }: CallbackDeps,
  request: FastifyRequest<CallbackQuery>,
): Promise<ConsentAttempt | undefined> {
  if (!browserLeg.stateMatches(request)) return undefined;
  return store.consentLinks.claimAttempt(String(request.query.state));
}

async function judge(
  { browserLeg, clientId, scopes, onClientRefused, now }: CallbackDeps,
  request: FastifyRequest<CallbackQuery>,
  reply: FastifyReply,
  { link }: ConsentAttempt,
): Promise<Refusal | Extract<ExchangeVerdict, { kind: "granted" }>> {
  // The plugin would post an empty code for a refusal, so it never sees one.
  if (request.query.error !== undefined) {
    const kind = request.query.error === "access_denied" ? "access_denied" : "exchange_failed";
    return { kind, status: 400 };
  }
  if (typeof request.query.code !== "string" || request.query.code === "") {
    return { kind: "exchange_failed", status: 400 };
  }
  const answer = await browserLeg.exchange(request, reply);
  const verdict = classify(answer, "exchange");
  if (verdict.kind === "ok") {
    const email = link.anyAccount ? null : link.customerEmail;
    return judgeExchange(answer.body, { clientId, scopes, email, now: now() });
  }
  // Never the answer itself: it may hold tokens.
  const about = { customer_id: link.customerId, upstream: answer.status, verdict };
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
  { store, browserLeg }: CallbackDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  { link }: ConsentAttempt,
): Promise<FastifyReply> {
  browserLeg.clearCookies(reply);
  const [connection] = await store.connections.statuses([link.customerId], link.provider);
  if (link.state === "used" && connection?.reconnectRequiredSince === null) {
    const { calendarState: state } = connection;
    const isUsable = !isTrouble(state) || state.name === "unreachable";
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
  const retryPath = attempt.link.token === null ? undefined : `/connect/${attempt.link.token}`;
  reply.code(refusal.kind === "exchange_failed" ? (refusal.status ?? 502) : 403);
  if (refusal.kind !== "wrong_account")
    return sendEnding(request, reply, refusal.ending ?? refusal.kind, retryPath);
  const language = languageOf(request);
  const ending = wordingOf(language).wrongAccount(refusal.accountEmail, attempt.link.customerEmail ?? "");
  return sendPage(reply, endingPage(language, "wrong_account", ending, retryPath));
}
