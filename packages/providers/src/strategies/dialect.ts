import type { ConnectionStatus } from "@cita/token-store";

/** The kind of a request to an authorization server. */
export type OAuthRequestKind = "exchange" | "refresh" | "revoke";

/** A provider's response; without a status: no complete response came. */
export type ProviderAnswer = { readonly status?: number | undefined; readonly body?: unknown };

/**
 * The meaning of a failure. `reauth_required`: only a new consent of the business helps. `misconfigured`: our client or
 * project is set up wrong. `transient`, `rate_limited`: it may pass by itself.
 */
export type Failure = {
  readonly kind: "reauth_required" | "misconfigured" | "transient" | "rate_limited";
  /** The provider's own error code where there is one. Never a secret. */
  readonly reason: string;
};

export type Verdict = { readonly kind: "ok" } | Failure;

/** What is known of a connection that may be lost. */
export type Loss = Pick<
  ConnectionStatus,
  "provider" | "connectedAt" | "tokenExpiry" | "reconnectRequiredSince" | "reconnectReason"
>;

/** How a provider spells its answers. Pure. */
export type Dialect = {
  classify(answer: ProviderAnswer, request: OAuthRequestKind): Verdict;
  /** Whether a `misconfigured` failure is due to our client's id or secret. */
  isClientRefused(failure: Failure): boolean;
  /** Why a connection was probably lost and what to do, for the admin; null: nothing is known of it. */
  explainLoss(status: Loss): string | null;
};
