/** What a receiver's answer means for its delivery, and for its webhook. Nothing is sent or stored here. */

import { EgressError, type EgressErrorCode, type NamedHostResponse } from "@cita/egress";
import { retryDelayMs } from "@cita/events/jobs";
import { retryAfterMs } from "@cita/providers";
import type { Conclusion } from "./conclude-attempts.ts";
import type { DueDelivery } from "./delivery-store.ts";
import type { ReceivedResponse } from "./webhook.ts";

export type Attempt =
  | { readonly kind: "delivered"; readonly response: ReceivedResponse }
  | {
      readonly kind: "failed";
      /** A code: a status, or one of ours. */
      readonly reason: string;
      /** A sentence. */
      readonly error: string;
      readonly response: ReceivedResponse | null;
      /** For how long the receiver has asked us to wait. */
      readonly askedMs?: number | undefined;
    };

/** Of an answer that much is kept. */
export const maxExcerptLength = 1_000;

/** Statuses whose `Retry-After` counts. */
const throttlingStatuses = [429, 502, 503, 504];

const goneStatus = 410;

export function judgeResponse({ status, headers, text }: NamedHostResponse): Attempt {
  // PostgreSQL stores no U+0000.
  const response = { status, body: text.slice(0, maxExcerptLength).replaceAll("\0", "\uFFFD") };
  if (status >= 200 && status < 300) return { kind: "delivered", response };
  return {
    ...{ kind: "failed", reason: `${status}`, response, error: explainStatus(status) },
    askedMs: throttlingStatuses.includes(status) ? retryAfterMs(headers) : undefined,
  };
}

function explainStatus(status: number): string {
  if (status === goneStatus) return "The receiver answered 410: it doesn't want anything any more.";
  if (status >= 300 && status < 400)
    return `The receiver answered ${status}. Redirects aren't followed: give the webhook the final URL.`;
  return `The receiver answered ${status}, and only 200 to 299 count as delivered.`;
}

/** @throws what isn't a failure of the request */
export function judgeFailure(error: unknown): Attempt {
  if (!(error instanceof EgressError)) throw error;
  return { kind: "failed", reason: error.code, error: sentences[error.code], response: null };
}

const sentences: Readonly<Record<EgressErrorCode, string>> = {
  url_refused: "The webhook's URL isn't one that is sent to. Give it another one.",
  address_refused: "The receiver's host has an address that isn't on the public internet.",
  request_refused: "The request to the receiver could not be made.",
  timed_out: "The receiver didn't answer in time.",
  too_long: "The receiver's answer has too many headers.",
  unreachable: "The receiver can't be reached, or gave no complete answer.",
};

/** After so long without a success a receiver is given up. */
const maxFailingMs = 5 * 24 * 3_600_000;

export type Circumstances = {
  /** Epoch milliseconds. */
  readonly now: number;
  /** `WEBHOOK_RETRY_SCALE` */
  readonly scale: number;
  /** From 0 up to 1. */
  readonly random: number;
};

/** What follows from an attempt: when it is repeated, whether it has failed for good, and whether its webhook has. */
export function concludeAttempt(
  attempt: Attempt,
  { delivery, webhook }: Pick<DueDelivery, "delivery" | "webhook">,
  { now, scale, random }: Circumstances,
): Conclusion {
  const { response } = attempt;
  if (attempt.kind === "delivered") return { status: "DELIVERED", response, error: null };
  const { reason, error, askedMs } = attempt;
  const failed = { status: "FAILED", response, error, reason } as const;
  if (response?.status === goneStatus) return { ...failed, disabledReason: error };
  const failingMs = now - (webhook.failingSince?.getTime() ?? now);
  if (failingMs >= maxFailingMs * scale)
    return { ...failed, disabledReason: `Nothing could be delivered for five days. The last time: ${error}` };
  const afterMs = retryDelayMs({ failures: delivery.attempts + 1, askedMs, scale, random });
  if (afterMs === undefined) return { ...failed, disabledReason: null };
  return { status: "RETRYING", response, error, afterMs };
}

/** For what waits while its webhook is made inactive. */
export const inactive: Conclusion = {
  ...{ status: "FAILED", response: null, reason: "inactive", disabledReason: null },
  error: "The webhook wasn't active when it was due. Activate it, and replay this delivery.",
};
