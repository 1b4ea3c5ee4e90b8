import {
  type AccountQuery,
  type AuthorizeRequest,
  type AuthorizeResponse,
  accountAnswer,
  authorizeResponse,
  type ConnectionSummary,
  type ConnectionView,
  connectionView,
  type DisconnectResponse,
  disconnectResponse,
  summariesResponse,
} from "./connections.ts";
import { customerPath } from "./request-paths.ts";
import { type ClientOptions, sendRequest } from "./send-request.ts";

/** The part of `CalendarApiClient` that is about customers' connections. */
export type ConnectionCalls = {
  /**
   * The customer's consent link and the state of its connection. An unknown customer becomes known.
   * @throws `customer_removed`, as the other methods that store something new of a customer do
   */
  issueConsentLink(request: AuthorizeRequest): Promise<AuthorizeResponse>;
  /** @throws `unknown_customer` */
  connection(customerId: string): Promise<ConnectionView>;
  /** @param customerIds at most 500. Those that are unknown are left out of the answer. */
  connections(customerIds: readonly string[], signal?: AbortSignal): Promise<ConnectionSummary[]>;
  /** @throws `unknown_customer` */
  disconnect(customerId: string): Promise<DisconnectResponse>;
  /** Whether any customer's calendar is connected by this account's consent to this client. */
  isAccountConnected(account: AccountQuery): Promise<boolean>;
};

/** A revocation waits for it. */
const accountTimeoutMs = 3_000;

export function connectionCalls(options: ClientOptions): ConnectionCalls {
  const connectionPath = (customerId: string) => `${customerPath(customerId)}/connection`;
  return {
    issueConsentLink: (body) =>
      sendRequest(options, { method: "POST", path: "/oauth/authorize", body, answer: authorizeResponse }),
    connection: (id) =>
      sendRequest(options, { method: "GET", path: connectionPath(id), answer: connectionView }),
    connections: async (customerIds, signal) => {
      const body = { customer_ids: customerIds };
      const request = { method: "POST", path: "/connections/query", body, signal } as const;
      return (await sendRequest(options, { ...request, answer: summariesResponse })).connections;
    },
    disconnect: (id) =>
      sendRequest(options, { method: "DELETE", path: connectionPath(id), answer: disconnectResponse }),
    isAccountConnected: async (body) => {
      const request = { method: "POST", path: "/internal/accounts/query", body } as const;
      const answered = await sendRequest(options, {
        ...{ ...request, answer: accountAnswer },
        timeoutMs: accountTimeoutMs,
      });
      return answered.is_connected;
    },
  };
}
