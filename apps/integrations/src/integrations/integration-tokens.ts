import type { AccountTokens } from "@cita/providers/accounts";
import {
  type AccessTokens,
  createRenewedAccess,
  type RenewalOutcome,
  saveRepeatedly,
} from "@cita/token-store";
import type { IntegrationAccess, IntegrationStore, Loss } from "./integration.ts";

type Renewed = IntegrationAccess & { readonly tokenExpiry: Date | null };

export type IntegrationTokensDeps = {
  readonly integrations: Pick<
    IntegrationStore,
    | "findAccess"
    | "saveRenewed"
    | "acquireRefreshLease"
    | "releaseRefreshLease"
    | "suspectLoss"
    | "requireReconnect"
  >;
  /** Renews an access at its own provider, by one request. It never throws: a failure is an outcome. */
  readonly renewIntegration: (access: IntegrationAccess) => Promise<RenewalOutcome<AccountTokens>>;
  /** What the person is told of a loss, by the provider's code or ours (`access_expired`, `access_rejected`). */
  readonly explainLoss: (access: IntegrationAccess, reason: string) => Loss["message"];
  readonly onEarlyFailure?: ((error: unknown, id: string) => void) | undefined;
  readonly leaseMs?: number | undefined;
  /** In epoch milliseconds. Default: the system's clock. */
  readonly now?: (() => number) | undefined;
};

/** How long a provider has to say that an access is lost where it is known to say so by mistake. */
const lossConfirmedAfterMs = 300_000;

/** When tokens that couldn't be stored are stored again. */
const saveAgainAfterMs = [50, 150, 400, 900, 2_000];

/** A request to a provider, and all attempts to store what it has brought. */
const leaseMs = 14_000;

/** Access tokens of active integrations, by their ids, renewed when needed. */
export function createIntegrationTokens({
  integrations,
  renewIntegration,
  explainLoss,
  now = Date.now,
  ...others
}: IntegrationTokensDeps): AccessTokens<string> {
  return createRenewedAccess<string, Renewed, AccountTokens>({
    leaseMs,
    ...others,
    now,
    toMapKey: (id) => id,
    words: {
      notConnected: "This integration isn't connected.",
      reconnectRequired: (reason) => `The account has to be connected again (${reason}).`,
    },
    renewConnection: renewIntegration,
    confirmLoss: async (access) =>
      (await integrations.suspectLoss(access)).getTime() <= now() - lossConfirmedAfterMs,
    store: {
      async find(id) {
        const access = await integrations.findAccess(id);
        return access?.isActive ? { ...access, tokenExpiry: access.expiresAt } : undefined;
      },
      saveRefreshed: (access, tokens) =>
        saveRepeatedly(() => integrations.saveRenewed(access, tokens), saveAgainAfterMs),
      acquireRefreshLease: integrations.acquireRefreshLease,
      releaseRefreshLease: integrations.releaseRefreshLease,
      requireReconnect: (access, reason) =>
        integrations.requireReconnect(access, { reason, message: explainLoss(access, reason) }),
    },
  });
}
