import { accountProviders } from "@cita/providers/accounts";
import { connectAccount } from "../../test/support/account-consent.ts";
import { createIntegrationsWorld } from "../../test/support/integrations-world.ts";
import type { EngineName } from "../../test/support/test-database.ts";
import { logProgress, type Measurement } from "../report.ts";
import { percentile } from "../statistics.ts";

const atOnce = 10;

/** Whole consents at all providers in turn, from the request that starts one to the browser's end: the stand-in's time too. */
export async function measureConsents(engine: EngineName, consents: number): Promise<Measurement[]> {
  const ends: (() => unknown)[] = [];
  const lifetime = { teardown: (end: () => unknown) => void ends.push(end) };
  const world = await createIntegrationsWorld(lifetime, {
    ...{ engine, begin: Date.now(), variables: { CONSENTS_PER_MINUTE: "1000000" } },
  });
  logProgress(`integrations: ${engine}, ${consents} consents`);
  // The first of each provider compiles what the others use.
  for (const provider of accountProviders) await connectAccount(world, provider);
  const times: number[] = [];
  let failures = 0;
  let next = 0;
  async function consentOneByOne(): Promise<void> {
    for (let i = next++; i < consents; i = next++) {
      const provider = accountProviders[i % accountProviders.length];
      if (provider === undefined) continue;
      const begunAt = performance.now();
      const { integrationId } = await connectAccount(world, provider, { userId: `user-${i}` });
      times.push(performance.now() - begunAt);
      if (integrationId === null) failures++;
    }
  }
  try {
    await Promise.all(Array.from({ length: atOnce }, consentOneByOne));
  } finally {
    for (const end of ends.reverse()) await end();
  }
  const of = `${engine}, ${consents} consents at ${accountProviders.length} providers, ${atOnce} at once`;
  return [
    { name: `${of}: failed`, value: (failures / consents) * 100, unit: "%", target: { max: 1 } },
    { name: `${of}: p99`, value: percentile(times, 0.99), unit: "ms", target: { max: 2_000 } },
    { name: `${of}: the longest`, value: Math.max(...times), unit: "ms", target: { max: 2_000 } },
  ];
}
