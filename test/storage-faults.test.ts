import { sql } from "kysely";
import t from "tap";
import { createWorld } from "./support/world.ts";

const at = (time: string) => `2027-01-18T${time}:00-05:00`;
const monday = { date_iso: "2027-01-18" };
const unavailable = { error: { code: "calendar_unavailable", retryable: true } };
const request = (time: string) => ({
  start_iso: at(time),
  attendee_name: "Ana",
  notes: "n".repeat(900),
  idempotency_key: time,
});

t.test("with a database that can't be written free times are shown and nothing is booked", async (t) => {
  const world = await createWorld(t, { engine: "sqlite" });
  await world.connected("luna");
  const { answer } = await world.call("luna", "book", request("09:00"));
  await sql`pragma query_only = on`.execute(world.mcp.db);

  t.match(await world.call("luna", "get_available_slots", monday), { answer: { slots: Array } });
  t.match(await world.call("luna", "book", request("10:00")), unavailable);
  t.match(world.log.join(""), /calendar\.db can't be written\. The file, its folder/);
  t.match(world.log.join(""), '"code":"SQLITE_READONLY"');

  await sql`pragma query_only = off`.execute(world.mcp.db);
  t.match(await world.call("luna", "book", request("10:00")), { answer: { status: "confirmed" } });
  const { answer: list } = await world.call("luna", "list_bookings", {});
  t.match(list.bookings, [{ booking_id: answer.booking_id }, {}]);
  t.equal(list.bookings.length, 2);
});

t.test("on a full disk what was confirmed stands, and the rest can be asked for again", async (t) => {
  const world = await createWorld(t, { engine: "sqlite" });
  for (const customer of ["luna", "sol"]) await world.connected(customer);
  const confirmed = await world.call("luna", "book", request("09:00"));
  await sql`pragma max_page_count = 1`.execute(world.mcp.db);

  const outcomes: { time: string; refused: boolean }[] = [];
  for (const time of ["09:30", "10:00", "10:30", "11:00", "11:30", "12:00", "12:30", "13:00"]) {
    const { answer, error } = await world.call("luna", "book", request(time));
    if (error !== undefined) t.match({ error }, unavailable);
    else t.match(answer, { status: "confirmed" });
    outcomes.push({ time, refused: error !== undefined });
  }
  t.ok(
    outcomes.some(({ refused }) => refused),
    "the disk was full",
  );
  t.match(await world.call("sol", "get_available_slots", monday), { answer: { slots: Array } });
  t.match(world.log.join(""), /calendar\.db can't take more: the disk is full/);

  await sql`pragma max_page_count = 100000`.execute(world.mcp.db);
  for (const { time } of outcomes) {
    t.match(await world.call("luna", "book", request(time)), { answer: { status: "confirmed" } });
  }
  t.strictSame(await world.call("luna", "book", request("09:00")), confirmed);
  const { answer: list } = await world.call("luna", "list_bookings", {});
  const { events } = await world.sandbox("GET", "events?email=luna@example.com");
  const standing = events.filter(({ status }: { status: string }) => status !== "cancelled");
  t.equal(list.bookings.length, outcomes.length + 1);
  t.equal(standing.length, outcomes.length + 1, "nothing is lost, and nothing doubled");
});

t.test("a time that was spoilt on the disk hides no other customer", async (t) => {
  const world = await createWorld(t, { engine: "sqlite" });
  for (const customer of ["luna", "sol"]) await world.connected(customer);
  const spoil = (column: string) =>
    sql`update oauth_tokens set ${sql.ref(column)} = '?' where customer_id = 'luna'`.execute(world.mcp.db);
  for (const column of ["token_expiry", "created_at", "reconnect_required_since"]) {
    await spoil(column);
    t.match(await world.api("GET", "/v1/customer-calendars"), {
      status: 200,
      body: { customers: [{ customer_id: "luna" }, { customer_id: "sol", status: "connected" }] },
    });
    t.match(await world.call("sol", "get_available_slots", monday), { answer: { slots: Array } });
  }
  const { body } = await world.api("GET", "/v1/customer-calendars/luna");
  t.match(body, { status: "reconnect_required", connected_at: null, reconnect_required_since: null });
  const { body: anew } = await world.connect("luna");
  t.equal((await world.consent(anew.shareable_link)).status, 200);
  t.match(await world.call("luna", "get_available_slots", monday), { answer: { slots: Array } });
});
