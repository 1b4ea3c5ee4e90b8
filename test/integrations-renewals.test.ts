import t from "tap";
import { connectAccount } from "./support/account-consent.ts";
import { addFault, clearFaults, providerOf, readCalls } from "./support/account-faults.ts";
import { forEachIntegrationsWorld, type IntegrationsWorld } from "./support/integrations-world.ts";

const options = { overrides: { providerTimeoutMs: 1_000 } };
const html = "<!doctype html><p>Maintenance";

/** One of each dialect that renews, with its token endpoint. */
const renewed = [
  ["hubspot", "/api.hubapi.com/oauth/2026-03/token", "POST"],
  ["gmail", "/oauth2.googleapis.com/token", "POST"],
  ["outlook-mail", "/login.microsoftonline.com/common/oauth2/v2.0/token", "POST"],
  ["tiktok", "/open.tiktokapis.com/v2/oauth/token/", "POST"],
  ["shopify", "/luna.myshopify.com/admin/oauth/access_token", "POST"],
  ["facebook", "/graph.facebook.com/v26.0/oauth/access_token", "GET"],
] as const;

/** What no provider means by it: the access is over. */
const passing: readonly Partial<Parameters<typeof addFault>[1]>[] = [
  { status: 503, body: { error: "invalid_grant" } },
  { status: 200, body: html },
  { status: 401, body: html },
  { status: 500 },
  { status: 400, body: html },
  { status: 302, headers: { location: "https://login.proxy.example/" }, body: "" },
  { status: 429 },
  { latency_ms: 1_500 },
  { drop: true },
  { status: 200, body: "x".repeat(300_000) },
  { status: 200, body: { access_token: null } },
];

async function connect(world: IntegrationsWorld, provider: string): Promise<string> {
  const { integrationId } = await connectAccount(world, providerOf(provider));
  if (integrationId === null) throw new Error(`${provider} isn't connected`);
  return integrationId;
}

forEachIntegrationsWorld(t, "no passing fault of a renewal loses an access", options, async (t, world) => {
  for (const [provider, path] of renewed) {
    const id = await connect(world, provider);
    world.clock.now += 2 * 86_400_000;
    // What a dialect judges comes first; the others are the same for all.
    for (const fault of provider === "hubspot" ? passing : passing.slice(0, 3)) {
      await addFault(world, { ...fault, path });
      const answer = await world.api("POST", `/integrations/${id}/refresh`);
      const what = `${provider}: ${JSON.stringify(fault).slice(0, 60)}`;
      t.match(answer.body.error?.code, /^(?:PROVIDER_ERROR|RATE_LIMITED)$/, what);
      await clearFaults(world);
    }
    t.match(await world.api("POST", `/integrations/${id}/refresh`), { status: 200 }, provider);
    t.match((await world.api("GET", `/integrations/${id}`)).body.data, {
      ...{ isActive: true, lastError: null, reconnectRequiredSince: null },
    });
  }
});

forEachIntegrationsWorld(
  t,
  "a renewal outlives a pause, and asks no more than it is told",
  options,
  async (t, world) => {
    const [provider, path] = renewed[0];
    const id = await connect(world, provider);
    const url = `/integrations/${id}`;
    await addFault(world, { path, status: 429, headers: { "retry-after": "1" } });
    const before = (await readCalls(world))[`POST ${path}`] ?? 0;
    for (let i = 0; i < 5; i++) t.match(await world.api("POST", `${url}/refresh`), { status: 429 });
    t.equal((await readCalls(world))[`POST ${path}`], before + 1, "Retry-After is heeded");
    await clearFaults(world);

    const other = await connect(world, "discord");
    const discord = "/discord.com/api/oauth2/token";
    await addFault(world, { path: discord, latency_ms: 200, times: 1 });
    const called = (await readCalls(world))[`POST ${discord}`] ?? 0;
    const renewal = world.api("POST", `/integrations/${other}/refresh`);
    while ((await readCalls(world))[`POST ${discord}`] === called);
    t.match(await world.api("PATCH", `/integrations/${other}`, { isActive: false, name: "Pausa" }), {
      status: 200,
    });
    await renewal;
    t.match(await world.api("PATCH", `/integrations/${other}`, { isActive: true }), { status: 200 });
    const again = await world.api("POST", `/integrations/${other}/refresh`);
    t.match(
      again,
      { status: 200, body: { data: { name: "Pausa", isActive: true } } },
      "its tokens were kept",
    );
  },
);
