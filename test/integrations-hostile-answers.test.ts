import t from "tap";
import { connectAccount } from "./support/account-consent.ts";
import { addFault, clearFaults, providerOf } from "./support/account-faults.ts";
import { forEachIntegrationsWorld, type IntegrationsWorld } from "./support/integrations-world.ts";

const hubspot = providerOf("hubspot");
const tokenPath = "/api.hubapi.com/oauth/2026-03/token";
const identityPath = "/api.hubapi.com/account-info/v3/details";
const tokens = {
  access_token: "hostile-access-0123456789",
  refresh_token: "hostile-refresh-0123456789",
  ...{ expires_in: 1_800, token_type: "bearer" },
};
const account = { portalId: 5 };

/** A consent in which the provider answers so. */
async function connectWith(
  world: IntegrationsWorld,
  userId: string,
  { token = tokens, identity = account }: { token?: object; identity?: object },
) {
  await clearFaults(world);
  await addFault(world, { path: tokenPath, body: { ...token } });
  await addFault(world, { path: identityPath, body: { ...identity } });
  const { ended, result, integrationId } = await connectAccount(world, hubspot, { userId });
  await clearFaults(world);
  const { body } = await world.api("GET", `/integrations/${integrationId}`);
  return { ended, result: Object.fromEntries(result), data: body.data };
}

forEachIntegrationsWorld(t, "a life that can't be stored is one without an end", {}, async (t, world) => {
  for (const expires_in of [1e300, 1e13, 3e11, "9".repeat(400), -5, 0, "soon", null]) {
    const { ended, data } = await connectWith(world, `user-${expires_in}`.slice(0, 50), {
      token: { ...tokens, expires_in },
    });
    t.equal(ended.status, 303, `${expires_in}`.slice(0, 20));
    t.match(data, { isActive: true, expiresAt: null });
  }
});

forEachIntegrationsWorld(
  t,
  "names are cut and cleaned, and ids are kept or refused",
  {},
  async (t, world) => {
    const { data } = await connectWith(world, "zero", {
      token: { ...tokens, token_type: "bea\u0000rer" },
      identity: { portalId: 6 },
    });
    t.match(data, { isActive: true, accountId: "6", tokenType: "bea rer" });
    await addFault(world, {
      path: "/login.mailchimp.com/oauth2/metadata",
      body: { user_id: 8, dc: "us6", accountname: `a\u0000b\n\u2028c${"n".repeat(100_000)}` },
    });
    const named = await connectAccount(world, providerOf("mailchimp"), { userId: "named" });
    const { name } = (await world.api("GET", `/integrations/${named.integrationId}`)).body.data;
    t.match(name, /^a b cn{190,}$/);
    t.ok(name.length <= 200);
    for (const portalId of ["7\u0000", "7".repeat(100_000)]) {
      const { ended, result } = await connectWith(world, "id", { identity: { portalId } });
      t.equal(ended.status, 303);
      t.match(result, { success: "false", error: "OAUTH_FAILED" });
    }
  },
);

forEachIntegrationsWorld(t, "a token that no header can have is no token", {}, async (t, world) => {
  for (const access_token of ["hostile\r\nx-admin: 1", "hostile-tök€n-0123456789", "hostile\u0000"]) {
    world.secrets.note("access token", access_token);
    const { ended, result } = await connectWith(world, "header", { token: { ...tokens, access_token } });
    t.equal(ended.status, 303);
    t.match(result, { success: "false", error: "PROVIDER_ERROR" });
  }
});

forEachIntegrationsWorld(t, "an instance that is no host connects nothing", {}, async (t, world) => {
  const path = "/login.salesforce.com/services/oauth2/token";
  for (const instance_url of ["https://[::1]/", "https://1.2.3.4.5/", "nonsense", 7, undefined]) {
    await addFault(world, { path, body: { ...tokens, instance_url } });
    const { ended, result } = await connectAccount(world, providerOf("salesforce"));
    await clearFaults(world);
    t.equal(ended.status, 303, `${instance_url}`);
    t.match(Object.fromEntries(result), { success: "false", error: "PROVIDER_ERROR" });
  }
});

forEachIntegrationsWorld(
  t,
  "a store that calls itself another doesn't take its place",
  {},
  async (t, world) => {
    const woocommerce = providerOf("woocommerce");
    const good = await connectAccount(world, woocommerce, { metadata: { store: "shop.luna.example" } });
    const told = { url: "https://shop.luna.example", name: "Luna" };
    await addFault(world, { path: "/shop.evil.example/wp-json/", body: told });
    const evil = await connectAccount(world, woocommerce, { metadata: { store: "shop.evil.example" } });
    t.match(Object.fromEntries(evil.result), { success: "true" });
    t.not(evil.integrationId, good.integrationId);
    const access = await world.services.integrations.findAccess(good.integrationId ?? "");
    t.match(access, { inputs: { store: "shop.luna.example" }, accountId: "shop.luna.example" });
  },
);

forEachIntegrationsWorld(t, "what no API has answered confirms nothing", {}, async (t, world) => {
  const page = "<!doctype html><h1>Not here";
  const revocations = [
    ["shopify", "/luna.myshopify.com/admin/api_permissions/current.json", 401],
    ["hubspot", "/api.hubapi.com/oauth/2026-03/token/revoke", 404],
    ["slack", "/slack.com/api/auth.revoke", 410],
  ] as const;
  for (const [id, path, status] of revocations) {
    const { integrationId } = await connectAccount(world, providerOf(id));
    await addFault(world, { path, status, body: page });
    const { body } = await world.api("DELETE", `/integrations/${integrationId}?revoke=all`);
    t.match(body.data, { isActive: false, revokedAtProvider: false }, id);
    await clearFaults(world);
  }
  await addFault(world, { path: "/www.googleapis.com/youtube/", status: 200, body: "" });
  const { result } = await connectAccount(world, providerOf("youtube"));
  await clearFaults(world);
  t.match(Object.fromEntries(result), { error: "PROVIDER_ERROR" }, "an empty answer isn't an empty account");
});
