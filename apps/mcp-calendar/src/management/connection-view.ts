import type {
  AuthorizeResponse,
  CalendarStateView,
  ConnectionSummary,
  ConnectionView,
} from "@cita/calendar-api";
import { explainLoss, isSameAddress } from "@cita/providers";
import type {
  ConnectionStatus,
  ConsentLink,
  ConsentLinkState,
  ConsentOutcome,
  LastAttempt,
} from "@cita/token-store";
import { explainState, notReadNow } from "../calendar-states/explain-state.ts";

/** The view of a connection in lists. */
export function toSummary({ customerId, status, linkState, reconnectLink }: Shown): ConnectionSummary {
  return {
    customer_id: customerId,
    status: toConnectionStatus(status, linkState),
    calendar_email: status?.calendarEmail ?? null,
    connected_at: toTimeText(status?.connectedAt),
    reconnect_required_since: toTimeText(status?.reconnectRequiredSince),
    reconnect_reason: status?.reconnectReason ?? null,
    reconnect_message: status === undefined ? null : explainLoss(status),
    reconnect_link: reconnectLink,
    calendar_state: status === undefined ? null : toCalendarStateView(status),
  };
}

type Shown = {
  readonly customerId: string;
  /** Undefined: nothing is connected. */
  readonly status: ConnectionStatus | undefined;
  /** Of the newest link; undefined: there never was one. */
  readonly linkState: ConsentLinkState | undefined;
  readonly reconnectLink: string | null;
};

export function toConnectionStatus(
  status: ConnectionStatus | undefined,
  linkState: ConsentLinkState | undefined,
): ConnectionSummary["status"] {
  if (status !== undefined) return isLost(status) ? "reconnect_required" : "connected";
  return linkState === "live" || linkState === "expired" ? "pending" : "disconnected";
}

/** Whether only a new consent helps. */
export function isLost({ reconnectRequiredSince }: ConnectionStatus): boolean {
  return reconnectRequiredSince !== null;
}

/** The link to connect again; null where the connection isn't lost, or the newest link is dead or can't be opened. */
export function reconnectLinkOf(
  publicUrl: string,
  status: ConnectionStatus | undefined,
  newest: ConsentLink | undefined,
): string | null {
  if (status === undefined || !isLost(status)) return null;
  const token = newest === undefined ? null : liveTokenOf(newest);
  return token === null ? null : urlsOf(publicUrl, token).shareable_link;
}

export function toLinkView(
  publicUrl: string,
  link: ConsentLink,
  lastAttempt: LastAttempt | null,
): ConnectionView["link"] {
  const token = liveTokenOf(link);
  const urls = token === null ? { authorization_url: null, shareable_link: null } : urlsOf(publicUrl, token);
  return {
    state: link.state,
    ...urls,
    expires_at: link.expiresAt.toISOString(),
    last_attempt: lastAttempt && {
      outcome: lastAttempt.outcome,
      at: lastAttempt.at.toISOString(),
      account_email: lastAttempt.accountEmail,
      message: explainOutcome(lastAttempt, link.customerEmail),
    },
  };
}

export function urlsOf(
  publicUrl: string,
  token: string,
): Pick<AuthorizeResponse, "authorization_url" | "shareable_link"> {
  return {
    authorization_url: `${publicUrl}/connect/${token}/google`,
    shareable_link: `${publicUrl}/connect/${token}`,
  };
}

function liveTokenOf({ state, token }: ConsentLink): string | null {
  return state === "live" ? token : null;
}

function toCalendarStateView(status: ConnectionStatus): CalendarStateView {
  if (isLost(status)) return { state: "unknown", since: null, message: notReadNow };
  const { calendarState } = status;
  const { name: state, calendar, since } = calendarState;
  return {
    state,
    ...(calendar !== null && { calendar }),
    since: toTimeText(since),
    message: explainState(calendarState),
  };
}

/** A damaged time becomes null, so that one customer's row can't fail the list of all customers. */
function toTimeText(time: Date | null | undefined): string | null {
  return time == null || Number.isNaN(time.getTime()) ? null : time.toISOString();
}

function explainOutcome({ outcome, accountEmail }: LastAttempt, expected: string | null): string {
  if (outcome !== "wrong_account") return outcomeMessages[outcome];
  if (accountEmail !== null && expected !== null && isSameAddress(accountEmail, expected)) {
    return `${accountEmail} now belongs to another Google account than the one that was connected before. Nothing was connected. Allow it with any_account.`;
  }
  return `The business chose ${accountEmail}, but the link is for ${expected}. Nothing was connected. Correct customer_email, or allow it with any_account.`;
}

const outcomeMessages: Record<Exclude<ConsentOutcome, "wrong_account">, string> = {
  connected: "The business connected its calendar.",
  access_denied: "The business chose not to allow it. The link still works.",
  scope_missing: "The business unticked the calendar box, so nothing was connected. The link still works.",
  no_refresh_token: "Google gave no lasting permission, so nothing was connected. The link still works.",
  exchange_failed: "Google didn't confirm the consent, so nothing was connected. The link still works.",
};
