import { setTimeout as sleep } from "node:timers/promises";
import { accountProviders } from "@cita/providers/accounts";
import t from "tap";
import { connectAccount } from "./support/account-consent.ts";
import { forEachIntegrationsWorld, type IntegrationsWorld } from "./support/integrations-world.ts";
import { controlSandbox } from "./support/local-google.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

function providerOf(id: string) {
  const found = accountProviders.find((one) => one.id === id);
  if (found === undefined) throw new Error(`there is no ${id}`);
  return found;
}

async function read(world: IntegrationsWorld, id: string | null) {
  return (await world.api("GET", `/integrations/${id}`)).body.data;
}

async function waitFor(holds: () => Promise<boolean>): Promise<boolean> {
  for (const end = Date.now() + 10_000; Date.now() < end; await sleep(30)) if (await holds()) return true;
  return false;
}

const fault = (world: IntegrationsWorld, path: string, what: object) =>
  controlSandbox(world.sandboxUrl, "POST", "faults", { path, ...what });

const background = { hasBackground: true, overrides: { roundMs: 40 } };

forEachIntegrationsWorld(t, "accesses are renewed before they expire", background, async (t, world) => {
  const names = ["hubspot", "discord", "outlook-mail", "shopify", "instagram"];
  const ids: [string, string | null][] = [];
  for (const name of names) ids.push([name, (await connectAccount(world, providerOf(name))).integrationId]);
  const before = new Map<string, string>();
  for (const [name, id] of ids) before.set(name, (await read(world, id)).expiresAt);
  for (const [name, id] of ids) {
    const expiresAt = Date.parse(before.get(name) ?? "");
    const left = expiresAt - world.clock.now;
    // Of what is exchanged a half is left, of the rest a tenth.
    world.clock.now += Math.round(left * (name === "instagram" ? 0.65 : 0.92));
    t.ok(await waitFor(async () => (await read(world, id)).expiresAt > (before.get(name) ?? "")), name);
    t.match(await read(world, id), { isActive: true, lastError: null, reconnectRequiredSince: null });
    // What is saved is seen before its entry is completed.
    const areCompleted = async () => {
      const { body } = await world.api("GET", `/integrations/${id}/sync-logs?limit=200`);
      const renewals = body.data.filter(({ action }: { action: string }) => action === "renew_token");
      return (
        renewals.length >= 1 && renewals.every(({ status }: { status: string }) => status === "COMPLETED")
      );
    };
    t.ok(await waitFor(areCompleted), `${name}: each is in its log`);
  }
});

forEachIntegrationsWorld(t, "what was taken back elsewhere is noticed", background, async (t, world) => {
  for (const name of ["discord", "facebook", "sendgrid", "stripe", "woocommerce"]) {
    const { integrationId } = await connectAccount(world, providerOf(name));
    const { accountEmail, accountId } = await read(world, integrationId);
    await controlSandbox(world.sandboxUrl, "POST", `providers/${name}/revoke`, {
      account: accountEmail ?? "ana@example.com",
    });
    world.clock.now += 15 * hourMs;
    const isLost = async () => (await read(world, integrationId)).reconnectRequiredSince !== null;
    t.ok(await waitFor(isLost), `${name} ${accountId}`);
    t.match(await read(world, integrationId), { isActive: true, lastError: /Connect it again/ });
    t.match(await world.api("POST", `/integrations/${integrationId}/refresh`), { status: 401 });
    const again = await connectAccount(world, providerOf(name));
    if (name === "sendgrid") {
      t.match(again.ended, { status: 400, text: /doesn’t accept this/ }, "the key is no good any more");
      continue;
    }
    t.equal(again.integrationId, integrationId);
    t.match(await read(world, integrationId), { lastError: null, reconnectRequiredSince: null });
  }
});

forEachIntegrationsWorld(t, "what passes never disconnects anybody", {}, async (t, world) => {
  const hubspot = providerOf("hubspot");
  const { integrationId } = await connectAccount(world, hubspot);
  const refresh = () => world.api("POST", `/integrations/${integrationId}/refresh`);
  const token = "/api.hubapi.com/oauth/2026-03/token";
  const passing: [object, number, string][] = [
    [{ status: 500 }, 502, "PROVIDER_ERROR"],
    [{ status: 503, body: "<html>" }, 502, "PROVIDER_ERROR"],
    [{ status: 200, body: "<html>maintenance</html>" }, 502, "PROVIDER_ERROR"],
    [{ status: 200, body: {} }, 502, "PROVIDER_ERROR"],
    [{ status: 404, body: "nothing here" }, 502, "PROVIDER_ERROR"],
    [{ drop: true }, 502, "PROVIDER_ERROR"],
    [{ drop: "body" }, 502, "PROVIDER_ERROR"],
    [{ status: 302, headers: { location: "http://127.0.0.1:1/" } }, 502, "PROVIDER_ERROR"],
    [{ status: 400, body: { error: "invalid_client" } }, 401, "REFRESH_FAILED"],
    [{ status: 429, headers: { "retry-after": "1" } }, 429, "RATE_LIMITED"],
  ];
  for (const [what, status, code] of passing) {
    await fault(world, token, { times: 1, ...what });
    const answer = await refresh();
    t.match(answer, { status, body: { success: false, error: { code } } }, JSON.stringify(what));
    t.match(await read(world, integrationId), { isActive: true, reconnectRequiredSince: null });
  }
  await sleep(1_100);
  t.match(await refresh(), { status: 200, body: { data: { lastError: null } } });
});

forEachIntegrationsWorld(t, "an answer that is lost costs strict rotation alone", {}, async (t, world) => {
  const cases: [string, string, boolean][] = [
    ["discord", "/discord.com/api/oauth2/token", false],
    ["outlook-mail", "/login.microsoftonline.com/common/oauth2/v2.0/token", true],
    ["shopify", "/luna.myshopify.com/admin/oauth/access_token", true],
    ["hubspot", "/api.hubapi.com/oauth/2026-03/token", true],
  ];
  for (const [name, path, survives] of cases) {
    const { integrationId } = await connectAccount(world, providerOf(name));
    const refresh = () => world.api("POST", `/integrations/${integrationId}/refresh`);
    await fault(world, path, { times: 1, drop: "answer" });
    t.equal((await refresh()).status, 502, `${name}: it may have passed`);
    t.match(await read(world, integrationId), { reconnectRequiredSince: null });
    const second = await refresh();
    t.equal(second.status, survives ? 200 : 401, name);
    const { lastError, reconnectRequiredSince } = await read(world, integrationId);
    t.equal(reconnectRequiredSince === null, survives, name);
    t.equal(lastError === null, survives, `${name}: ${lastError}`);
  }
});

forEachIntegrationsWorld(t, "one provider's silence holds up no other", background, async (t, world) => {
  const slow = await connectAccount(world, providerOf("hubspot"));
  const quick = await connectAccount(world, providerOf("discord"));
  await fault(world, "/api.hubapi.com/", { latency_ms: 4_000 });
  const before = (await read(world, quick.integrationId)).lastSyncAt;
  world.clock.now += 8 * dayMs;
  const begun = Date.now();
  t.ok(await waitFor(async () => (await read(world, quick.integrationId)).lastSyncAt !== before));
  t.ok(Date.now() - begun < 3_000, `${Date.now() - begun} ms`);
  t.match(await read(world, slow.integrationId), { isActive: true, reconnectRequiredSince: null });
});
