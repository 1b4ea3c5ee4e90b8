import type {
  AccountQuery,
  AuthorizeRequest,
  AuthorizeResponse,
  ConnectionSummary,
  ConnectionView,
  DisconnectResponse,
} from "@cita/calendar-api";
import type { Precondition } from "@cita/database";
import type { ExplainLoss, Provider, ProviderClients } from "@cita/providers";
import type {
  ConnectionStatus,
  ConsentLink,
  ConsentLinkState,
  IssuedLink,
  TokenStore,
} from "@cita/token-store";
import type { ExplainState } from "../calendar-states/explain-state.ts";
import { toLinkView, toSummary } from "./connection-view.ts";
import { revokeGrant } from "./revoke-grant.ts";

/**
 * What admin-api may do to customers' connections. `summaries`, `view` and `isKnown` write nothing. Links are made by
 * `issueConsentLink`, and by packages/token-store when a connection is lost; that package decides whose consent a link
 * accepts, and appends the events.
 */
export type ManagedConnections = {
  /** The customer's consent link: the live one there is, or a new one. */
  issueConsentLink(request: AuthorizeRequest, precondition?: Precondition): Promise<AuthorizeResponse>;
  /** Customers that nobody ever asked a link for are left out. */
  summaries(customerIds: readonly string[]): Promise<ConnectionSummary[]>;
  /** @throws UnknownCustomerError */
  view(customerId: string): Promise<Omit<ConnectionView, "stranded_bookings">>;
  /** @throws UnknownCustomerError */
  disconnect(customerId: string): Promise<DisconnectResponse>;
  /** Whether any customer's connection lives by this account's consent to this client. */
  isAccountConnected(account: AccountQuery): Promise<boolean>;
  /** Whether this customer was ever given a link. */
  isKnown(customerId: string): Promise<boolean>;
};

export type ConnectionsDeps = {
  store: TokenStore;
  /** All that may be configured. */
  providers: readonly Provider[];
  clients: ProviderClients;
  explainLoss: ExplainLoss;
  explainState: ExplainState;
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

/** A request names a provider that isn't configured. */
export class ProviderNotConfiguredError extends Error {
  override readonly name = "ProviderNotConfiguredError";
  readonly code = "provider_not_configured";
  readonly statusCode = 400;
  constructor(configured: Iterable<string>) {
    super(`This provider isn't configured here; configured: ${[...configured].join(", ")}.`);
  }
}

export function createManagedConnections(deps: ConnectionsDeps): ManagedConnections {
  const { store } = deps;

  async function readConnection(customerId: string) {
    const [connection] = await store.connections.statuses([customerId]);
    const newest = await store.consentLinks.latest(customerId);
    return { connection, newest, isKnown: connection !== undefined || newest !== undefined };
  }

  return {
    issueConsentLink: (request, precondition) => issueConsentLink(deps, request, precondition),

    summaries: (customerIds) => readSummaries(deps, customerIds),

    async view(customerId) {
      const { connection, newest, isKnown } = await readConnection(customerId);
      if (!isKnown) throw new UnknownCustomerError();
      const summary = toSummary(deps, {
        customerId,
        status: toConnectionStatus(connection, newest?.link.state),
        connection,
        reconnectLink: reconnectLinkOf(deps, connection, newest?.link),
      });
      if (newest === undefined) return { ...summary, link: null };
      const { link, lastAttempt } = newest;
      const provider = deps.providers.find(({ id }) => id === lastAttempt?.provider);
      return { ...summary, link: toLinkView(link, liveUrlsOf(deps, link), { lastAttempt, provider }) };
    },

    async disconnect(customerId) {
      const { connection, isKnown } = await readConnection(customerId);
      if (!isKnown) throw new UnknownCustomerError();
      return disconnect(deps, customerId, connection);
    },

    isAccountConnected: ({ provider, client_id: clientId, account_id: accountId, email: calendarEmail }) =>
      store.connections.isAccountConnected({ provider, clientId, accountId, calendarEmail }),

    isKnown: async (customerId) => (await readConnection(customerId)).isKnown,
  };
}

/** Updates and returns a customer's live link; makes a new one where there is none or `renew` is true. */
async function issueConsentLink(
  deps: ConnectionsDeps,
  request: AuthorizeRequest,
  precondition: Precondition | undefined,
): Promise<AuthorizeResponse> {
  const { store, clients, linkLifetimeMs } = deps;
  const { customer_id: customerId, provider } = request;
  if (provider !== undefined && !clients.has(provider)) throw new ProviderNotConfiguredError(clients.keys());
  const [connection] = await store.connections.statuses([customerId]);
  const wanted = {
    ...{ customerId, provider },
    customerEmail: request.customer_email,
    customerName: request.customer_name,
    anyAccount: request.any_account,
    renew: request.renew,
    lifetimeMs: linkLifetimeMs,
  };
  const link = await store.consentLinks.issue(wanted, precondition);
  return {
    ...urlsOf(deps, link),
    expires_at: link.expiresAt.toISOString(),
    status: toConnectionStatus(connection, link.state),
  };
}

async function readSummaries(
  deps: ConnectionsDeps,
  customerIds: readonly string[],
): Promise<ConnectionSummary[]> {
  const { connections, consentLinks } = deps.store;
  const statuses = await connections.statuses(customerIds);
  const connectionOf = new Map(statuses.map((connection) => [connection.customerId, connection]));
  const linkStateOf = await consentLinks.newestStates(customerIds);

  async function readSummary(customerId: string): Promise<ConnectionSummary> {
    const connection = connectionOf.get(customerId);
    const linkState = linkStateOf.get(customerId);
    // Unsealing a token takes time, so only links that lists show are read.
    const isShown = linkState === "live" && connection !== undefined && isLost(connection);
    const newest = isShown ? await consentLinks.latest(customerId) : undefined;
    return toSummary(deps, {
      customerId,
      status: toConnectionStatus(connection, linkState),
      connection,
      reconnectLink: reconnectLinkOf(deps, connection, newest?.link),
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
  deps: UrlDeps,
  connection: ConnectionStatus | undefined,
  newest: ConsentLink | undefined,
): string | null {
  if (connection === undefined || !isLost(connection) || newest === undefined) return null;
  return liveUrlsOf(deps, newest)?.shareable_link ?? null;
}

type UrlDeps = Pick<ConnectionsDeps, "publicUrl" | "clients">;
type LinkUrls = Pick<AuthorizeResponse, "authorization_url" | "shareable_link">;

/** @returns undefined for a link that isn't live, or that no key opens. */
function liveUrlsOf(deps: UrlDeps, { state, provider, token }: ConsentLink): LinkUrls | undefined {
  return state === "live" && token !== null ? urlsOf(deps, { provider, token }) : undefined;
}

/** Where the business has to choose a provider first, both are the link's page. */
function urlsOf(
  { publicUrl, clients }: UrlDeps,
  { provider: named, token }: Pick<IssuedLink, "provider" | "token">,
): LinkUrls {
  const [first, ...others] = clients.keys();
  const provider = named ?? (others.length === 0 ? first : undefined);
  const page = `${publicUrl}/connect/${token}`;
  return { authorization_url: provider === undefined ? page : `${page}/${provider}`, shareable_link: page };
}

/** Revokes the grant at the provider unless another customer shares it, deletes the tokens, and revokes the live link. */
async function disconnect(
  deps: ConnectionsDeps,
  customerId: string,
  connection: ConnectionStatus | undefined,
): Promise<DisconnectResponse> {
  const { revoked, note } =
    connection === undefined ? { revoked: false, note: null } : await revokeGrant(deps, connection);
  const disconnected = await deps.store.disconnect(customerId, revoked);
  return { customer_id: customerId, disconnected, revoked_at_provider: revoked, note };
}
