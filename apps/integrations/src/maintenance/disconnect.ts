import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { CalendarApiClient } from "@cita/calendar-api";
import type { Revocation } from "@cita/integrations-api";
import type { Logger } from "@cita/process";
import type { AccountClient, AccountClients } from "@cita/providers/accounts";
import { SealError } from "@cita/token-store";
import type { Integration, IntegrationAccess, IntegrationStore } from "../integrations/integration.ts";

/**
 * Ends an integration: at its provider where that ends nothing else, and here in any case. An access that was consented to
 * meanwhile isn't the one that was to be ended: it stays, and the revocation is `reconnected`.
 * @returns undefined where it was removed meanwhile.
 */
export type Disconnect = (
  found: Integration,
  /** It is revoked at the provider although that ends other connections too. */
  revokesAll: boolean,
) => Promise<{ readonly integration: Integration; readonly revocation: Revocation } | undefined>;

export type DisconnectDeps = {
  readonly integrations: Pick<
    IntegrationStore,
    "findAccess" | "acquireRefreshLease" | "saveRenewed" | "disconnect" | "countSiblings"
  >;
  readonly clients: AccountClients;
  readonly calendarApi: Pick<CalendarApiClient, "isAccountConnected">;
  readonly logger: Logger;
  /** In epoch milliseconds. */
  readonly now: () => number;
};

/** A renewal and a revocation, each within its timeout. */
const leaseMs = 15_000;

/** Longer than the lease of a renewal. */
const maxWaitMs = 15_000;
const waitStepMs = 50;

export function createDisconnect(deps: DisconnectDeps): Disconnect {
  return async (found, revokesAll) => {
    const access = await takeAccess(deps, found.id);
    if (access === undefined) return endWithoutAccess(deps, found);
    const { revocation, version } = await revoke(deps, access, revokesAll);
    const integration = await deps.integrations.disconnect(found.id, revocation === "revoked", version);
    if (integration === undefined) return undefined;
    return { integration, revocation: integration.isConnected ? "reconnected" : revocation };
  };
}

/** Somebody else has ended it, or no key opens it: what can't be opened is erased without revoking it. */
async function endWithoutAccess(
  { integrations }: DisconnectDeps,
  { id, isConnected }: Integration,
): ReturnType<Disconnect> {
  const integration = await integrations.disconnect(id, false);
  if (integration === undefined) return undefined;
  return { integration, revocation: isConnected ? "unconfirmed" : "nothing" };
}

/** The tokens of a renewal that is under way are waited for: those from before may be dead, and these would live on. */
async function takeAccess(deps: DisconnectDeps, id: string): Promise<IntegrationAccess | undefined> {
  const { integrations, now } = deps;
  const owner = randomUUID();
  for (const deadline = performance.now() + maxWaitMs; ; await sleep(waitStepMs)) {
    const access = await findAccess(deps, id);
    if (access === undefined) return undefined;
    if (await integrations.acquireRefreshLease(access, owner, new Date(now() + leaseMs))) return access;
    if (performance.now() > deadline) return access;
  }
}

/** What no key opens can't be revoked, and is erased all the same. */
async function findAccess(
  { integrations, logger }: DisconnectDeps,
  id: string,
): Promise<IntegrationAccess | undefined> {
  try {
    return await integrations.findAccess(id);
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    logger.warn(
      { err: error, integration_id: id },
      "an access that can't be opened is erased without revoking it",
    );
    return undefined;
  }
}

/** `version`: of the access as it is stored then. */
type Revoked = { readonly revocation: Revocation; readonly version: number };

async function revoke(
  deps: DisconnectDeps,
  access: IntegrationAccess,
  revokesAll: boolean,
): Promise<Revoked> {
  const { version } = access;
  const client = deps.clients.get(access.provider);
  if (client === undefined || client.clientId !== access.clientId)
    return { revocation: "unsupported", version };
  const { revocation } = client.provider;
  if (revocation === null) return { revocation: "unsupported", version };
  if (revocation.effect !== "token" && !revokesAll && (await isShared(deps, access, client)))
    return { revocation: "shared", version };
  const living = client.isRevokedByAccessToken ? await findLiving(deps, client, access) : access;
  const isConfirmed = living !== undefined && (await client.revoke(living)) === "revoked";
  return { revocation: isConfirmed ? "revoked" : "unconfirmed", version: living?.version ?? version };
}

/** Whether another connection lives by the same grant, here or in a customer's calendar. */
async function isShared(
  { integrations, clients, calendarApi, logger }: DisconnectDeps,
  access: IntegrationAccess,
  { clientId, provider: { revocation } }: AccountClient,
): Promise<boolean> {
  const sharing = [...clients.values()].filter((one) => one.clientId === clientId);
  const providers = sharing.map(({ provider }) => provider.id);
  if ((await integrations.countSiblings(access, providers)) > 0) return true;
  const provider = revocation?.endsCalendarsOf;
  if (provider === undefined) return false;
  const { id, email, grantor: account_id } = access;
  try {
    return await calendarApi.isAccountConnected({ provider, client_id: clientId, account_id, email });
  } catch (err) {
    // A calendar that would have ended is worse than an access that lives on at its provider, erased here.
    logger.warn(
      { err, integration_id: id },
      "an access isn't revoked: it isn't known whether a calendar shares it",
    );
    return true;
  }
}

/**
 * Of a dead access token providers say that it is over, while the refresh token lives on: where there is one, the access is
 * renewed first. It is saved, so that nothing is lost where this process ends before the revocation.
 */
async function findLiving(
  { integrations, now }: DisconnectDeps,
  client: AccountClient,
  access: IntegrationAccess,
): Promise<IntegrationAccess | undefined> {
  if (access.refreshToken !== null) {
    const outcome = await client.renew(access);
    if (outcome.kind === "renewed") {
      const isSaved = await integrations.saveRenewed(access, outcome.tokens);
      return { ...access, ...outcome.tokens, version: access.version + (isSaved ? 1 : 0) };
    }
  }
  const isExpired = access.expiresAt !== null && access.expiresAt.getTime() <= now();
  return isExpired ? undefined : access;
}
