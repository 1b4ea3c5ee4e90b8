import { type AccountProvider, accountProviders } from "@cita/providers/accounts";
import type { Fault } from "@cita/sandbox";
import { connectAccount } from "./account-consent.ts";
import { addFault, clearFaults, controlStandIn } from "./account-faults.ts";
import { type AccountRequest, type AccountRequestName, requestsOf, toWaves } from "./account-requests.ts";
import type { IntegrationsWorld } from "./integrations-world.ts";

/** An account at a provider that is connected, with the requests that concern it. */
export type FaultedAccount = {
  readonly provider: AccountProvider;
  readonly id: string;
  readonly requests: readonly AccountRequest[];
};

export const dayMs = 86_400_000;

/** They give refresh tokens to some apps alone: here to ours, so that their rotation is met too. */
const askedForRefreshTokens = ["slack", "linkedin"];

/** Connects an account at every provider. */
export async function connectEverywhere(world: IntegrationsWorld): Promise<readonly FaultedAccount[]> {
  for (const id of askedForRefreshTokens)
    await controlStandIn(world, `providers/${id}/settings`, { refresh_tokens: true });
  const accounts: FaultedAccount[] = [];
  for (const provider of accountProviders) {
    const id = await connect(world, provider);
    const access = await world.services.integrations.findAccess(id);
    accounts.push({ provider, id, requests: requestsOf(provider, { ...access?.inputs, ...access?.facts }) });
  }
  return accounts;
}

export async function connect(world: IntegrationsWorld, provider: AccountProvider): Promise<string> {
  const { integrationId, ended } = await connectAccount(world, provider);
  if (integrationId === null) throw new Error(`${provider.id} isn't connected: ${ended.location}`);
  return integrationId;
}

/** What is left alone of an access by whatever passes. */
export async function tokensOf({ services }: IntegrationsWorld, id: string) {
  const access = await services.integrations.findAccess(id);
  return access && { accessToken: access.accessToken, refreshToken: access.refreshToken };
}

type Meeting = {
  /** The request that the fault is at. */
  readonly name: AccountRequestName;
  readonly fault: Omit<Partial<Fault>, "path">;
};

/**
 * Lets a fault meet each account's request of that name while something is done with it: as many accounts at a time as
 * share no host.
 */
export async function meetFault(
  world: IntegrationsWorld,
  accounts: readonly FaultedAccount[],
  { name, fault }: Meeting,
  act: (account: FaultedAccount) => Promise<void>,
): Promise<void> {
  const concerned = accounts.filter(({ requests }) => requests.some((one) => one.name === name));
  for (const wave of toWaves(concerned)) {
    for (const { at } of wave.flatMap(({ requests }) => requests.filter((one) => one.name === name)))
      await addFault(world, { ...at, ...fault });
    await Promise.all(wave.map(act));
    await clearFaults(world);
  }
}

/** A sentence for people: neither a code nor a text of a provider's. */
export const sentence = /^[A-ZÁÉ].*[.!?]$/;
