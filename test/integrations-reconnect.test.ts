import t from "tap";
import { connectAccount } from "./support/account-consent.ts";
import { providerOf } from "./support/account-faults.ts";
import { forEachIntegrationsWorld } from "./support/integrations-world.ts";

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
