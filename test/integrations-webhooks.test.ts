import t from "tap";
import { answerWith, openReceiver, until, verify } from "./support/webhook-receiver.ts";
import { forEachWebhooksWorld } from "./support/webhooks-world.ts";

forEachWebhooksWorld(t, "what happens is delivered at once, signed, and listed", {}, async (t, world) => {
  const receiver = await openReceiver(t, answerWith(200, {}, "x".repeat(5_000)));
  const { id, secret } = await world.addWebhook(receiver.url);
  t.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  const begun = performance.now();
  const integrationId = await world.happens();
  const [first] = await receiver.got(1);
  if (first === undefined) throw new Error("nothing was received");
  t.comment(`${Math.round(performance.now() - begun)} ms with the consent`);
  const body = verify(secret, first);
  t.match(body, {
    type: "integration.connected",
    timestamp: new Date(world.clock.now).toISOString(),
    data: { sequence: 1, integrationId, userId: "user-1", organizationId: "luna", provider: "HUBSPOT" },
  });
  t.match(first.headers, { "content-type": "application/json", "user-agent": /^Cita/ });
  t.equal(first.headers["webhook-timestamp"], `${Math.floor(world.clock.now / 1_000)}`);
  const [delivery] = await world.settled(id, 1);
  t.match(delivery, {
    ...{ event: "integration.connected", status: "DELIVERED", attempts: 1, error: null, payload: body },
    ...{ messageId: first.id, response: { status: 200, body: "x".repeat(1_000) } },
  });
  t.equal(delivery?.response?.body.length, 1_000, "of the answer a beginning");
  t.match(await world.webhook(id), { isActive: true, failingSince: null, disabledReason: null });
  const events = await world.services.events.page({ customerId: "luna", limit: 10 });
  t.match(events[0], {
    kind: "webhook.delivered",
    data: { webhook_id: id, event: "integration.connected", attempts: 1, user_id: null },
  });
  t.equal(events.length, 2, "and nobody is told of that");
  t.equal(receiver.received.length, 1);
});

forEachWebhooksWorld(t, "each is told of its own, and of what it asked for", {}, async (t, world) => {
  const receiver = await openReceiver(t);
  const own = await world.happens("user-1", null);
  const ofLuna = await world.happens("user-2");
  await world.caughtUp();
  const hook = (name: string, more: object) => world.addWebhook(receiver.url.replace("hook", name), more);
  const hooks = {
    luna: await hook("luna", { events: ["integration.*"] }),
    bookings: await hook("bookings", { events: ["booking.*", "calendar.lost"] }),
    sol: await hook("sol", { organizationId: "sol" }),
    one: await hook("one", { integrationId: ofLuna, events: ["integration.disconnected"] }),
    own: await hook("own", { integrationId: own }),
  };
  await world.api("DELETE", `/integrations/${ofLuna}`);
  await world.api("DELETE", `/integrations/${own}`);
  await world.happens("user-3", "sol");
  await receiver.got(4);
  const told = receiver.received.map(({ path, body }) => `${path} ${JSON.parse(body).type}`).sort();
  t.strictSame(told, [
    "/luna integration.disconnected",
    "/one integration.disconnected",
    "/own integration.disconnected",
    "/sol integration.connected",
  ]);
  t.strictSame(await world.deliveries(hooks.bookings.id), []);
  const [luna, one] = [await world.deliveries(hooks.luna.id), await world.deliveries(hooks.one.id)];
  t.equal(luna[0]?.messageId, one[0]?.messageId, "one event has one id");
});

forEachWebhooksWorld(t, "while a secret is rotated, both sign", {}, async (t, world) => {
  const receiver = await openReceiver(t);
  const { id, secret: before } = await world.addWebhook(receiver.url);
  const { status, body } = await world.api("POST", `/integrations/webhooks/${id}/rotate-secret`);
  t.equal(status, 200);
  const after = body.data.secret;
  world.secrets.note("webhook secret", after);
  t.not(after, before);
  t.equal(body.data.previousSecretUntil, new Date(world.clock.now + 86_400_000).toISOString());
  const test = () => world.api("POST", `/integrations/webhooks/${id}/test`);
  t.match(await test(), { status: 202, body: { data: { event: "webhook.test", status: "PENDING" } } });
  const [first] = await receiver.got(1);
  if (first === undefined) throw new Error("nothing was received");
  for (const secret of [before, after])
    t.match(verify(secret, first), { type: "webhook.test", data: { webhookId: id } });
  t.match(first.headers["webhook-signature"], /^v1,\S{44} v1,\S{44}$/);
  world.clock.now += 86_400_000;
  await test();
  const [, second] = await receiver.got(2);
  t.match(second?.headers["webhook-signature"], /^v1,\S{44}$/, "a day later the former one is over");
  const listed = await world.api("GET", "/integrations/webhooks?organizationId=luna");
  t.strictSame(world.secrets.findIn("a list", JSON.stringify(listed.body)), []);
});

forEachWebhooksWorld(
  t,
  "what it missed is told by a replay, under the ids that it had",
  {},
  async (t, world) => {
    const receiver = await openReceiver(t);
    const { id } = await world.addWebhook(receiver.url, { events: ["integration.*"] });
    await world.happens("before");
    // What is under way when the clock jumps is sent again.
    await world.settled(id, 1);
    world.clock.now += 60_000;
    const since = new Date(world.clock.now).toISOString();
    await world.happens("a");
    await receiver.got(2);
    await world.settled(id, 2);
    const path = `/integrations/webhooks/${id}`;
    await world.api("PATCH", path, { isActive: false });
    t.match(await world.api("POST", `${path}/test`), {
      status: 409,
      body: { error: { code: "WEBHOOK_INACTIVE", message: /PATCH/ } },
    });
    world.clock.now += 1_000;
    for (const userId of ["b", "c"]) await world.happens(userId);
    await world.caughtUp();
    t.equal((await world.deliveries(id)).length, 2, "nothing is owed while it is inactive");
    await world.api("PATCH", path, { isActive: true });
    t.match(await world.api("POST", `${path}/replay`, { since }), {
      status: 202,
      body: { data: { replayed: 3 } },
    });
    await receiver.got(5);
    const deliveries = await world.settled(id, 4);
    const ids = receiver.received.map((one) => one.id);
    t.equal(
      ids[1],
      ids.slice(2).find((one) => one === ids[1]),
      "told again under its id",
    );
    t.equal(new Set(ids).size, 4);
    t.notOk(ids.slice(1).includes(ids[0] ?? ""), "and nothing from before");
    const [last] = deliveries;
    t.match(await world.api("POST", `${path}/replay`, { deliveryId: last?.id }), { status: 202 });
    await receiver.got(6);
    t.equal(receiver.received.at(-1)?.id, last?.messageId);
    t.match(
      await world.api("POST", `${path}/replay`, { deliveryId: "00000000-0000-4000-8000-000000000000" }),
      {
        status: 404,
        body: { error: { code: "DELIVERY_NOT_FOUND" } },
      },
    );
  },
);

forEachWebhooksWorld(t, "who is removed is told of no more, and leaves nothing", {}, async (t, world) => {
  const receiver = await openReceiver(t);
  const own = await world.happens("user-1", null);
  await world.caughtUp();
  const { id: ofUser } = await world.addWebhook(receiver.url, { integrationId: own });
  const { id: ofLuna } = await world.addWebhook(receiver.url);
  const { id: ofSol } = await world.addWebhook(receiver.url, { organizationId: "sol" });
  await world.happens();
  await world.happens("user-2", "sol");
  await world.api("POST", `/integrations/webhooks/${ofUser}/test`);
  await receiver.got(3);
  for (const id of [ofLuna, ofSol, ofUser]) await world.settled(id, 1);
  for (const [type, data] of [
    ["customer.deleted", { organizationId: "luna" }],
    ["user.deleted", { userId: "user-1" }],
  ])
    t.equal(
      (await world.api("POST", "/events", { type, data }, world.environment.CALENDAR_SERVICE_KEY)).status,
      200,
    );
  for (const id of [ofLuna, ofUser])
    t.match(await world.api("GET", `/integrations/webhooks/${id}/deliveries`), {
      status: 404,
      body: { error: { code: "WEBHOOK_NOT_FOUND" } },
    });
  t.equal((await world.deliveries(ofSol)).length, 1);
  const { services } = world;
  t.equal(await services.messages.purge(new Date(world.clock.now + 1), 100), 1, "only what sol was told");
  t.strictSame(await world.deliveries(ofSol), [], "what is old goes with its deliveries");
  const events = await services.events.page({ limit: 100 });
  t.ok(events.every(({ customerId }) => customerId === "sol"));
});

forEachWebhooksWorld(t, "what has been deleted is not told any more", {}, async (t, world) => {
  const receiver = await openReceiver(t, answerWith(500));
  const { id } = await world.addWebhook(receiver.url);
  await world.happens();
  await world.settled(id, 1, ["RETRYING"]);
  t.match(await world.api("DELETE", `/integrations/webhooks/${id}`), { status: 200, body: { data: { id } } });
  world.clock.now += 60_000;
  await until("its job is gone", 10_000, async () => (await world.services.jobs.nextDue()) === undefined);
  t.equal(receiver.received.length, 1);
  t.equal((await world.api("DELETE", `/integrations/webhooks/${id}`)).status, 404);
});
