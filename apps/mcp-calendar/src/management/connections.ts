import type {
  AuthorizeRequest,
  AuthorizeResponse,
  CalendarStateView,
  ConnectionSummary,
  ConnectionView,
  DisconnectResponse,
} from "@cita/calendar-api";
import { accountRestriction, type ReconnectLinks, recordLinkIssued } from "@cita/consent";
import type { GoogleOAuthClient } from "@cita/providers";
import { explainLoss, isSameAddress } from "@cita/providers";
import {
  type ConnectionStatus,
  type ConsentLink,
  type ConsentOutcome,
  type IssuedLink,
  type LastAttempt,
  SealError,
  type TokenStore,
} from "@cita/token-store";
import type { RecordActivity } from "../activity/recorder.ts";
import { explainState, notReadNow } from "../calendar-states/explain-state.ts";

/** What admin-api may do to customers' connections. */
export type Connections = {
  authorize(request: AuthorizeRequest): Promise<AuthorizeResponse>;
  summaries(customerIds: readonly string[]): Promise<ConnectionSummary[]>;
  /** @throws UnknownCustomerError */
  view(customerId: string): Promise<Omit<ConnectionView, "stranded_bookings">>;
  /** @throws UnknownCustomerError */
  disconnect(customerId: string): Promise<DisconnectResponse>;
  /** Whether this customer was ever given a link. */
  isKnown(customerId: string): Promise<boolean>;
};

export type ConnectionsDeps = {
  store: TokenStore;
  oauthClient: GoogleOAuthClient;
  record: RecordActivity;
  publicUrl: string;
  reconnectLinks: ReconnectLinks;
  linkLifetimeMs: number;
};

/** Nobody ever asked for a link for this customer. */
export class UnknownCustomerError extends Error {
  override readonly name = "UnknownCustomerError";
  readonly code = "unknown_customer";
  readonly statusCode = 404;
  constructor() {
    super("There is no customer with this id.");
  }
}

const provider = "google";

export function createConnections({
  store,
  oauthClient,
  record,
  publicUrl,
  reconnectLinks,
  linkLifetimeMs,
}: ConnectionsDeps): Connections {
  const latestLink = (customerId: string) => store.consentLinks.latest({ customerId, provider });

  /** One that was used or had run out needed no revoking. */
  async function recordRevoked(link: ConsentLink, because: "renewed" | "disconnected"): Promise<void> {
    if (link.state !== "live") return;
    await record({
      customerId: link.customerId,
      kind: "link_revoked",
      once: `link_revoked ${link.id}`,
      detail: { link_id: link.id, because },
    });
  }

  const statusOf = async (customerId: string) =>
    (await store.connections.statuses([customerId], provider))[0];

  async function reconnectLink(status: ConnectionStatus | undefined, newest?: ConsentLink) {
    if (status === undefined || status.reconnectRequiredSince === null) return undefined;
    return reconnectLinks.issue(status, newest);
  }

  const urlOf = (link: IssuedLink | undefined) =>
    link === undefined ? null : urlsOf(publicUrl, link.token).shareable_link;

  /** Who has to consent: whom the admin names now or has named for the live link, or else who consented before. */
  async function expectationOf(request: AuthorizeRequest, live: boolean) {
    const status = await statusOf(request.customer_id);
    const isLost = status !== undefined && status.reconnectRequiredSince !== null;
    const { customer_email: customerEmail, any_account: anyAccount } =
      isLost && (await isRepeated(request)) ? {} : request;
    if (live) return { customerEmail, anyAccount };
    if (customerEmail !== undefined || anyAccount !== undefined) {
      return { customerEmail, anyAccount: anyAccount ?? false, accountId: null };
    }
    return status === undefined ? {} : accountRestriction(status);
  }

  /**
   * Whether a request names the address that the link of the connection was made for: an admin's system
   * sends it every time, and it says nothing of the account that was then allowed to consent.
   */
  async function isRepeated(request: AuthorizeRequest): Promise<boolean> {
    if (request.customer_email === undefined || request.any_account !== undefined) return false;
    const used = await store.consentLinks.lastUsed({ customerId: request.customer_id, provider });
    return used?.customerEmail?.toLowerCase() === request.customer_email.toLowerCase();
  }

  return {
    async authorize(request) {
      const before = await latestLink(request.customer_id);
      const link = await store.consentLinks.issue({
        customerId: request.customer_id,
        provider,
        ...(await expectationOf(request, before?.link.state === "live" && request.renew !== true)),
        customerName: request.customer_name,
        renew: request.renew,
        lifetimeMs: linkLifetimeMs,
      });
      if (before !== undefined && before.link.id !== link.id) await recordRevoked(before.link, "renewed");
      await recordLinkIssued(record, link);
      return { ...urlsOf(publicUrl, link.token), expires_at: link.expiresAt.toISOString() };
    },

    async summaries(customerIds) {
      const statuses = await store.connections.statuses(customerIds, provider);
      const connected = new Map(statuses.map((status) => [status.customerId, status]));
      const links = await store.consentLinks.newestStates(customerIds, provider);
      const known = customerIds.filter((id) => connected.has(id) || links.has(id));
      return Promise.all(
        known.map(async (id) => {
          const status = connected.get(id);
          return summaryOf(id, status, links.get(id), urlOf(await reconnectLink(status)));
        }),
      );
    },

    async view(customerId) {
      const status = await statusOf(customerId);
      const found = await latestLink(customerId);
      if (status === undefined && found === undefined) throw new UnknownCustomerError();
      const toReconnect = await reconnectLink(status, found?.link);
      // One that was made just now is the newest.
      const isMade = toReconnect !== undefined && toReconnect.id !== found?.link.id;
      const latest = isMade ? { link: toReconnect, lastAttempt: null } : found;
      const link = latest && linkView(publicUrl, latest.link, latest.lastAttempt);
      return { ...summaryOf(customerId, status, latest?.link.state, urlOf(toReconnect)), link: link ?? null };
    },

    async disconnect(customerId) {
      const status = await statusOf(customerId);
      const latest = await latestLink(customerId);
      if (status === undefined && latest === undefined) throw new UnknownCustomerError();
      const revocation = status && (await revokeGrant(store, oauthClient, status));
      // Google takes its time, in which the link to connect again may have been made.
      const newest = await latestLink(customerId);
      const disconnected = await store.disconnect({ customerId, provider });
      if (newest !== undefined) await recordRevoked(newest.link, "disconnected");
      if (disconnected) {
        const detail = { revoked_at_google: revocation?.revoked ?? false };
        await record({ customerId, kind: "disconnected", detail });
      }
      return {
        customer_id: customerId,
        disconnected,
        revoked_at_provider: revocation?.revoked ?? false,
        note: revocation?.note ?? null,
      };
    },

    isKnown: async (customerId) =>
      (await latestLink(customerId)) !== undefined || (await statusOf(customerId)) !== undefined,
  };
}

const notRevoked =
  "Google didn't confirm the revocation. The business can remove the access at myaccount.google.com/permissions.";
const sharedAccount =
  "Not revoked at Google: another customer is connected with the same Google account, and revoking would disconnect that one too.";
const unreadable =
  "The stored tokens could not be opened, so they could not be revoked at Google; they were deleted.";

/** Revoking ends every grant of the account to us, so it must not be done while another customer uses it. */
async function revokeGrant(
  store: TokenStore,
  oauthClient: GoogleOAuthClient,
  status: ConnectionStatus,
): Promise<{ revoked: boolean; note: string | null }> {
  if (await store.connections.isAccountShared(status)) return { revoked: false, note: sharedAccount };
  const connection = await store.connections.find(status).catch((error: unknown) => {
    if (error instanceof SealError) return undefined;
    throw error;
  });
  if (connection === undefined) return { revoked: false, note: unreadable };
  const revoked = await oauthClient.revoke(connection.refreshToken);
  return { revoked, note: revoked ? null : notRevoked };
}

function summaryOf(
  customerId: string,
  status: ConnectionStatus | undefined,
  linkState: ConsentLink["state"] | undefined,
  reconnectLink: string | null,
): ConnectionSummary {
  return {
    customer_id: customerId,
    status: connectionState(status, linkState),
    calendar_email: status?.calendarEmail ?? null,
    connected_at: timeText(status?.connectedAt),
    reconnect_required_since: timeText(status?.reconnectRequiredSince),
    reconnect_reason: status?.reconnectReason ?? null,
    reconnect_message: status === undefined ? null : explainLoss(status),
    reconnect_link: reconnectLink,
    calendar_state: status === undefined ? null : calendarStateOf(status),
  };
}

function calendarStateOf({ reconnectRequiredSince, calendarState }: ConnectionStatus): CalendarStateView {
  if (reconnectRequiredSince !== null) return { state: "unknown", since: null, message: notReadNow };
  const { name: state, calendar, since } = calendarState;
  return {
    state,
    ...(calendar !== null && { calendar }),
    since: timeText(since),
    message: explainState(calendarState),
  };
}

/** A time that was spoilt on the disk is unknown: one customer's row must not hide all the others of a list. */
function timeText(time: Date | null | undefined): string | null {
  return time == null || Number.isNaN(time.getTime()) ? null : time.toISOString();
}

function connectionState(
  status: ConnectionStatus | undefined,
  linkState: ConsentLink["state"] | undefined,
): ConnectionSummary["status"] {
  if (status !== undefined)
    return status.reconnectRequiredSince === null ? "connected" : "reconnect_required";
  return linkState === "live" || linkState === "expired" ? "pending" : "disconnected";
}

function linkView(
  publicUrl: string,
  link: ConsentLink,
  lastAttempt: LastAttempt | null,
): ConnectionView["link"] {
  const shown = link.state === "live" ? link.token : null;
  const urls = shown === null ? { authorization_url: null, shareable_link: null } : urlsOf(publicUrl, shown);
  return {
    state: link.state,
    ...urls,
    expires_at: link.expiresAt.toISOString(),
    last_attempt: lastAttempt && {
      outcome: lastAttempt.outcome,
      at: lastAttempt.at.toISOString(),
      account_email: lastAttempt.accountEmail,
      message: sayOutcome(lastAttempt, link.customerEmail),
    },
  };
}

function urlsOf(publicUrl: string, token: string) {
  return {
    authorization_url: `${publicUrl}/connect/${token}/google`,
    shareable_link: `${publicUrl}/connect/${token}`,
  };
}

function sayOutcome({ outcome, accountEmail }: LastAttempt, expected: string | null): string {
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
