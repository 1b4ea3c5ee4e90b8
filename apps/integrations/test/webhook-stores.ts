import { openEventLog } from "@cita/events";
import { createLogger } from "@cita/process";
import { createKeyRing } from "@cita/token-store";
import type { TestDatabase } from "../../../test/support/test-database.ts";
import { openIntegrationStores } from "../src/integrations/open-integration-stores.ts";
import { openWebhookStores } from "../src/webhooks/create-webhooks.ts";
import { createSealedSecrets } from "../src/webhooks/webhook-keys.ts";
import { start } from "./fixtures.ts";

export type WebhookStoresOfTest = Awaited<ReturnType<typeof openWebhooksWith>>;

/** The stores of a service that has these keys, and a clock of theirs. */
export async function openWebhooksWith(database: TestDatabase, encryptionKeys: string) {
  const db = database.open();
  const keys = createKeyRing(encryptionKeys);
  const events = await openEventLog({ db, logger: createLogger("silent") });
  const clock = { now: start };
  const stores = await openIntegrationStores({ db, keys, events, now: () => clock.now });
  const hooks = await openWebhookStores({ db, keys, events, now: () => clock.now.getTime() });
  const sealed = createSealedSecrets({ db, keys });
  return { ...stores, ...hooks, db, clock, events, sealed, now: () => clock.now };
}

/** A webhook of everything that is an organization's. */
export function addWebhook({ webhooks }: Pick<WebhookStoresOfTest, "webhooks">, organizationId: string) {
  const subject = { organizationId };
  return webhooks.create({ subject, owner: subject, url: "https://a.example/", events: ["*"], metadata: {} });
}
