import { setTimeout as sleep } from "node:timers/promises";
import { readConfig } from "@cita/process";
import t, { type Test } from "tap";
import { createConfigSchema } from "../../apps/integrations/src/config.ts";
import { createServices, type Services } from "../../apps/integrations/src/services.ts";
import { addFault, providerOf, readCalls } from "../support/account-faults.ts";
import { createIntegrationsWorld, type IntegrationsWorld } from "../support/integrations-world.ts";
import { engines } from "../support/test-database.ts";

/** Hundreds of one provider's accesses are due at once, at two instances. `npm run bench -- integrations` has 10,000. */
const connections = 300;
const windowMs = 5_000;
const hourMs = 3_600_000;
/** Probes would take their part of the budget. */
const hubspot = { ...providerOf("hubspot"), probe: null };
const providers = [hubspot];
const tokenPath = "/api.hubapi.com/oauth/2026-03/token";
const overrides = { roundMs: 25 };

/** Connections as consents leave them, all of which are to be renewed in an hour. */
async function fill({ services, clock }: IntegrationsWorld): Promise<readonly string[]> {
  const ids: string[] = [];
  const at = (ms: number) => new Date(clock.now + ms);
  for (let i = 0; i < connections; i++) {
    const common = {
      ...{ userId: `user-${i}`, organizationId: null, provider: hubspot.id, metadata: {}, inputs: {} },
      ...{ scopes: [], clientId: "sandbox-client" },
    };
    const state = await services.states.start({
      ...{ ...common, state: `state-${i}`, redirectUri: "https://app.example/", loginHint: null },
      expiresAt: at(hourMs),
    });
    const { id } = await services.integrations.connect(state.id, {
      ...common,
      account: { id: `account-${i}`, name: null, email: null },
      tokens: {
        ...{ accessToken: `access-${i}`, refreshToken: `refresh-${i}`, tokenType: "bearer", facts: {} },
        ...{ issuedAt: at(0), expiresAt: at(2 * hourMs), renewAt: at(hourMs), accessEndsAt: null },
      },
    });
    ids.push(id);
  }
  return ids;
}

async function openSecondInstance(
  t: Test,
  { environment, services, now }: IntegrationsWorld,
): Promise<Services> {
  const config = readConfig(createConfigSchema(providers), environment);
  const other = await createServices(config, { ...overrides, providers, logger: services.logger, now });
  t.teardown(() => other.stopBackground().then(() => other.close()));
  other.startBackground();
  return other;
}

/** The calls since the last look, once no more come: what both instances take of one window. */
async function callsOfWindow(world: IntegrationsWorld): Promise<number> {
  for (let calls = -1; ; await sleep(8 * overrides.roundMs)) {
    const now = (await readCalls(world))[`POST ${tokenPath}`] ?? 0;
    if (now === calls) return calls;
    calls = now;
  }
}

for (const engine of engines)
  t.test(`${connections} due at once are renewed once each, within the budget (${engine})`, async (t) => {
    const world = await createIntegrationsWorld(t, { engine, providers, hasBackground: true, overrides });
    const ids = await fill(world);
    await addFault(world, {
      path: tokenPath,
      body: { access_token: "renewed-in-the-storm", expires_in: 21_600, token_type: "bearer" },
    });
    await openSecondInstance(t, world);
    world.clock.now += 1.5 * hourMs;
    const due = world.clock.now;
    const perWindow: number[] = [];
    let renewed = 0;
    while (renewed < connections && perWindow.length < 40) {
      const calls = await callsOfWindow(world);
      perWindow.push(calls - renewed);
      renewed = calls;
      world.clock.now += windowMs;
    }
    await callsOfWindow(world);
    t.equal((await readCalls(world))[`POST ${tokenPath}`], connections, "one request for each");
    const accesses = await Promise.all(ids.map((id) => world.services.integrations.findAccess(id)));
    t.ok(
      accesses.every((access) => (access?.issuedAt.getTime() ?? 0) >= due && access?.lastError === null),
      "all were renewed",
    );
    const { requestsPerMinute } = hubspot.limits;
    const inAMinute = perWindow.map((_, i) =>
      perWindow.slice(i, i + 60_000 / windowMs).reduce((a, b) => a + b, 0),
    );
    t.ok(Math.max(...inAMinute) <= requestsPerMinute, `${Math.max(...inAMinute)} in the busiest minute`);
    // What was begun at the end of a window may arrive in the next one, whose own requests come with it.
    t.ok(Math.max(...perWindow) <= (requestsPerMinute / 12) * 2, `${perWindow}`);
    t.ok(perWindow.length <= 20, `${perWindow.length} windows`);
  });
