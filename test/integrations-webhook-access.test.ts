import t, { type Test } from "tap";
import { bodySchema, eventTypeNames } from "../apps/integrations/src/webhooks/event-types.ts";
import { addPeopleOfTwoCustomers } from "./support/people.ts";
import { openReceiver, until, verify } from "./support/webhook-receiver.ts";
import { createWebhooksWorld } from "./support/webhooks-world.ts";
import { createWorld } from "./support/world.ts";

/** Both services: people and customers are admin-api's. */
async function openBoth(t: Test) {
  const people = await createWorld(t, {});
  const persons = await addPeopleOfTwoCustomers(people);
  const hooks = await createWebhooksWorld(t, {
    variables: {
      ...{ ADMIN_URL: people.adminUrl, ADMIN_PUBLIC_URL: people.adminUrl },
      FAILED_KEYS_PER_MINUTE: "1000",
    },
  });
  return { people, hooks, ...persons };
}

t.test("webhooks are seen and changed by whom their subject is, by every route", async (t) => {
  const { people, hooks, ...persons } = await openBoth(t);
  const { admin, member, viewer, stranger } = persons;
  const { url } = await openReceiver(t);
  const own = await hooks.happens(member.user.id, null);
  const ofLuna = await hooks.happens(member.user.id, "luna");
  const call = (who: { accessToken: string } | null, method: string, path: string, body?: unknown) =>
    hooks.api(method, path, body, who === null ? null : who.accessToken);

  const subjects = [{ organizationId: "luna" }, { integrationId: ofLuna }, { integrationId: own }];
  for (const subject of subjects) {
    const isOwn = subject.integrationId === own;
    const asked = { ...subject, url, events: ["*"] };
    const denied = "organizationId" in subject ? 403 : 404;
    const name = JSON.stringify(subject);
    t.equal((await call(null, "POST", "/integrations/webhooks", asked)).status, 401, name);
    t.equal((await call(stranger, "POST", "/integrations/webhooks", asked)).status, denied, name);
    t.equal((await call(viewer, "POST", "/integrations/webhooks", asked)).status, isOwn ? 404 : 403, name);
    const { status, body } = await call(member, "POST", "/integrations/webhooks", asked);
    t.equal(status, 201, name);
    t.equal((await call(admin, "POST", "/integrations/webhooks", asked)).status, 201, name);

    const query = new URLSearchParams(subject as Record<string, string>);
    const list = `/integrations/webhooks?${query}`;
    t.equal((await call(null, "GET", list)).status, 401);
    t.equal((await call(stranger, "GET", list)).status, denied);
    t.equal((await call(viewer, "GET", list)).status, isOwn ? 404 : 200);
    t.equal((await call(member, "GET", list)).body.data.length, 2);

    const { id } = body.data;
    await hooks.api("POST", `/integrations/webhooks/${id}/test`);
    const [delivery] = await hooks.settled(id, 1, ["DELIVERED"]);
    const routes = [
      ["GET", "/deliveries", undefined],
      ["GET", `/deliveries/${delivery?.id}`, undefined],
      ["PATCH", "", { events: ["booking.*"] }],
      ["POST", "/test", undefined],
      ["POST", "/replay", { deliveryId: delivery?.id }],
      ["POST", "/rotate-secret", undefined],
      ["DELETE", "", undefined],
    ] as const;
    for (const [method, end, sent] of routes) {
      const path = `/integrations/webhooks/${id}${end}`;
      t.equal((await call(null, method, path, sent)).status, 401, `${method} ${end}, nobody`);
      t.equal((await call(stranger, method, path, sent)).status, 404, `${method} ${end}, a stranger`);
      const ofViewer = isOwn ? 404 : method === "GET" ? 200 : 403;
      t.equal((await call(viewer, method, path, sent)).status, ofViewer, `${method} ${end}, a viewer`);
      t.match((await call(member, method, path, sent)).status, /^20[02]$/, `${method} ${end}, a member`);
    }
  }

  const { body: ofSol } = await call(stranger, "POST", "/integrations/webhooks", {
    ...{ organizationId: "sol", url, events: ["*"] },
  });
  const { body: lunas } = await call(member, "GET", "/integrations/webhooks?organizationId=luna");
  const [luna] = lunas.data;
  await hooks.api("POST", `/integrations/webhooks/${luna.id}/test`);
  const [foreign] = await hooks.settled(luna.id, 1, ["DELIVERED"]);
  t.match(
    await call(stranger, "POST", `/integrations/webhooks/${ofSol.data.id}/replay`, {
      deliveryId: foreign?.id,
    }),
    { status: 404, body: { error: { code: "DELIVERY_NOT_FOUND" } } },
    "another's delivery by one's own webhook",
  );
  t.match(
    await call(stranger, "GET", `/integrations/webhooks/${ofSol.data.id}/deliveries/${foreign?.id}`),
    { status: 404, body: { error: { code: "DELIVERY_NOT_FOUND" } } },
    "nor is it read so",
  );
  await people.api("PATCH", `/v1/users/${member.user.id}`, { customer_ids: [] });
  t.equal((await call(member, "GET", "/integrations/webhooks?organizationId=luna")).status, 403);
  t.equal((await call(member, "GET", `/integrations/webhooks/${luna.id}/deliveries`)).status, 404);
});

t.test("what happens to calendars and bookings is told, as the catalogue says", async (t) => {
  const calendar = await createWorld(t, {});
  const hooks = await createWebhooksWorld(t, { variables: { CALENDAR_URL: calendar.managementUrl } });
  const receiver = await openReceiver(t);
  const { id, secret } = await hooks.addWebhook(receiver.url);
  await until("the calendars' log is followed", 10_000, async () => {
    return (await hooks.services.messages.cursor("mcp-calendar")) !== undefined;
  });
  await calendar.connected("luna");
  const { answer } = await calendar.call("luna", "book", {
    ...{
      start_iso: "2027-01-18T09:00:00-05:00",
      attendee_name: "Ana Pérez",
      attendee_phone: "+573001234567",
    },
  });
  const booking_id = String(answer.booking_id);
  const begun = performance.now();
  await receiver.got(3);
  await calendar.call("luna", "reschedule_booking", { booking_id, start_iso: "2027-01-18T11:00:00-05:00" });
  await calendar.call("luna", "cancel_booking", { booking_id });
  await calendar.api("PUT", "/v1/customer-calendars/luna/schedule", { slot_interval_minutes: 15 });
  await calendar.api("DELETE", "/v1/customer-calendars/luna");
  await receiver.got(7);
  t.comment(`${Math.round(performance.now() - begun)} ms for all`);
  await hooks.happens();
  await receiver.got(8);
  const deliveries = await hooks.settled(id, 8, ["DELIVERED"]);
  t.strictSame(deliveries.map(({ event }) => event).sort(), [
    ...["booking.cancelled", "booking.created", "booking.rescheduled", "calendar.connected", "calendar.lost"],
    ...["integration.connected", "link.opened", "schedule.changed"],
  ]);
  for (const one of receiver.received) {
    verify(secret, one);
    const { type } = JSON.parse(one.body);
    const name = eventTypeNames.find((known) => known === type);
    if (name === undefined) throw new Error(`there is no ${type}`);
    t.doesNotThrow(() => bodySchema(name).strict().parse(JSON.parse(one.body)), type);
    t.notMatch(one.body, /Ana|573001234567|example\.com/, "without persons");
  }
  const sequences = deliveries.map(({ payload }) => Number(payload.data.sequence));
  t.strictSame(
    sequences.toSorted((a, b) => a - b),
    [1, 2, 3, 4, 5, 6, 7, 8],
  );
});
