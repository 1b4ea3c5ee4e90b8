import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { answerWith, openReceiver, verify } from "./support/webhook-receiver.ts";
import { forEachWebhooksWorld } from "./support/webhooks-world.ts";

const hourMs = 3_600_000;
const path = "/integrations/webhooks";

forEachWebhooksWorld(
  t,
  "a secret rotated during an attempt signs from the next one on",
  {},
  async (t, world) => {
    const begun = Promise.withResolvers<void>();
    const rotated = Promise.withResolvers<void>();
    const receiver = await openReceiver(t, async (_received, response) => {
      begun.resolve();
      await rotated.promise;
      response.writeHead(500).end();
    });
    const { id, secret: before } = await world.addWebhook(receiver.url);
    await world.happens();
    await begun.promise;
    const rotate = await world.api("POST", `${path}/${id}/rotate-secret`);
    const after = rotate.body.data.secret;
    world.secrets.note("webhook secret", after);
    rotated.resolve();
    await world.settled(id, 1, ["RETRYING"]);
    receiver.answer(answerWith(204));
    world.clock.now += 6_000;
    await world.settled(id, 1, ["DELIVERED"]);
    const [first, second] = receiver.received;
    if (first === undefined || second === undefined) throw new Error("there were not two attempts");
    t.equal(first.id, second.id);
    t.match(verify(before, first), { type: "integration.connected" });
    t.throws(() => verify(after, first), "the attempt under way had the secret that there was");
    for (const secret of [before, after]) t.match(verify(secret, second), { type: "integration.connected" });
    t.match(await world.webhook(id), { failingSince: null, isActive: true });
  },
);

forEachWebhooksWorld(t, "a replay of a day delivers that day", {}, async (t, world) => {
  const receiver = await openReceiver(t);
  const { id } = await world.addWebhook(receiver.url);
  await world.api("PATCH", `${path}/${id}`, { isActive: false });
  const since = new Date(world.clock.now + 12 * hourMs).toISOString();
  // More than is read at once, in pages that end between events of one moment.
  for (let hour = 0; hour < 36; hour++) {
    await world.actionsHappen("luna", 30);
    world.clock.now += hourMs;
  }
  await world.caughtUp();
  await world.api("PATCH", `${path}/${id}`, { isActive: true });
  const events = 24 * 30;
  const replayed = await world.api("POST", `${path}/${id}/replay`, { since });
  t.match(replayed, { status: 202, body: { data: { replayed: events } } });
  await receiver.got(events);
  await sleep(300);
  const told = receiver.received.map((one) => JSON.parse(one.body));
  t.equal(told.length, events, "nothing else");
  t.equal(new Set(receiver.received.map((one) => one.id)).size, events, "each once");
  t.equal(new Set(told.map(({ data }) => data.sequence)).size, events);
  t.equal(told.filter(({ timestamp }) => timestamp < since).length, 0);
});

forEachWebhooksWorld(t, "a webhook deleted during its replay isn't there", {}, async (t, world) => {
  const receiver = await openReceiver(t);
  const { id: other } = await world.addWebhook(receiver.url, { events: ["calendar.lost"] });
  await world.actionsHappen("luna", 3_000);
  await world.caughtUp();
  const since = new Date(world.clock.now - hourMs).toISOString();
  const statuses = new Set<number>();
  for (let round = 1; round < 20 && !statuses.has(404); round++) {
    const { id } = await world.addWebhook(receiver.url);
    const replay = world.api("POST", `${path}/${id}/replay`, { since });
    await sleep(round * 5);
    t.equal((await world.api("DELETE", `${path}/${id}`)).status, 200);
    const { status, body } = await replay;
    statuses.add(status);
    if (status !== 202) t.match(body, { error: { code: "WEBHOOK_NOT_FOUND" } });
  }
  t.ok(statuses.has(404), [...statuses].join(" "));
  t.match(await world.webhook(other), { isActive: true });
});

forEachWebhooksWorld(
  t,
  "a body at the limit is taken, and one of a byte more isn't",
  {},
  async (t, world) => {
    const answers = [4_096, 4_097].map((bytes) => answerWith(200, {}, "x".repeat(bytes)));
    for (const answer of answers) {
      const receiver = await openReceiver(t, answer);
      const { id } = await world.addWebhook(receiver.url);
      await world.api("POST", `${path}/${id}/test`);
      t.match(await world.settled(id, 1), [{ status: "DELIVERED", response: { body: "x".repeat(1_000) } }]);
    }
    const frame = JSON.stringify({ note: "" }).length;
    const create = (note: string) =>
      world.api("POST", path, {
        ...{ organizationId: "luna", url: "http://127.0.0.1:9999/", events: ["*"], metadata: { note } },
      });
    t.equal((await create("x".repeat(4_096 - frame))).status, 201);
    t.equal((await create("ñ".repeat((4_096 - frame) / 2))).status, 201);
    t.match(await create("x".repeat(4_097 - frame)), { status: 400, body: { error: { message: /4 kB/ } } });
    t.match(await create("ñ".repeat((4_098 - frame) / 2)), {
      status: 400,
      body: { error: { message: /4 kB/ } },
    });
    const tooLong = await create("x".repeat(2 * 1_024 * 1_024));
    t.match(tooLong, { status: 413, body: { error: { code: "PAYLOAD_TOO_LARGE" } } });
  },
);
