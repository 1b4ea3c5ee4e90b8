import { generateFernetKey } from "@cita/token-store";
import t from "tap";
import { forEachDatabase } from "../../../test/support/test-database.ts";
import type { PublicEvent } from "../src/webhooks/to-public-event.ts";
import { addWebhook, openWebhooksWith, type WebhookStoresOfTest } from "./webhook-stores.ts";

const taking = { limit: 10, perLane: 10, except: [], after: "", leaseMs: 30_000 };
const response = { status: 200, body: `"quoted", {braces}, \\ and NULL` };
const delivered = { status: "DELIVERED", response, error: null } as const;
const retrying = { status: "RETRYING", response: null, error: "No.", afterMs: 5_000 } as const;

/** Takes what is due, with the deliveries. */
async function takeDue({ jobs, deliveries }: WebhookStoresOfTest) {
  const taken = await jobs.take(taking);
  const due = await deliveries.findDue(taken.map(({ key }) => key));
  return taken.map((job, i) => {
    const one = due[i];
    if (one === undefined) throw new Error("a job has no delivery");
    return { job, due: one };
  });
}

async function toldOf({ events }: WebhookStoresOfTest): Promise<unknown[]> {
  const page = await events.page({ limit: 10, kinds: ["webhook.delivered", "webhook.failed"] });
  return page.map(({ data }) => data.delivery_id);
}

forEachDatabase(t, "attempts that end together are each written", async (t, database) => {
  const opened = await openWebhooksWith(database, generateFernetKey());
  const { webhook } = await addWebhook(opened, "luna");
  const { webhook: gone } = await addWebhook(opened, "sol");
  for (let i = 0; i < 3; i++) await opened.messages.storeTest(webhook);
  await opened.messages.storeTest(gone);
  const due = await takeDue(opened);
  await opened.webhooks.remove(gone.id);
  const conclusions = due.map((one, i) => ({ ...one, conclusion: i === 1 ? retrying : delivered }));
  t.strictSame(await opened.deliveries.conclude(conclusions), [true, true, true, true]);
  const ends = await Promise.all(due.map(({ due: { delivery } }) => opened.deliveries.find(delivery.id)));
  const isGone = due.map(({ due: one }) => one.webhook.id === gone.id);
  t.strictSame(
    ends.map((end) => end && [end.status, end.attempts, end.response, end.error]),
    conclusions.map(({ conclusion: { status, error, response: answer } }, i) =>
      isGone[i] ? undefined : [status, 1, answer, error],
    ),
  );
  t.equal((await toldOf(opened)).length, isGone[1] ? 3 : 2, "nothing of what was removed meanwhile");
  t.equal((await takeDue(opened)).length, 0);
  opened.clock.now = new Date(opened.clock.now.getTime() + 5_000);
  t.equal((await opened.jobs.take(taking)).length, isGone[1] ? 0 : 1, "the one that failed");
});

forEachDatabase(t, "of two attempts of one job the one that has the lease counts", async (t, database) => {
  const opened = await openWebhooksWith(database, generateFernetKey());
  const { webhook } = await addWebhook(opened, "luna");
  const id = await opened.messages.storeTest(webhook);
  for (const conclusion of [retrying, delivered]) {
    const [stale] = await takeDue(opened);
    opened.clock.now = new Date(opened.clock.now.getTime() + taking.leaseMs);
    const [current] = await takeDue(opened);
    if (stale === undefined || current === undefined) throw new Error("it wasn't taken twice");
    t.strictSame(
      await opened.deliveries.conclude([
        { ...stale, conclusion: delivered },
        { ...current, conclusion },
        { ...stale, conclusion: retrying },
      ]),
      [false, true, false],
    );
    t.match(await opened.deliveries.find(id), { status: conclusion.status });
    opened.clock.now = new Date(opened.clock.now.getTime() + 5_000);
  }
  t.strictSame(await toldOf(opened), [id], "told once");
  t.equal(await opened.jobs.nextDue(), undefined);
});

forEachDatabase(t, "nothing is replayed for a webhook that has been deleted", async (t, database) => {
  const opened = await openWebhooksWith(database, generateFernetKey());
  const { webhook } = await addWebhook(opened, "luna");
  await addWebhook(opened, "luna");
  const at = opened.clock.now.toISOString();
  const event = { id: 1, at, organizationId: "luna", integrationId: null, userId: null };
  const changed: PublicEvent = {
    ...event,
    type: "schedule.changed",
    data: { organizationId: "luna", changed: ["services"] },
  };
  await opened.messages.begin("calendar", "0");
  await opened.messages.store({ source: "calendar", from: "0", to: "1", events: [changed] });
  t.equal(await opened.replay.since(webhook, new Date(0)), 1);
  await opened.webhooks.remove(webhook.id);
  t.equal(await opened.replay.since(webhook, new Date(0)), undefined);
  t.strictSame(await opened.deliveries.list({ webhookId: webhook.id, limit: 10 }), []);
});
