import type {
  AuthorizeRequest,
  AuthorizeResponse,
  ConnectionSummary,
  ConnectionView,
  DisconnectResponse,
} from "@cita/calendar-api";
import type { GoogleOAuthClient } from "@cita/providers";
import type {
  ConnectionStatus,
  ConsentLink,
  ConsentLinkState,
  CustomerKey,
  IssuedLink,
  TokenStore,
} from "@cita/token-store";
import type { RecordActivity } from "../activity/recorder.ts";
import { toLinkView, toSummary } from "./connection-view.ts";
import { revokeGrant } from "./revoke-grant.ts";

/**
 * What admin-api may do to customers' connections. `summaries`, `view` and `isKnown` write nothing. Links are made by
 * `issueConsentLink`, and by `issueReconnectLink` when a connection is lost; packages/token-store decides whose consent a
 * link accepts.
 */
export type ManagedConnections = {
  /** The customer's consent link: the live one there is, or a new one. */
  issueConsentLink(request: AuthorizeRequest): Promise<AuthorizeResponse>;
  /** Customers that nobody ever asked a link for are left out. */
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

export function createManagedConnections(deps: ConnectionsDeps): ManagedConnections {
  const { store, publicUrl } = deps;
  const keyOf = (customerId: string): CustomerKey => ({ customerId, provider });

  async function readConnection(customerId: string) {
    const [connection] = await store.connections.statuses([customerId], provider);
    const newest = await store.consentLinks.latest(keyOf(customerId));
    return { connection, newest, isKnown: connection !== undefined || newest !== undefined };
  }

  return {
    issueConsentLink: (request) => issueConsentLink(deps, keyOf(request.customer_id), request),

    summaries: (customerIds) => readSummaries(store, publicUrl, customerIds),

    async view(customerId) {
      const { connection, newest, isKnown } = await readConnection(customerId);
      if (!isKnown) throw new UnknownCustomerError();
      const summary = toSummary({
        customerId,
        status: toConnectionStatus(connection, newest?.link.state),
        connection,
        reconnectLink: reconnectLinkOf(publicUrl, connection, newest?.link),
      });
      if (newest === undefined) return { ...summary, link: null };
      const { link, lastAttempt } = newest;
      return { ...summary, link: toLinkView(link, liveUrlsOf(publicUrl, link), lastAttempt) };
    },

    async disconnect(customerId) {
      const { connection, isKnown } = await readConnection(customerId);
      if (!isKnown) throw new UnknownCustomerError();
      return disconnect(deps, keyOf(customerId), connection);
    },

    isKnown: async (customerId) => (await readConnection(customerId)).isKnown,
  };
}

/** Updates and returns a customer's live link; makes a new one where there is none or `renew` is true. */
async function issueConsentLink(
  { store, record, publicUrl, linkLifetimeMs }: ConnectionsDeps,
  key: CustomerKey,
  request: AuthorizeRequest,
): Promise<AuthorizeResponse> {
  const [connection] = await store.connections.statuses([key.customerId], key.provider);
  const before = (await store.consentLinks.latest(key))?.link;
  const link = await store.consentLinks.issue({
    ...key,
    customerEmail: request.customer_email,
    customerName: request.customer_name,
    anyAccount: request.any_account,
    renew: request.renew,
    lifetimeMs: linkLifetimeMs,
  });
  if (before !== undefined && before.id !== link.id) await recordRevoked(record, before, "renewed");
  await recordIssued(record, link);
  return {
    ...urlsOf(publicUrl, link.token),
    expires_at: link.expiresAt.toISOString(),
    status: toConnectionStatus(connection, link.state),
  };
}

/** Makes the link to connect again, unless the connection was renewed or removed meanwhile, and needs none. */
export async function issueReconnectLink(
  { store, record, linkLifetimeMs }: Pick<ConnectionsDeps, "store" | "record" | "linkLifetimeMs">,
  lost: CustomerKey,
): Promise<void> {
  const link = await store.consentLinks.issueForLost({ ...lost, lifetimeMs: linkLifetimeMs });
  if (link !== undefined) await recordIssued(record, link);
}

/** Records that a link was made, once for each link. */
function recordIssued(record: RecordActivity, link: IssuedLink): Promise<void> {
  return record({
    customerId: link.customerId,
    kind: "link_issued",
    once: `link_issued ${link.id}`,
    data: { link_id: link.id, expires_at: link.expiresAt.toISOString() },
  });
}

/** Records that a live link was revoked, once for each link. Used and expired links aren't revoked. */
async function recordRevoked(
  record: RecordActivity,
  link: ConsentLink,
  because: "renewed" | "disconnected",
): Promise<void> {
  if (link.state !== "live") return;
  await record({
    customerId: link.customerId,
    kind: "link_revoked",
    once: `link_revoked ${link.id}`,
    data: { link_id: link.id, because },
  });
}

async function readSummaries(
  { connections, consentLinks }: TokenStore,
  publicUrl: string,
  customerIds: readonly string[],
): Promise<ConnectionSummary[]> {
  const statuses = await connections.statuses(customerIds, provider);
  const connectionOf = new Map(statuses.map((connection) => [connection.customerId, connection]));
  const linkStateOf = await consentLinks.newestStates(customerIds, provider);

  async function readSummary(customerId: string): Promise<ConnectionSummary> {
    const connection = connectionOf.get(customerId);
    const linkState = linkStateOf.get(customerId);
    // Unsealing a token takes time, so only links that lists show are read.
    const isShown = linkState === "live" && connection !== undefined && isLost(connection);
    const newest = isShown ? await consentLinks.latest({ customerId, provider }) : undefined;
    return toSummary({
      customerId,
      status: toConnectionStatus(connection, linkState),
      connection,
      reconnectLink: reconnectLinkOf(publicUrl, connection, newest?.link),
    });
  }

  const known = customerIds.filter((id) => connectionOf.has(id) || linkStateOf.has(id));
  return Promise.all(known.map(readSummary));
}

/** @param linkState of the newest link; undefined: there never was one. */
function toConnectionStatus(
  connection: ConnectionStatus | undefined,
  linkState: ConsentLinkState | undefined,
): ConnectionSummary["status"] {
  if (connection !== undefined) return isLost(connection) ? "reconnect_required" : "connected";
  return linkState === "live" || linkState === "expired" ? "pending" : "disconnected";
}

/** Whether only a new consent helps. */
function isLost({ reconnectRequiredSince }: ConnectionStatus): boolean {
  return reconnectRequiredSince !== null;
}

/** The link to connect again; null where the connection isn't lost, or the newest link is dead or can't be opened. */
function reconnectLinkOf(
  publicUrl: string,
  connection: ConnectionStatus | undefined,
  newest: ConsentLink | undefined,
): string | null {
  if (connection === undefined || !isLost(connection) || newest === undefined) return null;
  return liveUrlsOf(publicUrl, newest)?.shareable_link ?? null;
}

type LinkUrls = Pick<AuthorizeResponse, "authorization_url" | "shareable_link">;

/** @returns undefined for a link that isn't live, or that no key opens. */
function liveUrlsOf(publicUrl: string, { state, token }: ConsentLink): LinkUrls | undefined {
  return state === "live" && token !== null ? urlsOf(publicUrl, token) : undefined;
}

function urlsOf(publicUrl: string, token: string): LinkUrls {
  return {
    authorization_url: `${publicUrl}/connect/${token}/google`,
    shareable_link: `${publicUrl}/connect/${token}`,
  };
}

/** Revokes the grant at Google unless another customer shares it, deletes the tokens, and revokes the live link. */
async function disconnect(
  { store, oauthClient, record }: ConnectionsDeps,
  key: CustomerKey,
  connection: ConnectionStatus | undefined,
): Promise<DisconnectResponse> {
  const { customerId } = key;
  const { revoked, note } =
    connection === undefined
      ? { revoked: false, note: null }
      : await revokeGrant(store.connections, oauthClient, connection);
  // Read after Google's response, since the link to connect again may be made in the meantime.
  const newest = await store.consentLinks.latest(key);
  const disconnected = await store.disconnect(key);
  if (newest !== undefined) await recordRevoked(record, newest.link, "disconnected");
  if (disconnected)
    await record({ customerId, kind: "disconnected", data: { provider: key.provider, revoked } });
  return { customer_id: customerId, disconnected, revoked_at_provider: revoked, note };
}
