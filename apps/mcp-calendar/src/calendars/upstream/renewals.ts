import type { BackgroundLoop, Logger } from "@cita/process";
import {
  type AccessTokens,
  type Connection,
  type CustomerKey,
  createAccessTokens,
  createKeepAlive,
  type RefreshOutcome,
  type TokenStore,
} from "@cita/token-store";
import { type BreakerOptions, createBreakers, ProviderDownError } from "./breakers.ts";

type GuardedRenewal<Renewed> = {
  /** Renews a connection at its own provider. */
  readonly renewConnection: (connection: Renewed) => Promise<RefreshOutcome>;
  readonly breakers: BreakerOptions;
  /** Called with the outcome of each renewal that was sent. */
  readonly observe?: ((connection: Renewed, outcome: RefreshOutcome["kind"]) => void) | undefined;
};

export type RenewalsDeps = GuardedRenewal<Connection> & {
  readonly connections: TokenStore["connections"];
  /** The configured providers. */
  readonly providers: readonly string[];
  readonly logger: Logger;
  readonly leaseMs?: number | undefined;
  readonly now: () => number;
};

/** Access tokens of all providers' connections. */
export type Renewals = {
  readonly ofAgents: AccessTokens;
  /** With breakers of its own, for checks that no agent has asked for. */
  readonly ofChecks: AccessTokens;
  /** Renews the access of customers that no agent asks for. */
  readonly keepAlive: BackgroundLoop;
  /** Resolves when no renewal is under way. */
  finish(): Promise<void>;
};

export function openRenewals(deps: RenewalsDeps): Renewals {
  const { connections, providers, logger, leaseMs, now } = deps;
  const onFailure = (err: unknown, key?: CustomerKey) =>
    logger.warn({ err, customer_id: key?.customerId }, "an access couldn't be renewed ahead of time");
  const open = () =>
    createAccessTokens({
      ...{ connections, onEarlyFailure: onFailure, leaseMs, now },
      renewConnection: behindBreakers(deps),
    });
  const [ofAgents, ofChecks] = [open(), open()];
  return {
    ofAgents,
    ofChecks,
    keepAlive: createKeepAlive({ connections, accessTokens: ofAgents, providers, onFailure }),
    async finish() {
      await Promise.all([ofAgents.finishRenewals(), ofChecks.finishRenewals()]);
    },
  };
}

/**
 * Puts breakers in front of renewals, for each provider its own: while a provider is down, a caller with an expired access
 * token fails at once instead of waiting for the timeout.
 */
export function behindBreakers<Renewed extends CustomerKey>({
  renewConnection,
  breakers: options,
  observe,
}: GuardedRenewal<Renewed>): (connection: Renewed) => Promise<RefreshOutcome> {
  const ofProviders = new Map<string, ReturnType<typeof createBreakers>>();
  return async (connection) => {
    const { customerId, provider } = connection;
    const breakers = ofProviders.get(provider) ?? createBreakers(options);
    ofProviders.set(provider, breakers);
    if (!breakers.allows(customerId)) {
      const cause = new ProviderDownError();
      return { kind: "transient", reason: cause.message, cause };
    }
    const call = breakers.begin(customerId);
    const outcome = await renewConnection(connection);
    observe?.(connection, outcome.kind);
    call.end(isUnanswered(outcome) ? "unanswered" : "answered");
    return outcome;
  };
}

/** Only unanswered renewals open a breaker: an answered failure takes no time, and may concern one customer alone. */
function isUnanswered(outcome: RefreshOutcome): boolean {
  return outcome.kind === "transient" && outcome.cause !== undefined;
}
