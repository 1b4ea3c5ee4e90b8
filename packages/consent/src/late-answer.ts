import type { ProviderClient, ProviderClients } from "@cita/providers";
import {
  type CalendarObstacle,
  type CalendarState,
  type ConnectionStatus,
  type ConsentAttempt,
  type Grant,
  isProblemState,
  type LateOutcome,
  type TokenStore,
} from "@cita/token-store";
import type { FastifyReply, FastifyRequest } from "fastify";
import { obstacleResults, type Pages } from "./pages.ts";

export type FindObstacle = (provider: string, state: CalendarState) => CalendarObstacle;

type Deps = {
  readonly store: TokenStore;
  readonly findObstacle: FindObstacle;
  readonly clients: ProviderClients;
  readonly pages: Pages;
  /** Ours at the provider that has answered. */
  readonly client: ProviderClient;
};

/** `grant`: what the provider has granted all the same; undefined: nothing, or the code wasn't exchanged. */
export type LateAnswer = { readonly outcome: LateOutcome; readonly grant: Grant | undefined };

/**
 * Ends an attempt whose link was used, was revoked or has expired while the browser was at the provider: nothing is
 * connected by it, its grant is ended, and the page says what is connected instead.
 */
export async function endLateAttempt(
  deps: Deps,
  request: FastifyRequest,
  reply: FastifyReply,
  attempt: ConsentAttempt,
  { outcome, grant }: LateAnswer,
): Promise<FastifyReply> {
  const { store } = deps;
  const { customerId } = attempt.link;
  await store.consentLinks.recordFailure(attempt, outcome, grant?.calendarEmail ?? null);
  const ended = grant === undefined ? undefined : await endGrant(deps, attempt, grant);
  request.log.info({ customer_id: customerId, outcome, ended }, "consent returned too late");
  const [connection] = await store.connections.statuses([customerId]);
  if (outcome !== "link_used" || connection === undefined || connection.reconnectRequiredSince !== null)
    return deps.pages.sendResult(request, reply.code(410), outcome);
  const provider = deps.clients.get(connection.provider)?.provider;
  if (grant === undefined || !isAccountOf(connection, attempt.provider, grant)) {
    const name = provider?.name ?? connection.provider;
    return deps.pages.sendLinkUsed(request, reply.code(410), {
      account: connection.calendarEmail,
      provider: name,
    });
  }
  const { calendarState: state } = connection;
  const isUsable = !isProblemState(state) || state.name === "unreachable";
  const result = isUsable ? "connected" : obstacleResults[deps.findObstacle(connection.provider, state)];
  return deps.pages.sendResult(request, reply, result, { provider });
}

/** Another tab has connected the same account. */
function isAccountOf(connection: ConnectionStatus, provider: string, { accountId }: Grant): boolean {
  return connection.provider === provider && connection.accountId === accountId;
}

/** Revoking ends every grant of the account to our client, so it isn't done where one of them is in use. */
async function endGrant(
  { store, client }: Deps,
  { provider }: ConsentAttempt,
  grant: Grant,
): Promise<"in_use" | "revoked" | "unconfirmed" | "unsupported"> {
  if (await store.connections.isAccountConnected({ ...grant, provider })) return "in_use";
  return client.revoke(grant);
}
