import t, { type Test } from "tap";
import { connectAccount } from "./support/account-consent.ts";
import { addFault, clearFaults, controlStandIn, providerOf, readCalls } from "./support/account-faults.ts";
import {
  createIntegrationsWorld,
  forEachIntegrationsWorld,
  type IntegrationsWorld,
} from "./support/integrations-world.ts";
import { createWorld } from "./support/world.ts";

const dayMs = 86_400_000;
const revocationPath = "POST /oauth2.googleapis.com/revoke";

async function connect(world: IntegrationsWorld, provider: string, userId = "user-1"): Promise<string> {
  const { integrationId } = await connectAccount(world, providerOf(provider), { userId });
  if (integrationId === null) throw new Error(`${provider} isn't connected`);
  return integrationId;
}

/** What is stored, to be tried at the provider after it was erased here. */
async function accessOf(world: IntegrationsWorld, id: string) {
  const access = await world.services.integrations.findAccess(id);
  const client = access && world.services.registry.clients.get(access.provider);
  if (access === undefined || client === undefined) throw new Error("there is no access");
  return { access, client };
}

async function disconnect(world: IntegrationsWorld, id: string) {
  const { status, body } = await world.api("DELETE", `/integrations/${id}`);
  return { status, isRevoked: body.data?.revokedAtProvider as boolean | undefined };
}

forEachIntegrationsWorld(t, "an expired access is renewed, to be revoked", {}, async (t, world) => {
  for (const provider of ["tiktok", "shopify", "slack", "linkedin"]) {
    await controlStandIn(world, `providers/${provider}/settings`, { refresh_tokens: true });
    for (const expire of ["by our clock", "at the provider", "while it is paused"]) {
      const id = await connect(world, provider);
      const { access, client } = await accessOf(world, id);
      if (expire === "at the provider")
        await controlStandIn(world, `providers/${provider}/expire-access-tokens`);
      else world.clock.now = (access.expiresAt?.getTime() ?? 0) + 1_000;
      if (expire === "while it is paused")
        await world.api("PATCH", `/integrations/${id}`, { isActive: false });
      t.match(await disconnect(world, id), { status: 200, isRevoked: true }, `${provider}, ${expire}`);
      t.not((await client.renew(access)).kind, "renewed", "its refresh token is dead");
    }
  }
});

forEachIntegrationsWorld(t, "what can't be renewed isn't called revoked", {}, async (t, world) => {
  const facebook = await connect(world, "facebook");
  world.clock.now += 61 * dayMs;
  t.match(await disconnect(world, facebook), { status: 200, isRevoked: false });

  const tiktok = await connect(world, "tiktok");
  await addFault(world, { path: "/open.tiktokapis.com/v2/oauth/token/", status: 503 });
  world.clock.now += dayMs;
  t.match(await disconnect(world, tiktok), { status: 200, isRevoked: false });
  await clearFaults(world);
  const { body } = await world.api("GET", `/integrations/${tiktok}`);
  t.equal(body.data.isActive, false, "here it is ended all the same");
});

forEachIntegrationsWorld(t, "what a renewal under way brings is revoked, too", {}, async (t, world) => {
  for (const [provider, token, revocation] of [
    ["twitter", "/api.x.com/2/oauth2/token", "/api.x.com/2/oauth2/revoke"],
    ["discord", "/discord.com/api/oauth2/token", "/discord.com/api/oauth2/token/revoke"],
  ] as const) {
    const id = await connect(world, provider);
    await clearFaults(world);
    await addFault(world, { path: revocation, latency_ms: 400, times: 1 });
    await addFault(world, { path: token, latency_ms: 300, times: 1 });
    const consents = (await readCalls(world))[`POST ${token}`];
    const renewal = world.api("POST", `/integrations/${id}/refresh`);
    while ((await readCalls(world))[`POST ${token}`] === consents);
    const ended = disconnect(world, id);
    t.equal((await renewal).status, 200, provider);
    const { access, client } = await accessOf(world, id);
    t.match(await ended, { status: 200, isRevoked: true });
    t.match(await client.renew(access), { kind: "reauth_required" }, "the new tokens are dead");
    t.match((await world.api("GET", `/integrations/${id}`)).body.data, { isActive: false, expiresAt: null });
  }
});

/** With the calendar service, whose customers may be connected with the same accounts. */
async function openWithCalendars(t: Test) {
  const calendars = await createWorld(t);
  const world = await createIntegrationsWorld(t, { variables: { CALENDAR_URL: calendars.mcpUrl } });
  return { calendars, world };
}

t.test("nothing is revoked that another connection lives by", async (t) => {
  const { world } = await openWithCalendars(t);
  const pairs = [
    ["youtube", "gmail"],
    ["google-ads", "youtube"],
    ["facebook", "meta-ads"],
    ["slack", "slack"],
  ] as const;
  for (const [ended, kept] of pairs) {
    const [first, second] = [await connect(world, ended), await connect(world, kept, "user-2")];
    t.match(await disconnect(world, first), { isRevoked: false }, `${ended} beside ${kept}`);
    const { access, client } = await accessOf(world, second);
    t.match(await client.probe(access), { kind: "ok" }, `${kept} lives`);
    t.match(await disconnect(world, second), { isRevoked: true }, `${kept} is the last one`);
  }
});

t.test("a customer's calendar outlives the end of the same account's integrations", async (t) => {
  const { calendars, world } = await openWithCalendars(t);
  for (const provider of ["gmail", "youtube", "google-ads"]) {
    const id = await connect(world, provider);
    const { access } = await accessOf(world, id);
    await calendars.sandbox("POST", "accounts", { email: "luna@example.com", sub: access.grantor });
    const link = await calendars.connect("luna");
    t.equal((await calendars.consent(link.body.shareable_link)).status, 200);
    const before = (await readCalls(world))[revocationPath];
    const ended = await world.api("DELETE", `/integrations/${id}`);
    t.match(ended.body.data, { revokedAtProvider: false, revocation: "shared", isActive: false }, provider);
    t.equal((await readCalls(world))[revocationPath], before, "its provider is asked nothing");

    const asked = await connect(world, provider);
    const all = await world.api("DELETE", `/integrations/${asked}?revoke=all`);
    t.match(all.body.data, { revocation: "revoked" }, `${provider}, with all`);

    const last = await connect(world, provider);
    await calendars.api("DELETE", "/v1/customer-calendars/luna");
    t.match(await disconnect(world, last), { isRevoked: true }, "no calendar lives by it any more");
  }
});

forEachIntegrationsWorld(
  t,
  "while the calendar service is away, no calendar is risked",
  {},
  async (t, world) => {
    const [gmail, hubspot] = [await connect(world, "gmail"), await connect(world, "hubspot")];
    const { body } = await world.api("DELETE", `/integrations/${gmail}`);
    t.match(body.data, { revocation: "shared", isActive: false, isConnected: false });
    t.match(await disconnect(world, hubspot), { isRevoked: true }, "which ends no calendar");
    const again = await connect(world, "gmail");
    const all = await world.api("DELETE", `/integrations/${again}?revoke=all`);
    t.match(all.body.data, { revocation: "revoked" });
  },
);

/** A disconnection that waits at the provider, until the fault's delay is over. */
async function beginDisconnecting(world: IntegrationsWorld, id: string) {
  const path = "/api.hubapi.com/oauth/2026-03/token/revoke";
  await addFault(world, { path, latency_ms: 1_500, times: 1 });
  const ended = world.api("DELETE", `/integrations/${id}`);
  while ((await readCalls(world))[`POST ${path}`] === undefined);
  return { ended };
}

forEachIntegrationsWorld(t, "what is connected again during a disconnection stays", {}, async (t, world) => {
  const id = await connect(world, "hubspot");
  const { ended } = await beginDisconnecting(world, id);
  t.equal(await connect(world, "hubspot"), id, "the same account is connected again");
  const { access } = await accessOf(world, id);
  const { status, body } = await ended;
  t.match({ status, ...body.data }, { status: 200, revocation: "reconnected", revokedAtProvider: false });
  t.match(body.data, { isActive: true, isConnected: true });
  t.equal((await accessOf(world, id)).access.accessToken, access.accessToken, "its tokens are the new ones");
  t.match(await disconnect(world, id), { status: 200, isRevoked: true }, "it can be ended afterwards");
});

forEachIntegrationsWorld(
  t,
  "what is lost during a disconnection is erased all the same",
  {},
  async (t, world) => {
    const id = await connect(world, "hubspot");
    const { access } = await accessOf(world, id);
    const { ended } = await beginDisconnecting(world, id);
    await world.services.integrations.requireReconnect(access, {
      reason: "invalid_grant",
      message: "It is lost.",
    });
    t.match((await ended).body.data, { revocation: "revoked", isConnected: false });
  },
);
