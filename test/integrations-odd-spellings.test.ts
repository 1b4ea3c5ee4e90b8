import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { connectAccount } from "./support/account-consent.ts";
import { addFault, clearFaults, controlStandIn, providerOf } from "./support/account-faults.ts";
import { forEachIntegrationsWorld, type IntegrationsWorld } from "./support/integrations-world.ts";

/** What single providers answer unlike all others, which their stand-ins don't do by themselves. */

const hourMs = 3_600_000;
const withBackground = { hasBackground: true, overrides: { roundMs: 30 } };

type Shown = Readonly<Record<string, unknown>>;

async function read(world: IntegrationsWorld, id: string | null): Promise<Shown> {
  return (await world.api("GET", `/integrations/${id}`)).body.data;
}

/** Lets the clock go on until what is due was done. */
async function passUntil(world: IntegrationsWorld, id: string | null, isDone: (data: Shown) => boolean) {
  for (let rounds = 0; rounds < 100; rounds++) {
    const data = await read(world, id);
    if (isDone(data)) return data;
    world.clock.now += 6_000;
    await sleep(50);
  }
  return read(world, id);
}

const isLost = ({ reconnectRequiredSince }: Shown) => reconnectRequiredSince !== null;

forEachIntegrationsWorld(
  t,
  "Mailchimp's 200 for a token that was taken back is noticed",
  withBackground,
  async (t, world) => {
    const { integrationId } = await connectAccount(world, providerOf("mailchimp"));
    await addFault(world, {
      path: "/login.mailchimp.com/oauth2/metadata",
      status: 200,
      body: { error: "invalid_token" },
    });
    world.clock.now += 15 * hourMs;
    const data = await passUntil(world, integrationId, isLost);
    t.match(data, { reconnectRequiredSince: String, lastError: String });
  },
);

forEachIntegrationsWorld(
  t,
  "Salesforce's 403 for an ended session is answered with a renewal",
  withBackground,
  async (t, world) => {
    const { integrationId } = await connectAccount(world, providerOf("salesforce"));
    const userinfo = "/ana-example-com.my.salesforce.com/services/oauth2/userinfo";
    await addFault(world, { path: userinfo, status: 403, body: "Bad_OAuth_Token", times: 1 });
    world.clock.now += hourMs;
    const probed = await passUntil(world, integrationId, ({ lastSyncAt }) => lastSyncAt !== null);
    t.match(probed, { problem: null, lastError: null, reconnectRequiredSince: null });
    await controlStandIn(world, "providers/salesforce/revoke", { account: "ana@example.com" });
    await addFault(world, { path: userinfo, status: 403, body: "Bad_OAuth_Token" });
    world.clock.now += 15 * hourMs;
    t.match(await passUntil(world, integrationId, isLost), { reconnectRequiredSince: String });
  },
);

const described = (what: string) => ({
  ...{ path: "/api.x.com/2/oauth2/token", status: 400 },
  body: { error: "invalid_request", error_description: `Value passed for the ${what} was invalid.` },
});

forEachIntegrationsWorld(t, "X's words for what is dead mean a new consent", {}, async (t, world) => {
  const { integrationId } = await connectAccount(world, providerOf("twitter"));
  await addFault(world, described("token"));
  world.clock.now += 3 * hourMs;
  const refresh = () => world.api("POST", `/integrations/${integrationId}/refresh`);
  t.match(
    await refresh(),
    { status: 502, body: { error: { code: "PROVIDER_ERROR" } } },
    "it may be a mistake",
  );
  t.match(await read(world, integrationId), { reconnectRequiredSince: null });
  world.clock.now += 10 * 60_000;
  t.match(await refresh(), { status: 401, body: { error: { code: "TOKEN_EXPIRED" } } });
  t.match(await read(world, integrationId), { reconnectRequiredSince: String });

  await clearFaults(world);
  await addFault(world, described("authorization code"));
  const { result } = await connectAccount(world, providerOf("twitter"), { userId: "other" });
  t.equal(result.get("error"), "OAUTH_FAILED");
});

const graphVersion = providerOf("facebook").settings.find(({ name }) => name === "graph_version")?.preset;
const permissionsPath = `/graph.facebook.com/${graphVersion}/me/permissions`;

forEachIntegrationsWorld(t, "Facebook's list of permissions says what was granted", {}, async (t, world) => {
  for (const id of ["facebook", "meta-ads"]) {
    const fewer = await connectAccount(world, providerOf(id), { scopes: ["public_profile"] });
    t.equal(fewer.result.get("success"), "false", id);
    t.equal(fewer.result.get("error"), "OAUTH_FAILED");
    const { integrationId } = await connectAccount(world, providerOf(id));
    t.match(await read(world, integrationId), { scope: ["public_profile"] });
  }
  await addFault(world, { path: permissionsPath, body: { data: "none" } });
  const unknown = await connectAccount(world, providerOf("facebook"), { userId: "other" });
  t.equal(unknown.result.get("error"), "PROVIDER_ERROR");
  t.strictSame((await world.api("GET", "/integrations/user/other")).body.data, []);
});

forEachIntegrationsWorld(t, "a renewal that asks nobody ends no error", withBackground, async (t, world) => {
  const { integrationId } = await connectAccount(world, providerOf("instagram"));
  await addFault(world, { path: "/graph.instagram.com/", status: 403, body: { error: { code: 10 } } });
  world.clock.now += 15 * hourMs;
  t.match(await passUntil(world, integrationId, ({ problem }) => problem !== null), { problem: "refused" });
  t.equal((await world.api("POST", `/integrations/${integrationId}/refresh`)).status, 200);
  t.match(await read(world, integrationId), { problem: "refused", lastError: String });
});

forEachIntegrationsWorld(t, "of two removals of a person at once none fails", {}, async (t, world) => {
  const own = { userId: "leaving" };
  for (const account of ["a@example.com", "b@example.com"])
    await connectAccount(world, providerOf("hubspot"), { ...own, account });
  await addFault(world, { path: "/api.hubapi.com/", latency_ms: 200 });
  const key = world.environment.CALENDAR_SERVICE_KEY;
  const body = { type: "user.deleted", data: own };
  const answers = await Promise.all([1, 2].map(() => world.api("POST", "/events", body, key)));
  t.strictSame(
    answers.map(({ status }) => status),
    [200, 200],
  );
  t.strictSame((await world.api("GET", "/integrations/user/leaving")).body.data, []);
});

forEachIntegrationsWorld(t, "a paused integration says that it is paused", {}, async (t, world) => {
  const { integrationId } = await connectAccount(world, providerOf("hubspot"));
  await world.api("PATCH", `/integrations/${integrationId}`, { isActive: false });
  t.match(await world.api("POST", `/integrations/${integrationId}/refresh`), {
    status: 401,
    body: { error: { code: "REFRESH_FAILED", message: /paused/ } },
  });
});
