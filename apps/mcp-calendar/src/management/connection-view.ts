import type {
  AuthorizeResponse,
  CalendarStateView,
  ConnectionSummary,
  ConnectionView,
} from "@cita/calendar-api";
import { type ExplainLoss, isSameAddress, type Provider } from "@cita/providers";
import type { ConnectionStatus, ConsentLink, LastAttempt, LinkOutcome } from "@cita/token-store";
import { type ExplainState, notReadNow } from "../calendar-states/explain-state.ts";

export type Explanations = { readonly explainLoss: ExplainLoss; readonly explainState: ExplainState };

/** The view of a connection in lists. */
export function toSummary(
  { explainLoss, explainState }: Explanations,
  { customerId, status, connection, reconnectLink }: Shown,
): ConnectionSummary {
  return {
    customer_id: customerId,
    status,
    provider: connection?.provider ?? null,
    calendar_email: connection?.calendarEmail ?? null,
    connected_at: toTimeText(connection?.connectedAt),
    access_ends_at: toTimeText(connection?.accessEndsAt),
    reconnect_required_since: toTimeText(connection?.reconnectRequiredSince),
    reconnect_reason: connection?.reconnectReason ?? null,
    reconnect_message: connection === undefined ? null : explainLoss(connection),
    reconnect_link: reconnectLink,
    calendar_state: connection === undefined ? null : toCalendarStateView(connection, explainState),
  };
}

type Shown = {
  readonly customerId: string;
  readonly status: ConnectionSummary["status"];
  /** Undefined: nothing is connected. */
  readonly connection: ConnectionStatus | undefined;
  readonly reconnectLink: string | null;
};

/** `provider`: where the attempt was; undefined: it isn't known any more. */
type ShownAttempt = { readonly lastAttempt: LastAttempt | null; readonly provider: Provider | undefined };

/** @param urls undefined: nobody can use the link. */
export function toLinkView(
  link: ConsentLink,
  urls: Pick<AuthorizeResponse, "authorization_url" | "shareable_link"> | undefined,
  { lastAttempt, provider }: ShownAttempt,
): ConnectionView["link"] {
  return {
    state: link.state,
    authorization_url: urls?.authorization_url ?? null,
    shareable_link: urls?.shareable_link ?? null,
    expires_at: link.expiresAt.toISOString(),
    last_attempt: lastAttempt && {
      outcome: lastAttempt.outcome,
      at: lastAttempt.at.toISOString(),
      account_email: lastAttempt.accountEmail,
      message: explainOutcome(lastAttempt, provider?.name ?? lastAttempt.provider, link.customerEmail),
    },
  };
}

function toCalendarStateView(
  { provider, reconnectRequiredSince, calendarState }: ConnectionStatus,
  explainState: ExplainState,
): CalendarStateView {
  if (reconnectRequiredSince !== null) return { state: "unknown", since: null, message: notReadNow };
  const { name: state, calendar, since } = calendarState;
  return {
    state,
    ...(calendar !== null && { calendar }),
    since: toTimeText(since),
    message: explainState(provider, calendarState),
  };
}

/** A damaged time becomes null, so that one customer's row can't fail the list of all customers. */
function toTimeText(time: Date | null | undefined): string | null {
  return time == null || Number.isNaN(time.getTime()) ? null : time.toISOString();
}

function explainOutcome(
  { outcome, accountEmail }: LastAttempt,
  name: string,
  expected: string | null,
): string {
  if (outcome !== "wrong_account") return outcomeMessages[outcome](name);
  if (accountEmail !== null && expected !== null && isSameAddress(accountEmail, expected)) {
    return `${accountEmail} now belongs to another ${name} account than the one that was connected before. Nothing was connected. Allow it with any_account.`;
  }
  return `The business chose ${accountEmail}, but the link is for ${expected}. Nothing was connected. Correct customer_email, or allow it with any_account.`;
}

const outcomeMessages: Record<Exclude<LinkOutcome, "wrong_account">, (name: string) => string> = {
  connected: () => "The business connected its calendar.",
  access_denied: () => "The business chose not to allow it. The link still works.",
  scope_missing: () =>
    "The business unticked the calendar box, so nothing was connected. The link still works.",
  no_refresh_token: (name) =>
    `${name} gave no lasting permission, so nothing was connected. The link still works.`,
  wrong_provider: () =>
    "The answer didn't come from the provider that the business was sent to, so nothing was connected. The link still works.",
  exchange_failed: (name) =>
    `${name} didn't confirm the consent, so nothing was connected. The link still works.`,
};
