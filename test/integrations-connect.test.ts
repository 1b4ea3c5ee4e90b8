import { type AccountProvider, accountProviders } from "@cita/providers/accounts";
import t, { type Test } from "tap";
import { connectAccount, createTraveller, initiate, start } from "./support/account-consent.ts";
import {
  forEachIntegrationsWorld,
  type IntegrationsWorld,
  redirectUri,
} from "./support/integrations-world.ts";

/** Of each provider: connected, told whose it is, renewed or said that it can't be, and ended. */
forEachIntegrationsWorld(t, "every provider's account is connected, and ends", {}, async (t, world) => {
  for (const provider of accountProviders)
    await t.test(provider.name, (t) => expectWholeLife(t, world, provider));
});

async function expectWholeLife(t: Test, world: IntegrationsWorld, provider: AccountProvider): Promise<void> {
  const enumName = provider.id.toUpperCase().replaceAll("-", "_");
  const { ended, result, integrationId, state } = await connectAccount(world, provider, {
    organizationId: "luna",
    metadata: { source: "settings" },
  });
  t.ok(ended.location?.startsWith(redirectUri), "the browser ends where the caller wants it");
  t.match(Object.fromEntries(result), { success: "true", provider: enumName, state, from: "cita" });

  const { body } = await world.api("GET", `/integrations/${integrationId}`);
  const { data } = body;
  t.match(data, { id: integrationId, userId: "user-1", organizationId: "luna", provider: enumName });
  t.match(data, { isActive: true, lastError: null, metadata: { source: "settings" } });
  t.match(data, { accountId: /./, name: /./, scope: Array, reconnectRequiredSince: null });
  t.notMatch(JSON.stringify(body), /"(?:access|refresh)_?token":|gAAAA/i, "no token is shown");

  const listed = await world.api("GET", `/integrations/user/user-1?provider=${enumName}&isActive=true`);
  t.strictSame(listed.body, { success: true, data: [data], nextCursor: null });

  await expectRenewal(t, world, provider, String(integrationId));

  const again = await connectAccount(world, provider, { organizationId: "luna" });
  t.equal(again.integrationId, integrationId, "the same account keeps its id");

  const removed = await world.api("DELETE", `/integrations/${integrationId}?revoke=all`);
  const canRevoke = provider.revocation !== null;
  t.match(removed, { status: 200, body: { data: { isActive: false, revokedAtProvider: canRevoke } } });
  const logs = await world.api("GET", `/integrations/${integrationId}/sync-logs`);
  t.equal(logs.status, 200, "its log stays readable");
  t.match(await world.api("POST", `/integrations/${integrationId}/refresh`), {
    status: 401,
    body: { success: false, error: { code: "TOKEN_EXPIRED" } },
  });
}

/** They give a refresh token to some apps alone, and the stand-ins' isn't one of those. */
const withoutRefreshToken = new Set(["linkedin", "slack"]);

async function expectRenewal(
  t: Test,
  world: IntegrationsWorld,
  provider: AccountProvider,
  id: string,
): Promise<void> {
  const { renewal } = provider;
  const before = (await world.api("GET", `/integrations/${id}`)).body.data;
  // Exchanged tokens have to be a day old.
  world.clock.now += renewal.kind === "exchange_access_token" ? 2 * 86_400_000 : 60_000;
  const renewed = await world.api("POST", `/integrations/${id}/refresh`);
  const isRenewable = renewal.kind !== "none" && !withoutRefreshToken.has(provider.id);
  if (!isRenewable) {
    t.match(
      renewed,
      { status: 401, body: { error: { code: "REFRESH_FAILED" } } },
      "it says that it can't be",
    );
    return;
  }
  t.equal(renewed.status, 200, JSON.stringify(renewed.body));
  const { data } = renewed.body;
  if (before.expiresAt !== null) t.ok(data.expiresAt > before.expiresAt, "it lives longer");
  const { body } = await world.api("GET", `/integrations/${id}/sync-logs`);
  t.match(body.data[0], { action: "renew_token", status: "COMPLETED", itemsProcessed: 1, error: null });
}

forEachIntegrationsWorld(
  t,
  "the start page asks what is missing, and says what is wrong",
  {},
  async (t, world) => {
    const shopify = accountProviders.find(({ id }) => id === "shopify");
    if (shopify === undefined) throw new Error("there is no Shopify");
    const { body } = await initiate(world, shopify);
    const traveller = createTraveller();
    const page = await traveller.go(body.data.authorizationUrl);
    t.match(page, { status: 200, text: /name="shop"/ });
    const refused = await traveller.go(
      body.data.authorizationUrl,
      new URLSearchParams({ shop: "evil.example" }),
    );
    t.match(refused, { status: 400, text: /aria-invalid="true"/ });
    t.match(refused.text, 'value="evil.example"', "what was typed is still there");
    const typed = new URLSearchParams({ shop: "https://Luna.myshopify.com/admin?x=1" });
    const accepted = await traveller.go(body.data.authorizationUrl, typed);
    t.equal(accepted.status, 303);
    t.match(accepted.location, "/luna.myshopify.com/admin/oauth/authorize?");
    t.equal(
      (await start(createTraveller(), shopify, body.data.authorizationUrl)).status,
      303,
      "in another browser too",
    );
  },
);

forEachIntegrationsWorld(t, "a key that isn't taken is asked for again", {}, async (t, world) => {
  const sendgrid = accountProviders.find(({ id }) => id === "sendgrid");
  if (sendgrid === undefined) throw new Error("there is no SendGrid");
  const { body } = await initiate(world, sendgrid);
  const { authorizationUrl } = body.data;
  const traveller = createTraveller();
  const type = (key: string) => traveller.go(authorizationUrl, new URLSearchParams({ api_key: key }));
  t.match(await type("nonsense"), { status: 400, text: /aria-invalid="true"/ });
  const wrong = "SG.wrong-0123456789abcdef0123456789abcdef";
  const refused = await type(wrong);
  t.match(refused, { status: 400, text: /role="alert"/ });
  t.notMatch(refused.text, wrong, "what is secret isn't shown again");
  t.match((await type("SG.sandbox-luna.0123456789abcdef0123456789")).location, /success=true/);
  t.equal((await type("SG.sandbox-luna.0123456789abcdef0123456789")).status, 410, "it counts once");
});
