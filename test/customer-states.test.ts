import { setTimeout as sleep } from "node:timers/promises";
import { openDatabase } from "@cita/database";
import { sql } from "kysely";
import t, { type Test } from "tap";
import { startAnotherAdminApi } from "./support/another-admin-api.ts";
import { createWorld, type World } from "./support/world.ts";

const openWorld = (t: Test) => createWorld(t, { followsEvents: true });

async function list(world: World, query: string): Promise<string[]> {
  const { status, body } = await world.api("GET", `/v1/customer-calendars?${query}`);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body.customers.map(({ customer_id }: { customer_id: string }) => customer_id);
}

/** Lists until the filter has these customers, since states follow a moment later. */
async function untilListed(t: Test, world: World, query: string, expected: string[]): Promise<void> {
  const deadline = performance.now() + 5_000;
  for (;;) {
    const found = await list(world, query);
    if (found.join() === expected.join() || performance.now() > deadline)
      return void t.strictSame(found, expected, query);
    await sleep(20);
  }
}

function openOther(t: Test, world: World, service: "admin" | "mcp") {
  const db = openDatabase(world.databases[service]);
  t.teardown(() => db.destroy());
  return db;
}

const readSlots = (world: World, customer: string) =>
  world.call(customer, "get_available_slots", { date_iso: "2027-01-18" });

t.test("the list is narrowed by what has become of each customer", async (t) => {
  const world = await openWorld(t);
  for (const customer of ["luna", "mar", "sol"]) await world.connected(customer);
  await world.connect("rio");
  await untilListed(t, world, "status=connected", ["luna", "mar", "sol"]);
  await untilListed(t, world, "status=pending", ["rio"]);
  await untilListed(t, world, "calendar_state=ok", ["luna", "mar", "sol"]);

  await world.sandbox("POST", "revoke", { email: "mar@example.com" });
  await readSlots(world, "mar");
  await untilListed(t, world, "status=reconnect_required", ["mar"]);
  await untilListed(t, world, "calendar_state=unknown", ["mar"]);
  await world.api("DELETE", "/v1/customer-calendars/sol");
  await world.api("DELETE", "/v1/customer-calendars/rio");
  await untilListed(t, world, "status=disconnected", ["rio", "sol"]);
  t.strictSame(await list(world, "status=connected&calendar_state=ok"), ["luna"]);
  await world.connect("sol");
  await untilListed(t, world, "status=pending", ["sol"]);
  const { body } = await world.api("GET", "/v1/customer-calendars?status=reconnect_required");
  t.match(body.customers, [{ customer_id: "mar", status: "reconnect_required" }]);
  for (const query of ["status=lost", "calendar_state=fine", `q=${"x".repeat(101)}`])
    t.match(await world.api("GET", `/v1/customer-calendars?${query}`), { status: 400 }, query);
});

t.test("each customer is shown with since when it has been in its status", async (t) => {
  const world = await openWorld(t);
  const shown = async (customer: string) => {
    const { customers } = (await world.api("GET", `/v1/customer-calendars?q=${customer}`)).body;
    const { body } = await world.api("GET", `/v1/customer-calendars/${customer}`);
    t.equal(customers[0].status_since, body.status_since, "the same in the list");
    return body;
  };
  await world.connected("mar");
  await world.connect("rio");
  await world.connected("sol");
  world.clock.now += 3_600_000;
  await world.sandbox("POST", "revoke", { email: "mar@example.com" });
  await world.sandbox("POST", "expire-access-tokens");
  await readSlots(world, "mar");
  await world.api("DELETE", "/v1/customer-calendars/sol");
  await untilListed(t, world, "status=disconnected", ["sol"]);
  await untilListed(t, world, "status=reconnect_required", ["mar"]);
  const rio = await shown("rio");
  t.match(rio, { status: "pending", status_since: rio.created_at });
  const next = "2027-01-18T00:00:00.000Z";
  t.match(await shown("sol"), { status: "disconnected", status_since: next, provider: null });
  t.match(await shown("mar"), { status: "reconnect_required", status_since: next, provider: "google" });
  await world.connected("luna");
  t.match(await shown("luna"), { status: "connected", status_since: next, calendar_state: { since: next } });
});

t.test("the list is narrowed by a text, page by page", async (t) => {
  const world = await openWorld(t);
  for (const customer of ["luna-1", "luna_2", "sol"]) await world.connect(customer);
  t.strictSame(await list(world, "q=LUNA"), ["luna-1", "luna_2"]);
  t.strictSame(await list(world, "q=_"), ["luna_2"], "no wildcard");
  t.strictSame(await list(world, "q=%25"), []);
  t.strictSame(await list(world, "q=sol%40example"), ["sol"]);
  const { body } = await world.api("GET", "/v1/customer-calendars?q=luna&limit=1");
  t.strictSame(await list(world, `q=luna&limit=1&cursor=${body.next_cursor}`), ["luna_2"]);
});

t.test("after a restart, and after the calendar service was away, it goes on where it was", async (t) => {
  const world = await openWorld(t);
  await world.connected("luna");
  await untilListed(t, world, "status=connected", ["luna"]);
  await world.restart();
  await world.connect("sol");
  await untilListed(t, world, "status=pending", ["sol"]);
  await world.stopMcpCalendar();
  t.strictSame(
    (await world.api("GET", "/v1/customer-calendars?status=connected")).body.code,
    "calendar_service_unavailable",
  );
  await world.restart();
  await world.connected("sol");
  await untilListed(t, world, "status=connected", ["luna", "sol"]);
});

t.test("a place in the log of another database is given up for a snapshot", async (t) => {
  const world = await openWorld(t);
  await world.connected("luna");
  await untilListed(t, world, "status=connected", ["luna"]);
  await world.stopMcpCalendar();
  await sql`update event_log set id = '0123456789abcdef'`.execute(openOther(t, world, "mcp"));
  const admin = openOther(t, world, "admin");
  const at = "2027-01-17T23:00:00.000Z";
  await sql`update customer_states set status = 'disconnected'`.execute(admin);
  await sql`insert into customers (customer_id, customer_email, customer_name, created_at, updated_at)
    values ('gone', 'gone@example.com', 'Gone', ${at}, ${at})`.execute(admin);
  await sql`insert into customer_states (customer_id, status) values ('gone', 'connected')`.execute(admin);
  await world.restart();
  await untilListed(t, world, "status=connected", ["luna"]);
  await untilListed(t, world, "status=pending", ["gone"]);
  await world.connect("sol");
  await untilListed(t, world, "status=pending", ["gone", "sol"]);
  t.equal(world.log.filter((line) => line.includes("all states are read anew")).length, 1);
});

t.test("kinds of a newer version are passed over", async (t) => {
  const world = await openWorld(t);
  await world.connected("luna");
  await untilListed(t, world, "status=connected", ["luna"]);
  await sql`insert into events (at, customer_id, kind, data) values
    ('2027-01-18T00:00:00.000Z', 'luna', 'teleported', '{"to":"mars"}'),
    ('2027-01-18T00:00:00.000Z', 'luna', 'disconnected', '{"how":"in a way of its own"}')`.execute(
    world.mcp.db,
  );
  await world.connect("sol");
  await untilListed(t, world, "status=pending", ["sol"]);
  t.strictSame(await list(world, "status=connected"), ["luna"]);
  const { body } = await world.api("GET", "/v1/customer-calendars/luna/activity?limit=5");
  t.notMatch(JSON.stringify(body), "teleported");
});

t.test("of a removed customer nothing is kept, and one that comes back is known", async (t) => {
  const world = await openWorld(t);
  const admin = openOther(t, world, "admin");
  const stored = async () =>
    (await sql<{ customer_id: string }>`select customer_id from customer_states`.execute(admin)).rows.length;
  await world.connected("luna");
  await untilListed(t, world, "status=connected", ["luna"]);
  await sql`delete from customers`.execute(admin);
  await sql`delete from customer_states`.execute(admin);
  await world.connect("luna");
  await untilListed(t, world, "status=connected", ["luna"]);
  await sql`delete from customers`.execute(admin);
  await sql`delete from customer_states`.execute(admin);
  await world.stopMcpCalendar();
  t.equal((await world.connect("luna")).status, 502);
  await world.restart();
  await world.connect("luna");
  await untilListed(t, world, "status=connected", ["luna"]);
  t.equal((await world.api("DELETE", "/v1/customers/luna")).status, 200);
  t.equal(await stored(), 0);
  await world.connect("sol");
  await untilListed(t, world, "status=pending", ["sol"]);
  // Customers without a state are pending, too.
  while ((await stored()) === 0) await sleep(10);
  t.equal(await stored(), 1);
});

t.test("who was known to the calendar service before, and wasn't asked about, is found", async (t) => {
  const world = await openWorld(t);
  await world.connected("luna");
  await world.connected("mar");
  await world.connect("rio");
  await untilListed(t, world, "status=connected", ["luna", "mar"]);
  // As a process leaves it that ends between adding the customer and hearing of it: of mar an event has come since then,
  // such as of a booking, that tells nothing of its status.
  const admin = openOther(t, world, "admin");
  await sql`update customer_states set status = 'pending', status_since = null, calendar_state = null`.execute(
    admin,
  );
  await sql`update customer_states set event_id = null where customer_id <> 'mar'`.execute(admin);
  await untilListed(t, world, "status=pending", ["luna", "mar", "rio"]);
  await startAnotherAdminApi(t, world);
  await untilListed(t, world, "status=connected", ["luna", "mar"]);
  await untilListed(t, world, "status=pending", ["rio"]);
});
