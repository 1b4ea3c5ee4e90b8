import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { connectAccount } from "./support/account-consent.ts";
import { addFault, clearFaults, providerOf } from "./support/account-faults.ts";
import { forEachIntegrationsWorld, type IntegrationsWorld } from "./support/integrations-world.ts";

const minuteMs = 60_000;
const outlook = { provider: "outlook-mail", path: "/login.microsoftonline.com/common/oauth2/v2.0/token" };

/** What each dialect means by RFC 6749's word alone. Microsoft has been seen to take it back. */
const meanings: readonly [provider: string, path: string, answer: number, code: string][] = [
  ["outlook-mail", outlook.path, 502, "PROVIDER_ERROR"],
  ["hubspot", "/api.hubapi.com/oauth/2026-03/token", 401, "TOKEN_EXPIRED"],
  ["gmail", "/oauth2.googleapis.com/token", 401, "TOKEN_EXPIRED"],
  ["tiktok", "/open.tiktokapis.com/v2/oauth/token/", 401, "TOKEN_EXPIRED"],
  ["shopify", "/luna.myshopify.com/admin/oauth/access_token", 401, "TOKEN_EXPIRED"],
];

/** What Microsoft says without meaning it, or only perhaps. */
const doubtful = [
  { error: "invalid_grant" },
  { error: "invalid_grant", error_codes: [70_000] },
  { error: "invalid_grant", error_codes: [700_003] },
  { error: "invalid_grant", error_codes: [9_999_999] },
];

async function connect(world: IntegrationsWorld, provider: string): Promise<string> {
  const { integrationId } = await connectAccount(world, providerOf(provider));
  if (integrationId === null) throw new Error(`${provider} isn't connected`);
  return integrationId;
}

const refresh = (world: IntegrationsWorld, id: string) => world.api("POST", `/integrations/${id}/refresh`);
const read = async (world: IntegrationsWorld, id: string) =>
  (await world.api("GET", `/integrations/${id}`)).body.data;
const refuse = (world: IntegrationsWorld, body: object = { error: "invalid_grant" }) =>
  addFault(world, { path: outlook.path, status: 400, body: { ...body } });

async function lossesOf({ services }: IntegrationsWorld, id: string): Promise<number> {
  const events = await services.events.page({ limit: 200 });
  return events.filter(({ kind, data }) => {
    const { integration_id, is_lost } = data as { integration_id?: string; is_lost?: boolean };
    return kind === "integration.error" && integration_id === id && is_lost === true;
  }).length;
}

forEachIntegrationsWorld(t, "of all dialects Microsoft's alone is asked again", {}, async (t, world) => {
  for (const [provider, path, status, code] of meanings) {
    const id = await connect(world, provider);
    await addFault(world, { path, status: 400, body: { error: "invalid_grant" } });
    t.match(await refresh(world, id), { status, body: { error: { code } } }, provider);
    await clearFaults(world);
    t.equal((await read(world, id)).reconnectRequiredSince === null, status === 502, provider);
  }
});

forEachIntegrationsWorld(t, "a loss is believed once it is said minutes later, too", {}, async (t, world) => {
  const id = await connect(world, outlook.provider);
  for (const body of doubtful) {
    await clearFaults(world);
    await refuse(world, body);
    t.match(await refresh(world, id), { status: 502, body: { error: { code: "PROVIDER_ERROR" } } });
    t.match(await read(world, id), { isActive: true, reconnectRequiredSince: null, lastError: null });
  }
  world.clock.now += 4 * minuteMs;
  t.match(await refresh(world, id), { status: 502 }, "not yet");
  t.equal(await lossesOf(world, id), 0);
  world.clock.now += minuteMs;
  t.match(await refresh(world, id), { status: 401, body: { error: { code: "TOKEN_EXPIRED" } } });
  t.match(await read(world, id), { reconnectRequiredSince: String, lastError: /Connect it again/ });
  t.match(await refresh(world, id), { status: 401 });
  t.equal(await lossesOf(world, id), 1, "it is told once");
  await clearFaults(world);
  t.equal(await connect(world, outlook.provider), id);
  t.match(await read(world, id), { reconnectRequiredSince: null, lastError: null });
});

forEachIntegrationsWorld(t, "a success in between refutes it", {}, async (t, world) => {
  const id = await connect(world, outlook.provider);
  await refuse(world);
  t.equal((await refresh(world, id)).status, 502);
  await clearFaults(world);
  t.equal((await refresh(world, id)).status, 200);
  world.clock.now += 10 * minuteMs;
  await refuse(world);
  t.equal((await refresh(world, id)).status, 502, "the minutes are counted anew");
  world.clock.now += 6 * minuteMs;
  t.equal((await refresh(world, id)).status, 401);
});

forEachIntegrationsWorld(
  t,
  "the service asks again by itself",
  { hasBackground: true, overrides: { roundMs: 40 } },
  async (t, world) => {
    const id = await connect(world, outlook.provider);
    const countLogs = async (wanted: Readonly<Record<string, string>>) => {
      const { body } = await world.api("GET", `/integrations/${id}/sync-logs`);
      const isWanted = (log: Record<string, string>) =>
        Object.entries(wanted).every(([name, value]) => log[name] === value);
      return body.data.filter(isWanted).length;
    };
    const until = async (holds: () => Promise<boolean>) => {
      for (const end = performance.now() + 20_000; performance.now() < end; await sleep(30))
        if (await holds()) return true;
      return false;
    };
    // A new account is probed first, and the success of a probe beside the refusal would be one in between.
    world.clock.now += minuteMs;
    const probed = { action: "probe", status: "COMPLETED" };
    t.ok(await until(async () => (await countLogs(probed)) === 1));
    await refuse(world);
    const { expiresAt } = await read(world, id);
    world.clock.now += 0.95 * (Date.parse(expiresAt) - world.clock.now);
    const isLost = async () => (await read(world, id)).reconnectRequiredSince !== null;
    const refused = { action: "renew_token", status: "FAILED" };
    t.ok(await until(async () => (await countLogs(refused)) === 1), "it was refused once");
    t.notOk(await isLost());
    world.clock.now += 8 * minuteMs;
    t.ok(await until(isLost), "and again minutes later");
  },
);
