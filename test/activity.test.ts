import t from "tap";
import { createBrowser } from "./support/browser.ts";
import { untilCalled } from "./support/until-called.ts";
import { adminKey, createWorld, type World } from "./support/world.ts";

type Entry = {
  id: number;
  at: string;
  customer_id: string;
  kind: string;
  detail: Record<string, unknown>;
};

const nine = "2027-01-18T09:00:00-05:00";
const ten = "2027-01-18T10:00:00-05:00";

async function activityOf(world: World, customerId?: string): Promise<Entry[]> {
  const path = customerId === undefined ? "/v1/activity" : `/v1/customer-calendars/${customerId}/activity`;
  const { status, body } = await world.api("GET", `${path}?limit=200`);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body.activity;
}

/** In the order they happened. */
async function kindsOf(world: World, customerId?: string): Promise<string[]> {
  return (await activityOf(world, customerId)).map(({ kind }) => kind).reverse();
}

t.test("a customer's life stands in the log, each thing once, newest first", async (t) => {
  const world = await createWorld(t);
  const { body: first } = await world.connect("luna");
  await world.connect("luna");
  await world.consent(first.shareable_link, { action: "deny" });
  await world.consent(first.shareable_link, { account: "mallory@example.com" });
  await world.consent(first.shareable_link, { granted: [] });
  const { body: second } = await world.connect("luna", { renew: true });
  const account = { email: "luna@example.com", time_zone: "America/Bogota", events: [] };
  await world.sandbox("POST", "accounts", account);
  await world.consent(second.shareable_link);

  const book = { start_iso: nine, attendee_name: "Ana Pérez", idempotency_key: "k" };
  const { answer } = await world.call("luna", "book", book);
  await world.call("luna", "book", book);
  await world.call("luna", "book", { start_iso: nine, attendee_name: "Bea" });
  const { booking_id } = answer;
  for (let i = 0; i < 2; i++) {
    await world.call("luna", "reschedule_booking", { booking_id, start_iso: ten });
  }
  await Promise.all([1, 2, 3].map(() => world.call("luna", "cancel_booking", { booking_id })));

  const schedule = { slot_interval_minutes: 15, minimum_notice_minutes: 0 };
  for (let i = 0; i < 2; i++) await world.api("PUT", "/v1/customer-calendars/luna/schedule", schedule);
  await world.api("PUT", "/v1/customer-calendars/luna/schedule", { slot_interval_minutes: 0 });

  await world.sandbox("POST", "revoke", { email: "luna@example.com" });
  for (let i = 0; i < 2; i++) await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" });
  const { body: lost } = await world.api("GET", "/v1/customer-calendars/luna");
  const { body: third } = await world.connect("luna");
  await world.consent(third.shareable_link);
  await world.connect("luna");
  for (let i = 0; i < 2; i++) await world.api("DELETE", "/v1/customer-calendars/luna");

  const activity = await activityOf(world, "luna");
  const expected: [kind: string, detail: object][] = [
    ["link_issued", { link_id: 1, expires_at: "2027-01-24T23:00:00.000Z" }],
    ["consent_access_denied", { link_id: 1, provider: "google", account_email: null }],
    ["consent_wrong_account", { link_id: 1, provider: "google", account_email: "mallory@example.com" }],
    ["consent_scope_missing", { link_id: 1, provider: "google", account_email: "luna@example.com" }],
    ["link_revoked", { link_id: 1, because: "renewed" }],
    ["link_issued", { link_id: 2, expires_at: "2027-01-24T23:00:00.000Z" }],
    ["connected", { link_id: 2, provider: "google", account_email: "luna@example.com" }],
    ["booked", { booking_id, service: "appointment", start: nine, end: "2027-01-18T09:30:00-05:00" }],
    ["rescheduled", { booking_id, from: nine, start: ten, end: "2027-01-18T10:30:00-05:00", by: "agent" }],
    ["cancelled", { booking_id, start: ten, by: "agent" }],
    ["schedule_changed", { changed: "slot_interval_minutes, minimum_notice_minutes" }],
    ["reconnect_required", { provider: "google", reason: "invalid_grant", message: lost.reconnect_message }],
    ["link_issued", { link_id: 3, expires_at: "2027-01-24T23:00:00.000Z" }],
    ["connected", { link_id: 3, provider: "google", account_email: "luna@example.com" }],
    ["link_issued", { link_id: 4, expires_at: "2027-01-24T23:00:00.000Z" }],
    ["link_revoked", { link_id: 4, because: "disconnected" }],
    ["disconnected", { provider: "google", revoked_at_provider: true }],
  ];
  t.strictSame(
    activity.map(({ kind, detail }) => [kind, detail]),
    expected.reverse(),
  );
  t.ok(activity.every(({ at, customer_id }) => at.startsWith("2027-01-17") && customer_id === "luna"));
  t.strictSame(await activityOf(world), activity, "everybody's is the same, with one customer");
});

t.test("what a person does in the calendar is noticed once, however many look", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const { answer: one } = await world.call("luna", "book", { start_iso: nine, attendee_name: "Ana" });
  const { answer: two } = await world.call("luna", "book", { start_iso: ten, attendee_name: "Bea" });
  world.clock.now += 61_000;
  const at = (time: string) => ({ dateTime: `2027-01-18T${time}:00-05:00` });
  await world.byHand("luna", "PATCH", one.event_id, { start: at("15:00"), end: at("15:30") });
  await world.byHand("luna", "DELETE", two.event_id);
  const look = () => world.call("luna", "get_available_slots", { date_iso: "2027-01-18" });
  await Promise.all(Array.from({ length: 20 }, look));
  await look();

  const noticed = (await activityOf(world, "luna")).filter(({ detail }) => detail.by === "calendar");
  t.strictSame(noticed.map(({ kind, detail }) => [kind, detail.booking_id, detail.start]).sort(), [
    ["cancelled", two.booking_id, ten],
    ["rescheduled", one.booking_id, "2027-01-18T15:00:00-05:00"],
  ]);
});

t.test("pages neither skip nor repeat while more happens", async (t) => {
  const world = await createWorld(t);
  for (const id of ["ana", "bea", "cid", "dan", "eva"]) await world.connect(id);
  const seen: string[] = [];
  for (let cursor = ""; ; ) {
    const { body } = await world.api("GET", `/v1/activity?limit=2${cursor && `&cursor=${cursor}`}`);
    seen.push(...body.activity.map(({ customer_id }: Entry) => customer_id));
    await world.connect(`late-${seen.length}`);
    if (body.next_cursor === null) break;
    cursor = body.next_cursor;
  }
  t.strictSame(seen, ["eva", "dan", "cid", "bea", "ana"]);
});

t.test("a cursor that isn't ours, an unknown customer and a missing key are refused", async (t) => {
  const world = await createWorld(t);
  await world.connect("luna");
  const luna = "/v1/customer-calendars/luna/activity";
  for (const path of ["/v1/activity", luna]) {
    for (const cursor of ["x", "LTE", "MA", "MS41", "MTI=", "MDEy"]) {
      const { status, body } = await world.api("GET", `${path}?cursor=${cursor}`);
      t.match({ status, body }, { status: 400, body: { code: "invalid_cursor" } }, cursor);
    }
    for (const query of ["limit=0", "limit=201", "limit=x", "from=now"]) {
      t.match(await world.api("GET", `${path}?${query}`), { status: 400, body: { code: "invalid_request" } });
    }
    t.equal((await world.api("GET", path, undefined, "")).status, 401);
  }
  t.match(await world.api("GET", "/v1/customer-calendars/nobody/activity"), {
    status: 404,
    body: { code: "unknown_customer" },
  });
  t.equal(
    (await fetch(`${world.mcpUrl}/activity`, { headers: { authorization: `Bearer ${adminKey}` } })).status,
    401,
  );
});

t.test("what can't be recorded isn't done, and is done when it can be", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const luna = "/v1/customer-calendars/luna";
  const { body: schedule } = await world.api("GET", `${luna}/schedule`);
  const rename = (from: string, to: string) => world.mcp.db.schema.alterTable(from).renameTo(to).execute();
  await rename("events", "elsewhere");
  const deeds = [
    () => world.api("PUT", `${luna}/schedule`, { slot_interval_minutes: 15 }),
    () => world.api("POST", `${luna}/agent-keys`, { name: "Bot" }),
  ];
  for (const deed of deeds) t.match((await deed()).status, /^50/);
  const book = () => world.call("luna", "book", { start_iso: nine, attendee_name: "Ana" });
  t.notMatch(await book(), { answer: { status: "confirmed" } });
  await rename("elsewhere", "events");
  t.strictSame((await world.api("GET", `${luna}/schedule`)).body, schedule);
  t.strictSame((await world.api("GET", `${luna}/agent-keys`)).body.agent_keys, []);
  t.strictSame((await world.api("GET", `${luna}/bookings?status=all`)).body.bookings, []);
  t.strictSame(await kindsOf(world, "luna"), ["link_issued", "connected"]);

  for (const deed of deeds) t.match((await deed()).status, /^20/);
  t.match((await book()).answer, { status: "confirmed" });
  t.strictSame((await kindsOf(world, "luna")).slice(2), ["schedule_changed", "agent_key_created", "booked"]);
});

t.test("it holds no link, code, token or person", async (t) => {
  const world = await createWorld(t);
  const account = { email: "luna@example.com", time_zone: "America/Bogota", events: [] };
  await world.sandbox("POST", "accounts", account);
  const { body } = await world.connect("luna");
  const browser = createBrowser();
  const googlePage = await browser.submit(await browser.open(body.shareable_link));
  const done = await browser.submit(googlePage, { action: "allow" });
  const returned = new URL(done.visited.find((url) => url.includes("/oauth/callback")) ?? done.url);
  await world.call("luna", "book", {
    start_iso: nine,
    attendee_name: "Ana Pérez",
    attendee_phone: "+573001234567",
    attendee_email: "ana@example.com",
    notes: "First visit",
  });
  const connection = await world.mcp.store.connections.find({ customerId: "luna", provider: "google" });
  const rows = await world.mcp.db
    .withTables<{ events: { data: string } }>()
    .selectFrom("events")
    .selectAll()
    .execute();
  const text = JSON.stringify([rows, await activityOf(world)]);
  const secrets = [
    new URL(body.shareable_link).pathname.split("/")[2],
    returned.searchParams.get("code"),
    returned.searchParams.get("state"),
    connection?.accessToken,
    connection?.refreshToken,
  ];
  for (const secret of [...secrets, "Ana", "573001234567", "ana@example.com", "First visit", "gAAAA"]) {
    t.type(secret, "string");
    t.notOk(text.includes(secret ?? ""), "it isn't there");
  }
  t.strictSame(await kindsOf(world), ["link_issued", "connected", "booked"]);
});

t.test("one thing that is noticed at the same moment by two is kept once", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await world.sandbox("POST", "revoke", { email: "luna@example.com" });
  await world.sandbox("DELETE", "calls");
  await world.sandbox("POST", "faults", { path: "/token", latency_ms: 50, times: 1 });
  const look = () => world.call("luna", "get_available_slots", { date_iso: "2027-01-18" });
  const looks = Array.from({ length: 10 }, look);
  await untilCalled(() => world.sandbox("GET", "calls"), "POST /token");
  const answers = await Promise.all([...looks, look()]);
  t.ok(answers.every(({ error }) => error.code === "reconnect_required"));
  const kinds = await kindsOf(world, "luna");
  t.equal(kinds.filter((kind) => kind === "reconnect_required").length, 1);
});
