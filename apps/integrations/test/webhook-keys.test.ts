import { openEventLog } from "@cita/events";
import { createLogger } from "@cita/process";
import { createKeyRing, generateFernetKey, parseFernetKey, rotateKeys } from "@cita/token-store";
import t from "tap";
import { forEachDatabase, type TestDatabase } from "../../../test/support/test-database.ts";
import { openIntegrationStores } from "../src/integrations/open-integration-stores.ts";
import { openWebhookStores } from "../src/webhooks/create-webhooks.ts";
import type { Webhook } from "../src/webhooks/webhook.ts";
import { createSealedSecrets, forgetWebhooks } from "../src/webhooks/webhook-keys.ts";
import { connect, start } from "./fixtures.ts";

const [older, newer, lost] = [generateFernetKey(), generateFernetKey(), generateFernetKey()] as const;
const fingerprintOf = (key: string) => parseFernetKey(key).fingerprint;

/** The stores of a service that has these keys. */
async function openWith(database: TestDatabase, encryptionKeys: string) {
  const db = database.open();
  const keys = createKeyRing(encryptionKeys);
  const events = await openEventLog({ db, logger: createLogger("silent") });
  const clock = { now: start };
  const stores = await openIntegrationStores({ db, keys, events, now: () => clock.now });
  const hooks = await openWebhookStores({ db, keys, events, now: () => clock.now.getTime() });
  const sealed = createSealedSecrets({ db, keys });
  return { ...stores, ...hooks, db, clock, sealed, now: () => clock.now };
}

type Opened = Awaited<ReturnType<typeof openWith>>;

const add = ({ webhooks }: Opened, organizationId: string) => {
  const subject = { organizationId };
  return webhooks.create({ subject, owner: subject, url: "https://a.example/", events: ["*"], metadata: {} });
};

/** What would sign a delivery now. */
async function secretsOf({ messages, deliveries }: Opened, webhook: Webhook): Promise<readonly string[]> {
  const [due] = await deliveries.findDue([await messages.storeTest(webhook)]);
  if (due === undefined) throw new Error("there is no delivery");
  return due.openSecrets();
}

forEachDatabase(
  t,
  "secrets of webhooks are counted, and sealed anew with the tokens",
  async (t, database) => {
    const before = await openWith(database, older);
    await connect(before, "ana");
    const { webhook, secret } = await add(before, "luna");
    const rotated = await before.webhooks.rotateSecret(webhook.id);
    t.match(await before.sealed.check(), {
      keys: [{ fingerprint: fingerprintOf(older), connections: 1, webhooks: 1 }],
    });
    const both = await openWith(database, `${newer},${older}`);
    t.equal(await both.sealed.countForeign(), 2);
    t.match(await rotateKeys(both.sealed), { resealed: 2, unopened: [], report: { opens: "everything" } });
    const alone = await openWith(database, newer);
    t.strictSame(await secretsOf(alone, webhook), [rotated?.secret, secret], "both sign still");
    t.match(await alone.sealed.check(), { missing: [], opens: "everything" });
  },
);

forEachDatabase(
  t,
  "a secret that is rotated with a newer key is sealed with it whole",
  async (t, database) => {
    const { webhook, secret } = await add(await openWith(database, older), "luna");
    const both = await openWith(database, `${newer},${older}`);
    const rotated = await both.webhooks.rotateSecret(webhook.id);
    t.equal(await both.sealed.countForeign(), 0);
    t.strictSame(await secretsOf(await openWith(database, newer), webhook), [rotated?.secret, secret]);
  },
);

forEachDatabase(t, "secrets of a lost key are given up, until they are rotated", async (t, database) => {
  const other = await openWith(database, lost);
  const { webhook } = await add(other, "luna");
  const mine = await openWith(database, older);
  const { webhook: kept } = await add(mine, "sol");
  t.match(await mine.sealed.check(), {
    opens: "part",
    missing: [{ fingerprint: fingerprintOf(lost), webhooks: 1 }],
  });
  t.match(await rotateKeys(mine.sealed), { unopened: [{ what: "webhook", customerId: "customer:luna" }] });
  await t.rejects(secretsOf(mine, webhook), { name: "SealError", code: "key_missing" });
  const owners: string[] = [];
  for await (const batch of forgetWebhooks(mine, fingerprintOf(lost))) owners.push(...batch);
  t.strictSame(owners, ["customer:luna"]);
  t.match(await mine.webhooks.find(webhook.id), { isActive: false, disabledReason: /Rotate the secret/ });
  t.match(await mine.webhooks.update(webhook.id, { isActive: true }), {
    ...{ isActive: false, disabledReason: /Rotate the secret/ },
  });
  const rotated = await mine.webhooks.rotateSecret(webhook.id);
  t.match(await mine.webhooks.update(webhook.id, { isActive: true }), {
    isActive: true,
    disabledReason: null,
  });
  t.strictSame(await secretsOf(mine, webhook), [rotated?.secret]);
  t.match(await mine.webhooks.find(kept.id), { isActive: true });
  t.match(await mine.sealed.check(), { opens: "everything", missing: [] });
});
