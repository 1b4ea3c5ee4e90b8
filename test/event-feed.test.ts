import { setTimeout as sleep } from "node:timers/promises";
import { createCalendarApiClient } from "@cita/calendar-api";
import { sql } from "kysely";
import t from "tap";
import { adminKey, createWorld, serviceKey, type World } from "./support/world.ts";

const clientOf = ({ managementUrl }: World) =>
  createCalendarApiClient({ baseUrl: managementUrl, serviceKey });

async function ask(world: World, query: string, key = serviceKey) {
  const headers = { authorization: `Bearer ${key}` };
  const response = await fetch(`${world.managementUrl}/internal/events${query}`, { headers });
  return { status: response.status, body: await response.json() };
}

const book = (world: World, hour: string) =>
  world.call("luna", "book", {
    start_iso: `2027-01-18T${hour}:00:00-05:00`,
    attendee_name: "Ana Pérez",
    attendee_phone: "+573001234567",
  });

t.test(
  "another service reads what happens from where it was, each event once, without persons",
  async (t) => {
    const world = await createWorld(t);
    const api = clientOf(world);
    const { events: none, cursor: begin } = await api.events({});
    t.strictSame(none, [], "without a place it is told where it is now");
    await world.connected("luna");
    const { answer } = await book(world, "09");
    const kinds: string[] = [];
    for (let after = begin; ; ) {
      const { events, cursor } = await api.events({ after, limit: 2 });
      kinds.push(...events.map(({ kind }) => kind));
      if (events.length === 0) break;
      after = cursor;
    }
    t.strictSame(kinds, ["link_issued", "link_opened", "connected", "calendar_answered", "booked"]);
    t.strictSame(
      (await api.events({ after: "" })).events.map(({ kind }) => kind),
      kinds,
      "from the beginning",
    );
    const { events } = await api.events({ after: begin });
    t.match(events[4], {
      customer_id: "luna",
      data: { booking_id: answer.booking_id, service: "appointment" },
    });
    t.notMatch(JSON.stringify(events), /Ana|573001234567|example\.com|connect\//);
  },
);

t.test("who waits gets what happens at once", async (t) => {
  const world = await createWorld(t);
  const api = clientOf(world);
  await world.connected("luna");
  const { cursor: after } = await api.events({});
  t.match(await ask(world, `?after=${after}&wait=0.05`), {
    status: 200,
    body: { events: [], cursor: after },
  });
  const waiting = api.events({ after, wait: 25 });
  await sleep(50);
  const begun = performance.now();
  await world.api("PUT", "/v1/customer-calendars/luna/schedule", { slot_interval_minutes: 15 });
  t.match(await waiting, { events: [{ kind: "schedule_changed" }] });
  t.ok(performance.now() - begun < 1_000);
});

t.test("who waits is answered when the service stops, and may leave", async (t) => {
  const world = await createWorld(t);
  const api = clientOf(world);
  const { cursor: after } = await api.events({});
  const leaving = new AbortController();
  const left = api.events({ after, wait: 25 }, leaving.signal);
  const waiting = api.events({ after, wait: 25 });
  await sleep(50);
  leaving.abort();
  await t.rejects(left, { code: "calendar_service_unavailable" });
  const begun = performance.now();
  await world.stopMcpCalendar();
  t.strictSame(await waiting, { events: [], cursor: after });
  t.ok(performance.now() - begun < 3_000);
});

t.test("an event that was spoilt on the disk holds up neither the feed nor the activity", async (t) => {
  const world = await createWorld(t);
  const api = clientOf(world);
  await world.connected("luna");
  const { cursor: after } = await api.events({});
  await sql`insert into events (at, customer_id, kind, data)
    values ('2027-01-18T14:00:00.000Z', 'luna', 'booked', '{"booking')`.execute(world.mcp.db);
  const waiting = api.events({ after, wait: 25 });
  await book(world, "09");
  t.match(await waiting, { events: { length: 1, 0: { kind: "booked" } } });
  const { body } = await world.api("GET", "/v1/customer-calendars/luna/activity");
  t.strictSame(
    body.activity.map(({ kind }: { kind: string }) => kind),
    ["booked", "connected", "link_issued"],
  );
  t.match(
    world.log.map((line) => JSON.parse(line)).filter(({ event_id }) => event_id !== undefined),
    [{ level: 50, msg: /can't be read/ }],
  );
});

t.test("what isn't a place in this log is refused with its sentence", async (t) => {
  const world = await createWorld(t);
  const other = await createWorld(t);
  const { cursor } = await clientOf(other).events({});
  t.match(await ask(world, `?after=${cursor}`), {
    status: 410,
    body: { code: "event_log_changed", message: /another event log/ },
  });
  await t.rejects(clientOf(world).events({ after: cursor }), { code: "event_log_changed", statusCode: 410 });
  t.match(await ask(world, "?after=x"), { status: 400, body: { code: "invalid_cursor" } });
  for (const query of ["?wait=31", "?wait=x", "?limit=0", "?limit=1001", "?from=1"])
    t.match(await ask(world, query), { status: 400, body: { code: "invalid_request" } }, query);
  t.equal((await ask(world, "", adminKey)).status, 401);
});
