import type { AccountClients, AccountVerdict } from "@cita/providers/accounts";
import { AccessTokenError, type AccessTokens } from "@cita/token-store";
import type {
  Integration,
  IntegrationAccess,
  IntegrationStore,
  Obstacle,
} from "../integrations/integration.ts";
import { housekeepingActions, type SyncLogStore, type SyncResult } from "../integrations/sync-log.ts";
import { explainObstacle } from "./sentences.ts";

export type CheckDeps = {
  readonly integrations: IntegrationStore;
  readonly syncLogs: Pick<SyncLogStore, "begin" | "finish">;
  readonly clients: AccountClients;
  readonly tokens: AccessTokens<string>;
  readonly now: () => number;
};

type StoredAccess = Pick<IntegrationAccess, "id" | "accessToken" | "version">;

/** What is done with an integration without a caller's wish, each an entry of its log. */
export type IntegrationChecks = {
  /** Renews an access as it was read, unless it has another access token by now. @throws AccessTokenError */
  renew(access: StoredAccess): Promise<void>;
  /**
   * Renews its access where nobody has since it was taken as due.
   * @param again when it was to be due again
   * @throws AccessTokenError
   */
  renewDue(id: string, again: Date): Promise<void>;
  /**
   * Tries its access, which notices what was taken back elsewhere. It never rejects for what the provider answers. Its
   * provider has a probe.
   */
  probe(id: string): Promise<void>;
};

/** Between two probes of one integration. Random, so that what was connected together isn't probed together. */
const probeEveryMs = { min: 10 * 3_600_000, max: 14 * 3_600_000 };

export function createIntegrationChecks(deps: CheckDeps): IntegrationChecks {
  const renewal = { action: housekeepingActions.renewal, resourceType: "access_token" };
  const renewWithLog: IntegrationChecks["renew"] = (access) =>
    withLog(deps, { ...renewal, integrationId: access.id }, () => renew(deps, access));
  return {
    renew: renewWithLog,

    async renewDue(id, again) {
      const access = await deps.integrations.findAccess(id);
      if (access?.renewAt?.getTime() === again.getTime()) await renewWithLog(access);
    },

    probe: (id) =>
      withLog(deps, { integrationId: id, action: housekeepingActions.probe, resourceType: "account" }, () =>
        probe(deps, id),
      ),
  };
}

async function renew(deps: CheckDeps, { id, accessToken, version }: StoredAccess): Promise<SyncResult> {
  try {
    await deps.tokens.renew(id, accessToken);
    const after = await deps.integrations.findAccess(id);
    // Some providers renew no access that is younger than a day: where nobody was asked, nothing has succeeded.
    if (after?.version === version) return { status: "COMPLETED", itemsProcessed: 0 };
    await deps.integrations.recordSuccess(id, { probeDue: nextProbe(deps) });
    return { status: "COMPLETED", itemsProcessed: 1 };
  } catch (error) {
    if (error instanceof AccessTokenError) await recordFailedRenewal(deps, id, error);
    throw error;
  }
}

function nextProbe({ now }: CheckDeps): Date {
  const { min, max } = probeEveryMs;
  return new Date(now() + min + Math.random() * (max - min));
}

async function withLog(
  { syncLogs }: CheckDeps,
  entry: { integrationId: string; action: string; resourceType: string },
  act: () => Promise<SyncResult>,
): Promise<void> {
  const logId = await syncLogs.begin(entry);
  try {
    await syncLogs.finish(logId, await act());
  } catch (error) {
    const message = error instanceof AccessTokenError ? error.message : "It failed on our side.";
    await syncLogs.finish(logId, { status: "FAILED", itemsFailed: 1, error: message });
    throw error;
  }
}

/** The loss itself was recorded with its renewal. */
async function recordFailedRenewal(deps: CheckDeps, id: string, { code }: AccessTokenError): Promise<void> {
  const obstacle = obstacles[code];
  if (obstacle === undefined) return;
  const found = await deps.integrations.find(id);
  if (found !== undefined) await recordObstacle(deps, found, obstacle, code);
}

const obstacles: Partial<Record<AccessTokenError["code"], Obstacle>> = {
  refresh_misconfigured: "misconfigured",
  refresh_failed: "unreachable",
  refresh_rate_limited: "rate_limited",
};

/** What may pass by itself is told where the access can't be used meanwhile. */
async function recordObstacle(
  { integrations, clients, now }: CheckDeps,
  found: Integration,
  obstacle: Obstacle,
  reason: string,
): Promise<void> {
  const passes = obstacle === "unreachable" || obstacle === "rate_limited";
  const isUsable = found.expiresAt === null || found.expiresAt.getTime() > now();
  if (passes && isUsable) return;
  const provider = clients.get(found.provider)?.provider ?? { name: found.provider };
  const message = explainObstacle(provider, obstacle, reason);
  await integrations.recordError(found.id, { obstacle, reason, message });
}

async function probe(deps: CheckDeps, id: string): Promise<SyncResult> {
  const { tokens } = deps;
  try {
    const first = await tokens.get(id);
    let tried = await tryAccess(deps, id, first);
    if (tried?.verdict.kind === "unauthorized") {
      // Renewed where that is possible, and lost where it isn't. What refuses a new token says nothing of the grant.
      tried = await tryAccess(deps, id, await tokens.get(id, first));
    }
    if (tried?.verdict.kind === "reauth_required")
      await tokens.requireReconnect(id, tried.access.accessToken, tried.verdict.reason);
    if (tried === undefined)
      return { status: "FAILED", itemsFailed: 1, error: "It has no access any more that could be tried." };
    return await recordVerdict(deps, id, tried.verdict);
  } catch (error) {
    if (!(error instanceof AccessTokenError)) throw error;
    await recordFailedRenewal(deps, id, error);
    return { status: "FAILED", itemsFailed: 1, error: error.message };
  }
}

type Tried = { readonly access: IntegrationAccess; readonly verdict: AccountVerdict };

/** @returns undefined where there is nothing to try it with. */
async function tryAccess(
  { integrations, clients }: CheckDeps,
  id: string,
  token: string,
): Promise<Tried | undefined> {
  const access = await integrations.findAccess(id);
  const client = access && clients.get(access.provider);
  if (access === undefined || client === undefined) return undefined;
  // With another client some answer as if the access had been taken back.
  if (client.clientId !== access.clientId)
    return { access, verdict: { kind: "misconfigured", reason: "client_changed" } };
  const verdict = await client.probe({ ...access, accessToken: token });
  return verdict && { access: { ...access, accessToken: token }, verdict };
}

async function recordVerdict(deps: CheckDeps, id: string, verdict: AccountVerdict): Promise<SyncResult> {
  if (verdict.kind === "ok") {
    await deps.integrations.recordSuccess(id, { probeDue: nextProbe(deps) });
    return { status: "COMPLETED", itemsProcessed: 1 };
  }
  const found = await deps.integrations.find(id);
  const obstacle = verdictObstacles[verdict.kind];
  if (found !== undefined && obstacle !== undefined)
    await recordObstacle(deps, found, obstacle, verdict.reason);
  return {
    status: "FAILED",
    itemsFailed: 1,
    error: found?.lastError ?? `The provider answered: ${verdict.reason}.`,
  };
}

const verdictObstacles: Partial<Record<AccountVerdict["kind"], Obstacle>> = {
  refused: "refused",
  unauthorized: "refused",
  misconfigured: "misconfigured",
  rate_limited: "rate_limited",
  transient: "unreachable",
};
