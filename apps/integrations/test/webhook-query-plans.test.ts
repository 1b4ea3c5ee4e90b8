import { generateFernetKey } from "@cita/token-store";
import { sql } from "kysely";
import t from "tap";
import { recordPostgresPlans } from "../../../test/support/query-plans/record-postgres.ts";
import { recordSqlitePlans } from "../../../test/support/query-plans/record-sqlite.ts";
import { createTestDatabase, engines } from "../../../test/support/test-database.ts";
import type { PublicEvent } from "../src/webhooks/to-public-event.ts";
import { connect, start } from "./fixtures.ts";
import { addWebhook, openWebhooksWith, type WebhookStoresOfTest } from "./webhook-stores.ts";

const tables = ["webhooks", "webhook_messages", "webhook_deliveries", "jobs"];

const toEvent = (id: number, organizationId: string): PublicEvent => ({
  ...{ id, at: start.toISOString(), organizationId, integrationId: null, userId: null },
  ...{ type: "schedule.changed", data: { organizationId, changed: ["services"] } },
});

/** Plans depend on what is in the tables: few rows are read one by one. */
async function fill(opened: WebhookStoresOfTest): Promise<void> {
  for (let i = 0; i < 400; i++) await addWebhook(opened, `customer-${i % 200}`);
  await opened.messages.begin("calendar", "0");
  for (let page = 0; page < 5; page++) {
    const events = Array.from({ length: 100 }, (_, i) => toEvent(page * 100 + i, `customer-${i % 30}`));
    await opened.messages.store({ source: "calendar", from: `${page}`, to: `${page + 1}`, events });
  }
  await sql`analyze`.execute(opened.db);
}

/** Each function of the stores. */
async function askEverything(opened: WebhookStoresOfTest): Promise<void> {
  const { webhooks, messages, deliveries, replay, jobs, sealed } = opened;
  const { webhook } = await addWebhook(opened, "customer-1");
  const { id } = webhook;
  const integration = await connect(opened, "ana");
  for (const subject of [{ organizationId: "customer-1" }, { integrationId: integration.id }])
    for (const after of [undefined, id]) await webhooks.list({ subject, after, limit: 5 });
  await webhooks.find(id);
  await webhooks.update(id, { isActive: true, events: ["*"] });
  await webhooks.rotateSecret(id);
  await messages.cursor("calendar");
  await messages.store({ source: "calendar", from: "5", to: "6", events: [toEvent(900, "customer-1")] });
  const taken = await jobs.take({ limit: 5, perLane: 2, except: [id], after: "", leaseMs: 1_000 });
  for (const [i, job] of taken.entries()) {
    const [due] = await deliveries.findDue([job.key]);
    if (due === undefined) throw new Error("nothing is due");
    const answered = { response: null, error: null };
    const retrying = { ...answered, status: "RETRYING", afterMs: 5 } as const;
    const conclusion = i % 2 ? ({ ...answered, status: "DELIVERED" } as const) : retrying;
    await deliveries.conclude([{ job, due, conclusion }]);
    await replay.one(due.delivery);
    await deliveries.find(due.delivery.id);
    for (const status of [undefined, "PENDING" as const])
      for (const before of [undefined, due.delivery.id])
        await deliveries.list({ webhookId: due.webhook.id, status, before, limit: 5 });
  }
  t.ok(taken.length > 2);
  await replay.since(webhook, new Date(start.getTime() - 1));
  await messages.storeTest(webhook);
  await deliveries.countOpen();
  for (const ask of [jobs.nextDue, jobs.oldestDueMs, jobs.mendDueTimes]) await ask();
  await sealed.check();
  await messages.purge(start, 5);
  await webhooks.remove(id);
  await webhooks.removeOwner({ organizationId: "customer-2" });
}

for (const engine of engines) {
  t.test(`an index leads each query of webhooks to its rows (${engine})`, async (t) => {
    const opened = await openWebhooksWith(await createTestDatabase(t, engine), generateFernetKey());
    await fill(opened);
    const recorder =
      engine === "sqlite" ? recordSqlitePlans() : recordPostgresPlans({ mayReadTables: false });
    recorder.start();
    t.teardown(() => recorder.stop());
    // PostgreSQL's plans are recorded where a connection is opened.
    await askEverything(opened);
    const queries = recorder.stop().filter(({ text }) => tables.some((table) => text.includes(table)));
    t.ok(queries.length > 30, `${queries.length} queries`);
    const scans = queries.flatMap(({ text, reads }) =>
      reads
        .filter(({ table, isSearch }) => tables.includes(table) && !isSearch)
        .map(({ index }) => `${index ?? "no index"}: ${text}`),
    );
    // What metrics and keys ask for reads an index from end to end.
    const counts =
      /count\(\*\) as "(?:count|webhooks)" from "(?:webhook_deliveries|webhooks)"|count\(\*\) as "count"/;
    t.strictSame(
      scans.filter((one) => !counts.test(one)),
      [],
    );
  });
}
