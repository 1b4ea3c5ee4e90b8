import { openDatabase } from "@cita/database";
import t from "tap";
import { connectAccount } from "./support/account-consent.ts";
import { providerOf } from "./support/account-faults.ts";
import { forEachIntegrationsWorld } from "./support/integrations-world.ts";

const options = { overrides: { readyCache: { successMs: 0, failureMs: 0 } } };

forEachIntegrationsWorld(t, "keys that open nothing are told while it runs", options, async (t, world) => {
  const ready = () => world.api("GET", "/ready", undefined, null);
  t.match(await ready(), { status: 200 }, "nothing is stored");
  const { integrationId } = await connectAccount(world, providerOf("hubspot"));
  t.match(await ready(), { status: 200 });
  const db = openDatabase(world.databaseUrl);
  t.teardown(() => db.destroy());
  const tables = db.withTables<{ integrations: { key_fingerprint: string | null } }>();
  // As after a rotation elsewhere, whose new key this process hasn't got.
  await tables.updateTable("integrations").set({ key_fingerprint: "another" }).execute();
  t.match(await ready(), { status: 503, body: { message: /TOKEN_ENCRYPTION_KEY/ } });
  t.match(await world.api("DELETE", `/integrations/${integrationId}`), { status: 200 });
  t.match(await ready(), { status: 200 }, "what is erased needs no key");
});
