import { generateFernetKey, parseFernetKey, rotateKeys } from "@cita/token-store";
import t from "tap";
import { forEachDatabase } from "../../../test/support/test-database.ts";
import type { Webhook } from "../src/webhooks/webhook.ts";
import { forgetWebhooks } from "../src/webhooks/webhook-keys.ts";
import { connect } from "./fixtures.ts";
import { addWebhook, openWebhooksWith, type WebhookStoresOfTest } from "./webhook-stores.ts";

const [older, newer, lost] = [generateFernetKey(), generateFernetKey(), generateFernetKey()] as const;
const fingerprintOf = (key: string) => parseFernetKey(key).fingerprint;

/** What would sign a delivery now. */
async function secretsOf(
  { messages, deliveries }: WebhookStoresOfTest,
  webhook: Webhook,
): Promise<readonly string[]> {
  const [due] = await deliveries.findDue([await messages.storeTest(webhook)]);
  if (due === undefined) throw new Error("there is no delivery");
  return due.openSecrets();
}

forEachDatabase(
  t,
  "secrets of webhooks are counted, and sealed anew with the tokens",
  async (t, database) => {
    const before = await openWebhooksWith(database, older);
    await connect(before, "ana");
    const { webhook, secret } = await addWebhook(before, "luna");
    const rotated = await before.webhooks.rotateSecret(webhook.id);
    t.match(await before.sealed.check(), {
      keys: [{ fingerprint: fingerprintOf(older), connections: 1, webhooks: 1 }],
    });
    const both = await openWebhooksWith(database, `${newer},${older}`);
    t.equal(await both.sealed.countForeign(), 2);
    t.match(await rotateKeys(both.sealed), { resealed: 2, unopened: [], report: { opens: "everything" } });
    const alone = await openWebhooksWith(database, newer);
    t.strictSame(await secretsOf(alone, webhook), [rotated?.secret, secret], "both sign still");
    t.match(await alone.sealed.check(), { missing: [], opens: "everything" });
  },
);

forEachDatabase(
  t,
  "a secret that is rotated with a newer key is sealed with it whole",
  async (t, database) => {
    const { webhook, secret } = await addWebhook(await openWebhooksWith(database, older), "luna");
    const both = await openWebhooksWith(database, `${newer},${older}`);
    const rotated = await both.webhooks.rotateSecret(webhook.id);
    t.equal(await both.sealed.countForeign(), 0);
    t.strictSame(await secretsOf(await openWebhooksWith(database, newer), webhook), [
      rotated?.secret,
      secret,
    ]);
  },
);

forEachDatabase(t, "secrets of a lost key are given up, until they are rotated", async (t, database) => {
  const other = await openWebhooksWith(database, lost);
  const { webhook } = await addWebhook(other, "luna");
  const mine = await openWebhooksWith(database, older);
  const { webhook: kept } = await addWebhook(mine, "sol");
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
