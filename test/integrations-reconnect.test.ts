import t from "tap";
import { connectAccount, createTraveller } from "./support/account-consent.ts";
import { providerOf } from "./support/account-faults.ts";
import {
  forEachIntegrationsWorld,
  type IntegrationsWorld,
  redirectUri,
} from "./support/integrations-world.ts";

forEachIntegrationsWorld(t, "a name that a person has given outlives a new consent", {}, async (t, world) => {
  const hubspot = providerOf("hubspot");
  const { integrationId } = await connectAccount(world, hubspot);
  const path = `/integrations/${integrationId}`;
  const { name } = (await world.api("GET", path)).body.data;
  await world.api("PATCH", path, { metadata: { note: "sales" } });
  await connectAccount(world, hubspot);
  t.equal((await world.api("GET", path)).body.data.name, name, "the provider's own stays the provider's");
  await world.api("PATCH", path, { name: "Ventas" });
  await world.api("DELETE", path);
  const again = await connectAccount(world, hubspot);
  t.equal(again.integrationId, integrationId);
  t.match((await world.api("GET", path)).body.data, { name: "Ventas", metadata: { note: "sales" } });
});

/** Where a consent that is begun anew leads, and what it asks for there. */
async function beginAgain(world: IntegrationsWorld, provider: string, body: object) {
  const asked = { userId: "user-1", provider, redirectUri, ...body };
  const { status, body: answered } = await world.api("POST", "/integrations/oauth/initiate", asked);
  if (status !== 200) return { status, code: answered.error.code };
  const { location } = await createTraveller().go(answered.data.authorizationUrl);
  const url = new URL(location ?? "about:blank");
  return { status, path: url.pathname, scope: url.searchParams.get("scope") };
}

forEachIntegrationsWorld(t, "what was given and granted before is asked for again", {}, async (t, world) => {
  const atTest = { metadata: { login_host: "test.salesforce.com" } };
  const { integrationId } = await connectAccount(world, providerOf("salesforce"), atTest);
  const path = /^\/test\.salesforce\.com\//;
  t.match(await beginAgain(world, "SALESFORCE", { integrationId }), { status: 200, path });
  await world.api("DELETE", `/integrations/${integrationId}`);
  t.match(
    await beginAgain(world, "SALESFORCE", { integrationId }),
    { status: 200, path },
    "when it has ended",
  );
  const other = { integrationId, metadata: { login_host: "login.salesforce.com" } };
  t.match(await beginAgain(world, "SALESFORCE", other), { path: /^\/login\.salesforce\.com\// });

  const contacts = await connectAccount(world, providerOf("hubspot"), { capabilities: ["contacts"] });
  const again = await beginAgain(world, "HUBSPOT", { integrationId: contacts.integrationId });
  t.equal(again.scope, "oauth crm.objects.contacts.read crm.objects.contacts.write");
  const more = { integrationId: contacts.integrationId, capabilities: ["campaigns"] };
  t.equal((await beginAgain(world, "HUBSPOT", more)).scope, "oauth marketing.campaigns.read");

  for (const [provider, body] of [
    ["HUBSPOT", { integrationId }],
    ["SALESFORCE", { integrationId, userId: "user-2" }],
    ["SALESFORCE", { integrationId, organizationId: "luna" }],
    ["SALESFORCE", { integrationId: "0b6a5c0e-1111-4222-8333-444455556666" }],
  ] as const)
    t.match(await beginAgain(world, provider, body), { status: 404, code: "INTEGRATION_NOT_FOUND" });
});
