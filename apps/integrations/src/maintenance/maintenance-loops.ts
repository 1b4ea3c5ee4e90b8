import { type BackgroundLoop, createBackgroundLoop, type Logger } from "@cita/process";
import type { AccountClients } from "@cita/providers/accounts";
import { AccessTokenError } from "@cita/token-store";
import type { IntegrationStore } from "../integrations/integration.ts";
import type { IntegrationChecks } from "./check-integration.ts";
import type { ProviderBudgets } from "./provider-budgets.ts";

export type MaintenanceDeps = {
  readonly integrations: Pick<IntegrationStore, "takeDue">;
  readonly clients: AccountClients;
  readonly checks: IntegrationChecks;
  readonly budgets: ProviderBudgets;
  readonly logger: Logger;
  readonly now: () => number;
  /** Between two rounds. Default: 5 s. */
  readonly everyMs?: number | undefined;
};

/** What a round takes of the budget's minute, so that its requests are spread over it. */
export const budgetWindowMs = 5_000;
const windowsPerMinute = 60_000 / budgetWindowMs;

/** Of what is due of one provider, how much is done at the same time. */
const maxAtOnce = 8;

/** When what has been taken is due again, unless its renewal or probe says otherwise: after a failure, or a crash. */
const againAfterMs = { renewal: { min: 240_000, max: 420_000 }, probe: { min: 900_000, max: 1_800_000 } };

/**
 * Renews accesses before they expire, and tries those that nobody has used for a while: of each provider as many a minute as
 * its definition allows, at all instances together, and one provider never waits for another.
 */
export function createMaintenanceLoops(deps: MaintenanceDeps): readonly BackgroundLoop[] {
  return [...deps.clients.keys()].map((provider) => createMaintenanceLoop(deps, provider));
}

/** Of its own, since a round lasts as long as its provider's slowest answers. */
function createMaintenanceLoop(deps: MaintenanceDeps, provider: string): BackgroundLoop {
  const { logger, everyMs = budgetWindowMs } = deps;
  return createBackgroundLoop(async (stopping) => {
    await runRound(deps, provider, stopping).catch((err: unknown) => {
      logger.error({ err, provider }, "what is due of a provider could not be read");
    });
    return everyMs;
  }, Math.random() * everyMs);
}

async function runRound(deps: MaintenanceDeps, provider: string, stopping: AbortSignal): Promise<void> {
  const { clients, budgets, checks } = deps;
  const definition = clients.get(provider)?.provider;
  const perMinute = definition?.limits.requestsPerMinute ?? 0;
  // One window more than a minute has, so that no span of a minute has more than its limit.
  const perWindow = Math.max(1, Math.floor(perMinute / (windowsPerMinute + 1)));
  const ofRound = await budgets.take(provider, perWindow);
  const renewals = await takeDue(deps, "renewal", provider, ofRound);
  // Where there is no probe nothing would be tried, and what was due is no success.
  const ofProbes = definition?.probe == null ? 0 : ofRound - renewals.ids.length;
  const probes = await takeDue(deps, "probe", provider, ofProbes);
  const work = [
    ...renewals.ids.map((id) => () => checks.renewDue(id, renewals.again)),
    ...probes.ids.map((id) => () => checks.probe(id)),
  ];
  await runAll(deps, work, stopping);
}

async function takeDue(
  { integrations, now }: MaintenanceDeps,
  what: "renewal" | "probe",
  provider: string,
  limit: number,
): Promise<{ readonly ids: readonly string[]; readonly again: Date }> {
  const { min, max } = againAfterMs[what];
  const again = new Date(now() + min + Math.random() * (max - min));
  return { ids: limit <= 0 ? [] : await integrations.takeDue(what, provider, limit, again), again };
}

/** A few at a time. A failure that is the provider's is in the integration's log. */
async function runAll(
  { logger }: MaintenanceDeps,
  work: readonly (() => Promise<void>)[],
  stopping: AbortSignal,
): Promise<void> {
  const waiting = [...work];
  const runOne = async () => {
    for (let next = waiting.shift(); next !== undefined && !stopping.aborted; next = waiting.shift()) {
      await next().catch((err: unknown) => {
        if (!(err instanceof AccessTokenError))
          logger.error({ err }, "an integration could not be looked after");
      });
    }
  };
  await Promise.all(Array.from({ length: maxAtOnce }, runOne));
}
