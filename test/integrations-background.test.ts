import { setTimeout as sleep } from "node:timers/promises";
import { readConfig } from "@cita/process";
import { accountProviders } from "@cita/providers/accounts";
import t, { type Test } from "tap";
import { createConfigSchema } from "../apps/integrations/src/config.ts";
import { createServices } from "../apps/integrations/src/services.ts";
import { connectAccount } from "./support/account-consent.ts";
import { addFault, clearFaults, providerOf, readCalls } from "./support/account-faults.ts";
import {
  forEachIntegrationsWorld,
  type IntegrationsWorld,
  type IntegrationsWorldOptions,
} from "./support/integrations-world.ts";

const options: IntegrationsWorldOptions = {
  hasBackground: true,
  overrides: { roundMs: 40, providerTimeoutMs: 6_000 },
  variables: { CONSENTS_PER_MINUTE: "10000" },
};

async function connect(world: IntegrationsWorld, provider: string, userId = "user-1"): Promise<string> {
  const { integrationId } = await connectAccount(world, providerOf(provider), { userId });
  if (integrationId === null) throw new Error(`${provider} isn't connected`);
  return integrationId;
}

const issuedAt = async ({ services }: IntegrationsWorld, id: string) =>
  (await services.integrations.findAccess(id))?.issuedAt.getTime();

async function until(t: Test, what: string, maxMs: number, holds: () => Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + maxMs; !(await holds()); await sleep(20))
    if (performance.now() > deadline) return void t.fail(what);
  t.pass(what);
}

forEachIntegrationsWorld(t, "one that hangs doesn't keep the others waiting", options, async (t, world) => {
  const hanging = await connect(world, "hubspot");
  const other = await connect(world, "paypal");
  const path = "/api.hubapi.com/oauth/2026-03/token";
  await addFault(world, { path, latency_ms: 2_500 });
  const before = (await readCalls(world))[`POST ${path}`];
  world.clock.now += 14 * 60_000;
  // PayPal's access lives 15 minutes, HubSpot's 30.
  await until(t, "PayPal is renewed", 30_000, async () => (await issuedAt(world, other)) === world.clock.now);
  world.clock.now += 14 * 60_000;
  await until(t, "HubSpot hangs", 30_000, async () => (await readCalls(world))[`POST ${path}`] !== before);
  await until(t, "PayPal meanwhile", 30_000, async () => (await issuedAt(world, other)) === world.clock.now);
  world.clock.now += 14 * 60_000;
  await until(t, "and again", 30_000, async () => (await issuedAt(world, other)) === world.clock.now);
  t.not(await issuedAt(world, hanging), world.clock.now, "HubSpot hangs still");
  await clearFaults(world);
});

forEachIntegrationsWorld(t, "two instances renew what is due once each", options, async (t, world) => {
  const people = Array.from({ length: 12 }, (_, i) => `user-${i}`);
  const ids: string[] = [];
  for (const userId of people) ids.push(await connect(world, "discord", userId));
  const config = readConfig(createConfigSchema(accountProviders), world.environment);
  const { now } = world;
  const other = await createServices(config, { ...options.overrides, logger: world.services.logger, now });
  t.teardown(() => other.stopBackground().then(() => other.close()));
  other.startBackground();
  const consents = await readCalls(world);
  world.clock.now += 6.5 * 86_400_000;
  const due = world.clock.now;
  // As many callers ask for one besides.
  const [first = ""] = ids;
  const asked = await Promise.allSettled([other.renewNow(first), world.services.renewNow(first)]);
  t.strictSame(
    asked.map(({ status }) => status),
    ["fulfilled", "fulfilled"],
  );
  await until(t, "all are renewed", 60_000, async () => {
    const times = await Promise.all(ids.map((id) => issuedAt(world, id)));
    return times.every((time) => time !== undefined && time >= due);
  });
  const path = "POST /discord.com/api/oauth2/token";
  t.equal(((await readCalls(world))[path] ?? 0) - (consents[path] ?? 0), ids.length);
  for (const id of ids) t.match(await world.services.integrations.find(id), { lastError: null });
});
