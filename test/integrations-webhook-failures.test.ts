import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { type Answer, answerWith, openReceiver, until, verify } from "./support/webhook-receiver.ts";
import { forEachWebhooksWorld } from "./support/webhooks-world.ts";

const secondMs = 1_000;
const hourMs = 3_600_000;

forEachWebhooksWorld(t, "a failure is repeated by the schedule, under one id", {}, async (t, world) => {
  const receiver = await openReceiver(t, answerWith(500, {}, "sorry\0"));
  const { id, secret } = await world.addWebhook(receiver.url);
  const begun = world.clock.now;
  await world.happens();
  const [failed] = await world.settled(id, 1, ["RETRYING"]);
  t.match(failed, {
    ...{ attempts: 1, error: /answered 500/, response: { status: 500, body: "sorry\uFFFD" } },
  });
  t.match(await world.webhook(id), { failingSince: new Date(begun).toISOString(), isActive: true });
  for (const [attempts, afterMs] of [5 * secondMs, 300 * secondMs, 1_800 * secondMs].entries()) {
    world.clock.now += afterMs - 1;
    await sleep(150);
    t.equal(receiver.received.length, attempts + 1, "not before it is due");
    world.clock.now += afterMs * 0.2;
    await receiver.got(attempts + 2);
    await until(
      "it is written",
      5_000,
      async () => (await world.deliveries(id))[0]?.attempts === attempts + 2,
    );
  }
  receiver.answer(answerWith(200));
  world.clock.now += 2.4 * hourMs;
  t.match(await world.settled(id, 1, ["DELIVERED"]), [{ attempts: 5, error: null }]);
  t.match(await world.webhook(id), { failingSince: null });
  t.equal(new Set(receiver.received.map((one) => one.id)).size, 1);
  t.equal(new Set(receiver.received.map((one) => one.body)).size, 1);
  const stamps = receiver.received.map(({ headers }) => Number(headers["webhook-timestamp"]));
  t.strictSame(stamps, stamps.toSorted(), "of each attempt its own");
  t.equal(new Set(stamps).size, 5);
  const [first] = receiver.received;
  t.match(first && verify(secret, first), { type: "integration.connected" });
});

forEachWebhooksWorld(
  t,
  "after the last attempt it has failed",
  { retryScale: 0.000_01 },
  async (t, world) => {
    const receiver = await openReceiver(t, answerWith(503));
    const { id } = await world.addWebhook(receiver.url);
    await world.happens();
    // By that scale the first pauses are none, the last is 0.4 s, and its five days are 4.3 s.
    for (let attempts = 1; attempts < 8; attempts++) {
      await until("it is written", 10_000, async () => {
        return Number((await world.deliveries(id))[0]?.attempts) >= attempts;
      });
      world.clock.now += 500;
    }
    t.match(await world.settled(id, 1, ["FAILED"]), [{ attempts: 8, error: /503/ }]);
    const [last] = await world.services.events.page({ customerId: "luna", limit: 1 });
    t.match(last, { kind: "webhook.failed", data: { reason: "503", is_disabled: false, attempts: 8 } });
    t.match(await world.webhook(id), { isActive: true });
  },
);

forEachWebhooksWorld(t, "a receiver that says 410 is told nothing any more", {}, async (t, world) => {
  const receiver = await openReceiver(t, answerWith(410));
  const { id } = await world.addWebhook(receiver.url);
  await world.happens();
  t.match(await world.settled(id, 1), [{ status: "FAILED", attempts: 1, error: /410/ }]);
  t.match(await world.webhook(id), { isActive: false, disabledReason: /410/ });
  const [last] = await world.services.events.page({ customerId: "luna", limit: 1 });
  t.match(last, { kind: "webhook.failed", data: { reason: "410", is_disabled: true } });
  await world.happens("user-2");
  await sleep(200);
  t.equal(receiver.received.length, 1);
  const path = `/integrations/webhooks/${id}`;
  t.match(await world.api("PATCH", path, { isActive: true }), {
    body: { data: { isActive: true, disabledReason: null, failingSince: null } },
  });
});

forEachWebhooksWorld(t, "five days without a success are the end", {}, async (t, world) => {
  const receiver = await openReceiver(t, answerWith(500));
  const { id } = await world.addWebhook(receiver.url);
  await world.happens();
  await world.settled(id, 1, ["RETRYING"]);
  world.clock.now += 120 * hourMs;
  t.match(await world.settled(id, 1), [{ status: "FAILED", attempts: 2 }]);
  t.match(await world.webhook(id), { isActive: false, disabledReason: /five days.*500/ });
});

forEachWebhooksWorld(t, "what waits for an inactive webhook fails, and says so", {}, async (t, world) => {
  const receiver = await openReceiver(t, answerWith(500));
  const { id } = await world.addWebhook(receiver.url);
  await world.happens();
  await world.settled(id, 1, ["RETRYING"]);
  await world.api("PATCH", `/integrations/webhooks/${id}`, { isActive: false });
  world.clock.now += 10 * secondMs;
  t.match(await world.settled(id, 1), [{ status: "FAILED", error: /wasn't active.*replay/ }]);
  t.equal(receiver.received.length, 1);
});

forEachWebhooksWorld(t, "a receiver that asks for time gets it", {}, async (t, world) => {
  for (const status of [429, 502, 503, 504, 500]) {
    const receiver = await openReceiver(t, answerWith(status, { "retry-after": "3600" }));
    const { id } = await world.addWebhook(receiver.url, { organizationId: `luna-${status}` });
    await world.happens("user-1", `luna-${status}`);
    const [delivery] = await world.settled(id, 1, ["RETRYING"]);
    const { body } = await world.api("GET", `/integrations/webhooks/${id}/deliveries`);
    const waitMs = Date.parse(body.data[0].nextAttemptAt) - world.clock.now;
    t.equal(waitMs >= hourMs, status !== 500, `${status}: ${waitMs} ms`);
    t.equal(delivery?.attempts, 1);
  }
});

const never: Answer = () => undefined;
const slowly: Answer = (_received, response) => void setTimeout(() => response.writeHead(200).end(), 300);
const dripping: Answer = (_received, response) => {
  response.writeHead(200);
  const timer = setInterval(() => response.write("."), 50);
  response.on("close", () => clearInterval(timer));
};
const closing: Answer = (_received, response) => void response.destroy();

forEachWebhooksWorld(
  t,
  "each kind of answer is what it is",
  { overrides: { webhookTiming: { timeoutMs: 800 } } },
  async (t, world) => {
    const elsewhere = await openReceiver(t);
    const cases: Readonly<Record<string, readonly [Answer, string, RegExp | null]>> = {
      well: [answerWith(204), "DELIVERED", null],
      slowly: [slowly, "DELIVERED", null],
      long: [answerWith(201, {}, "ñ".repeat(100_000)), "DELIVERED", null],
      never: [never, "RETRYING", /in time/],
      dripping: [dripping, "RETRYING", /in time/],
      closing: [closing, "RETRYING", /can't be reached/],
      redirect: [answerWith(302, { location: elsewhere.url }), "RETRYING", /answered 302.*final URL/],
      kept: [answerWith(307, { location: elsewhere.url }), "RETRYING", /answered 307/],
      headers: [answerWith(200, { "x-long": "x".repeat(20_000) }), "RETRYING", /too many headers/],
      refused: [answerWith(401), "RETRYING", /answered 401/],
    };
    const hooks = await Promise.all(
      Object.entries(cases).map(async ([name, [answer]]) => {
        const receiver = await openReceiver(t, answer);
        return [name, await world.addWebhook(receiver.url)] as const;
      }),
    );
    await world.happens();
    for (const [name, { id }] of hooks) {
      const [, status, error] = cases[name] ?? [];
      const [delivery] = await world.settled(id, 1, [`${status}`]);
      if (error === null) t.equal(delivery?.error, null, name);
      else t.match(delivery?.error, error, name);
    }
    t.equal(elsewhere.received.length, 0, "redirects aren't followed");
  },
);

forEachWebhooksWorld(t, "a receiver that hangs costs others nothing", {}, async (t, world) => {
  const hanging = await openReceiver(t, never);
  const well = await openReceiver(t);
  await world.addWebhook(hanging.url, { organizationId: "sol" });
  await world.addWebhook(well.url);
  await world.actionsHappen("sol", 60);
  await until("it hangs", 10_000, () => hanging.received.length > 0);
  const begun = performance.now();
  await world.happens();
  await well.got(1);
  const tookMs = performance.now() - begun;
  t.ok(tookMs < 1_500, `${Math.round(tookMs)} ms with the consent`);
  t.ok(hanging.received.length <= 32, `${hanging.received.length} at once`);
});

forEachWebhooksWorld(t, "a clock that is set back delays nothing for long", {}, async (t, world) => {
  const receiver = await openReceiver(t, answerWith(500));
  const { id } = await world.addWebhook(receiver.url);
  await world.happens();
  await world.settled(id, 1, ["RETRYING"]);
  world.clock.now -= 48 * hourMs;
  t.equal(await world.services.jobs.mendDueTimes(), 1);
  receiver.answer(answerWith(200));
  world.clock.now += 6 * secondMs;
  t.match(await world.settled(id, 1), [{ status: "DELIVERED" }]);
  await world.happens("user-2");
  await receiver.got(3);
  t.match(await world.webhook(id), { isActive: true, failingSince: null });
});
