import type {
  AuthorizeRequest,
  AuthorizeResponse,
  ConnectionSummary,
  ConnectionView,
  DisconnectResponse,
} from "@cita/calendar-api";
import type { RecordConsent } from "@cita/consent";
import type { GoogleOAuthClient } from "@cita/providers";
import type { CustomerKey, TokenStore } from "@cita/token-store";
import type { RecordActivity } from "../activity/recorder.ts";
import { isLost, reconnectLinkOf, toLinkView, toSummary } from "./connection-view.ts";
import { issueConsentLink } from "./consent-link.ts";
import { disconnect } from "./disconnect.ts";

/**
 * What admin-api may do to customers' connections. `summaries`, `view` and `isKnown` write nothing. Links are made by
 * `issueConsentLink`, and when a connection is lost (`@cita/consent`, `reconnect-links.ts`).
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
  recordConsent: RecordConsent;
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
    const [status] = await store.connections.statuses([customerId], provider);
    const newest = await store.consentLinks.latest(keyOf(customerId));
    return { status, newest, isKnown: status !== undefined || newest !== undefined };
  }

  return {
    issueConsentLink: (request) => issueConsentLink(deps, keyOf(request.customer_id), request),

    summaries: (customerIds) => readSummaries(store, publicUrl, customerIds),

    async view(customerId) {
      const { status, newest, isKnown } = await readConnection(customerId);
      if (!isKnown) throw new UnknownCustomerError();
      const linkState = newest?.link.state;
      const reconnectLink = reconnectLinkOf(publicUrl, status, newest?.link);
      return {
        ...toSummary({ customerId, status, linkState, reconnectLink }),
        link: newest === undefined ? null : toLinkView(publicUrl, newest.link, newest.lastAttempt),
      };
    },

    async disconnect(customerId) {
      const { status, isKnown } = await readConnection(customerId);
      if (!isKnown) throw new UnknownCustomerError();
      return disconnect(deps, keyOf(customerId), status);
    },

    isKnown: async (customerId) => (await readConnection(customerId)).isKnown,
  };
}

async function readSummaries(
  { connections, consentLinks }: TokenStore,
  publicUrl: string,
  customerIds: readonly string[],
): Promise<ConnectionSummary[]> {
  const statuses = await connections.statuses(customerIds, provider);
  const statusOf = new Map(statuses.map((status) => [status.customerId, status]));
  const linkStateOf = await consentLinks.newestStates(customerIds, provider);

  async function readSummary(customerId: string): Promise<ConnectionSummary> {
    const status = statusOf.get(customerId);
    const linkState = linkStateOf.get(customerId);
    // Unsealing a token takes time, so only links that lists show are read.
    const isShown = linkState === "live" && status !== undefined && isLost(status);
    const newest = isShown ? await consentLinks.latest({ customerId, provider }) : undefined;
    const reconnectLink = reconnectLinkOf(publicUrl, status, newest?.link);
    return toSummary({ customerId, status, linkState, reconnectLink });
  }

  return Promise.all(customerIds.filter((id) => statusOf.has(id) || linkStateOf.has(id)).map(readSummary));
}
