import { setTimeout as sleep } from "node:timers/promises";
import t, { type Test } from "tap";
import { connectAccount } from "./support/account-consent.ts";
import { addFault, clearFaults, controlStandIn, providerOf } from "./support/account-faults.ts";
import { forEachIntegrationsWorld, type IntegrationsWorld } from "./support/integrations-world.ts";

const hourMs = 3_600_000;
const patient = { hasBackground: true, overrides: { roundMs: 30 } };
const options = { hasBackground: true, overrides: { roundMs: 30, providerTimeoutMs: 1_000 } };

async function connect(world: IntegrationsWorld, provider: string): Promise<string> {
  const { integrationId } = await connectAccount(world, providerOf(provider));
  if (integrationId === null) throw new Error(`${provider} isn't connected`);
  return integrationId;
}

const read = async (world: IntegrationsWorld, id: string) =>
  (await world.api("GET", `/integrations/${id}`)).body.data;

/** Lets the next probe become due. @returns how it ended */
async function probe(t: Test, world: IntegrationsWorld, id: string): Promise<string> {
  world.clock.now += 15 * hourMs;
  const since = new Date(world.clock.now).toISOString();
  for (const deadline = performance.now() + 30_000; performance.now() < deadline; await sleep(20)) {
    const { body } = await world.api("GET", `/integrations/${id}/sync-logs`);
    const found = body.data.find(
      ({ action, startedAt, completedAt }: Record<string, string | null>) =>
        action === "probe" && completedAt !== null && String(startedAt) >= since,
    );
    if (found !== undefined) return found.status;
  }
  t.fail("it was never probed");
  return "";
}

/** Where the API is, and what its answers may be while the access is alive. */
const passing: readonly Partial<Parameters<typeof addFault>[1]>[] = [
  { status: 401, body: "<html><h1>401 Authorization Required</h1></html>" },
  { status: 200, body: "<!doctype html><p>Maintenance" },
  { status: 429, headers: { "retry-after": "5" } },
  { status: 500 },
  { status: 502, body: "" },
  { status: 302, headers: { location: "https://login.proxy.example/" }, body: "" },
  { status: 403, body: "<html>blocked" },
  { latency_ms: 1_500 },
  { drop: "answer" },
  { body: "x".repeat(300_000) },
];

forEachIntegrationsWorld(t, "what passes disconnects nobody", options, async (t, world) => {
  const id = await connect(world, "sendgrid");
  for (const fault of passing) {
    await addFault(world, { ...fault, path: "/api.sendgrid.com/" });
    t.equal(await probe(t, world, id), "FAILED", JSON.stringify(fault).slice(0, 60));
    t.match(await read(world, id), { isActive: true, reconnectRequiredSince: null });
    await clearFaults(world);
  }
  t.equal(await probe(t, world, id), "COMPLETED");
  t.match(await read(world, id), { isActive: true, lastError: null });
});

forEachIntegrationsWorld(t, "an API that refuses new tokens takes no grant", patient, async (t, world) => {
  const id = await connect(world, "discord");
  await addFault(world, { path: "/discord.com/api/v10/users/@me", status: 401 });
  t.equal(await probe(t, world, id), "FAILED");
  t.match(await read(world, id), { reconnectRequiredSince: null, lastError: /doesn't allow it/ });
  await clearFaults(world);
  t.equal(await probe(t, world, id), "COMPLETED");
  t.match(await read(world, id), { lastError: null });
});

forEachIntegrationsWorld(t, "what was taken back elsewhere is noticed", patient, async (t, world) => {
  for (const provider of ["discord", "shopify", "mailchimp", "facebook", "slack", "stripe"]) {
    const id = await connect(world, provider);
    await controlStandIn(world, `providers/${provider}/revoke`, { account: "ana@example.com" });
    t.equal(await probe(t, world, id), "FAILED", provider);
    const { name } = providerOf(provider);
    t.match(await read(world, id), { reconnectRequiredSince: String, lastError: new RegExp(`^${name}`) });
    t.match(await world.api("POST", `/integrations/${id}/refresh`), { status: 401 });
  }
});

forEachIntegrationsWorld(t, "what has no probe isn't said to work", options, async (t, world) => {
  const ids = [await connect(world, "zapier"), await connect(world, "twitter")];
  const sendgrid = await connect(world, "sendgrid");
  const before = await Promise.all(ids.map((id) => read(world, id)));
  // By then a round has taken all that was due.
  t.equal(await probe(t, world, sendgrid), "COMPLETED");
  t.equal(await probe(t, world, sendgrid), "COMPLETED");
  for (const [i, id] of ids.entries()) {
    const { body } = await world.api("GET", `/integrations/${id}/sync-logs`);
    const probes = body.data.filter(({ action }: { action: string }) => action === "probe");
    t.strictSame(probes, [], "nothing was tried");
    if (i === 0) t.equal((await read(world, id)).lastSyncAt, before[i].lastSyncAt);
  }
});
