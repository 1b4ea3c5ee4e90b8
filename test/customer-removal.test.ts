import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import t, { type Test } from "tap";
import { makeKey, mondayAt } from "./support/attendee-calls.ts";
import { listTables } from "./support/list-tables.ts";
import {
  ana,
  book,
  cancel,
  findInFiles,
  findText,
  openTwoCustomers,
  readTables,
  type Tables,
} from "./support/personal-data.ts";
import { setSchedule } from "./support/schedule.ts";
import { untilCalled } from "./support/until-called.ts";
import { createWorld, serviceKey, type World } from "./support/world.ts";

const removeCustomer = (world: World, customerId = "luna") =>
  world.api("DELETE", `/v1/customers/${customerId}`);

/** Rows about a customer. Its id alone isn't searched for, since a sealed token may contain that by chance. */
const findCustomer = (tables: Tables, id: string) =>
  [`"${id}"`, `${id}@example.com`, `Business ${id}`].flatMap((text) => findText(tables, text));

const ofOthers = (tables: Tables, customerId = "luna") =>
  Object.fromEntries(
    Object.entries(tables).map(([name, rows]) => [
      name,
      rows.filter((row) => !("customer_id" in row) || row.customer_id !== customerId),
    ]),
  );

/** A customer with a row in every table that there is. */
async function openFullWorld(t: Test) {
  const world = await openTwoCustomers(t);
  const key = await makeKey(world, "luna");
  const person = { "x-attendee-phone": ana.phone };
  const { booking_id } = await book(world, 0, {}, { headers: person });
  await book(world, 1, {}, { headers: person });
  await cancel(world, booking_id);
  const atSol = { customerId: "sol", headers: { "x-attendee-ref": "sol's" } };
  await book(world, 0, { attendee_name: "Bea" }, atSol);
  await setSchedule(world, "sol", { language: "es" });
  await makeKey(world, "sol");
  return { world, key };
}

const listTools = { jsonrpc: "2.0", id: 1, method: "tools/list", params: {} };

t.test("a customer is removed from every table, and no other customer", async (t) => {
  const { world, key } = await openFullWorld(t);
  const before = await readTables(world);
  const keyed = (await listTables(world.mcp.db)).filter(({ columns }) => columns.includes("customer_id"));
  // A table that comes later has to be filled by `openFullWorld`, and is then found below if it isn't emptied.
  for (const { name } of keyed)
    t.ok(
      before[name]?.some(({ customer_id }) => customer_id === "luna"),
      `${name} has rows of the customer`,
    );
  t.equal((await world.rpc(listTools, key)).status, 200);

  const removed = await removeCustomer(world);
  t.match(removed, {
    status: 200,
    body: {
      customer_id: "luna",
      revoked_at_provider: true,
      note: null,
      removed: {
        ...{ customers: 1, connections: 1, links: 1, consent_attempts: 1, agent_keys: 1, schedules: 1 },
        ...{ bookings: 2, counted_changes: 2 },
      },
    },
  });
  t.ok(removed.body.removed.activity >= 5);
  const after = await readTables(world);
  t.strictSame(findCustomer(after, "luna"), []);
  for (const text of [ana.phone, "Secreta"]) t.strictSame(findText(after, text), [], `${text} is nowhere`);
  const { consent_attempts: attempts = [], sqlite_sequence: _sequence, ...others } = ofOthers(before);
  const { consent_attempts: left = [], sqlite_sequence: _numbers, ...same } = ofOthers(after);
  const { removed_customers: removals = [] } = same;
  t.strictSame(same, { ...others, removed_customers: removals }, "the neighbour's are as they were");
  t.match(removals, [{ hash: /^[0-9a-f]{64}$/ }], "of whom it is nobody can read");
  t.equal(left.length, attempts.length - 1);
  t.equal((await world.rpc(listTools, key)).status, 401);
  t.match(await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" }), {
    error: { code: "unknown_customer" },
  });
  t.match(await world.call("sol", "get_available_slots", { date_iso: "2027-01-18" }), {
    answer: { slots: Array },
  });
  const list = (await world.api("GET", "/v1/customer-calendars")).body.customers;
  t.strictSame(
    list.map(({ customer_id }: { customer_id: string }) => customer_id),
    ["sol"],
  );
  for (const again of ["luna", "nobody"])
    t.match(await removeCustomer(world, again), { status: 404, body: { code: "unknown_customer" } });
  t.match(await removeCustomer(world, "..%2Fsol"), { status: 400 });

  await world.restart();
  t.strictSame(findInFiles(world, ["luna@example.com", "Business luna", ana.phone]), [], "nor in any file");
  await world.connected("luna");
  t.match(await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" }), {
    answer: { slots: Array },
  });
});

t.test("a customer is removed although its provider can't be reached", async (t) => {
  const { world } = await openFullWorld(t);
  await world.sandbox("POST", "faults", { path: "/", status: 503 });
  t.match(await removeCustomer(world), {
    status: 200,
    body: { revoked_at_provider: false, note: /myaccount/, removed: { connections: 1 } },
  });
  t.strictSame(findCustomer(await readTables(world), "luna"), []);
});

t.test("of two at once each answers, and nothing is counted twice", async (t) => {
  const { world } = await openFullWorld(t);
  const both = await Promise.all([removeCustomer(world), removeCustomer(world)]);
  const sum = (kind: string) => both.reduce((count, { body }) => count + (body.removed?.[kind] ?? 0), 0);
  for (const { status } of both) t.ok(status === 200 || status === 404, `${status}`);
  t.strictSame([sum("customers"), sum("connections"), sum("bookings")], [1, 1, 2]);
  t.strictSame(findCustomer(await readTables(world), "luna"), []);
});

t.test("a booking that is being written is waited for", async (t) => {
  const world = await openTwoCustomers(t);
  const insert = { method: "POST", path: "/calendar/v3/calendars/primary/events" };
  await world.sandbox("POST", "faults", { ...insert, latency_ms: 400, times: 1 });
  await world.sandbox("DELETE", "calls");
  const booking = book(world, 0, { attendee_phone: ana.phone });
  await untilCalled(() => world.sandbox("GET", "calls"), `${insert.method} ${insert.path}`);
  t.match(await removeCustomer(world), {
    status: 409,
    body: { code: "booking_in_progress", message: /some seconds/ },
  });
  t.match(await world.api("GET", "/v1/customer-calendars/luna"), { body: { status: "connected" } });
  await booking;
  t.match(await removeCustomer(world), { status: 200, body: { removed: { bookings: 1 } } });
});

t.test("a hold that was given up is waited for as long as it may be settled soon", async (t) => {
  const world = await openTwoCustomers(t);
  await book(world, 0, { attendee_phone: ana.phone });
  await sql`update bookings set status = 'abandoned'`.execute(world.mcp.db);
  await world.sandbox("POST", "faults", { path: "/", status: 503 });
  t.match(await removeCustomer(world), { status: 409, body: { code: "booking_in_progress" } });
  world.clock.now += 3 * 60_000;
  t.match(await removeCustomer(world), { status: 200, body: { removed: { bookings: 1 } } });
});

t.test("calls that are under way when a customer is removed leave no row", async (t) => {
  const world = await openTwoCustomers(t);
  for (let round = 0; round < 6; round++) {
    const id = `terra-${round}`;
    await world.connected(id);
    const sent = (i: number) => ({
      ...{ start_iso: mondayAt(i), attendee_name: "Ana Secreta" },
      ...{ attendee_phone: ana.phone },
    });
    const calls = Array.from({ length: 16 }, async (_, i) => {
      await sleep(i * 4);
      return world.call(id, "book", sent(i));
    });
    // Whether it is refused for a booking that is being written, or is through between two of them.
    let { status } = await removeCustomer(world, id);
    const wasRefused = status === 409;
    while (status === 409) ({ status } = await removeCustomer(world, id));
    // One that was refused is repeated by admin-api too, which may be through with it first.
    t.ok(status === 200 || (wasRefused && status === 404), `${status}`);
    await Promise.all(calls);
    t.strictSame(findCustomer(await readTables(world), id), []);
    t.match(await world.call(id, "book", sent(0)), { error: { code: "unknown_customer" } });
  }
});

t.test("a customer that is removed just before a time is held leaves no hold", async (t) => {
  const world = await openTwoCustomers(t);
  const { connections } = world.mcp.store;
  const { statuses } = connections;
  let removed: Awaited<ReturnType<typeof removeCustomer>> | undefined;
  Object.assign(connections, {
    // What a booking asks last before it takes its time: which account is connected.
    async statuses(...asked: Parameters<typeof statuses>) {
      const found = await statuses(...asked);
      Object.assign(connections, { statuses });
      removed = await removeCustomer(world);
      return found;
    },
  });
  const sent = { start_iso: mondayAt(0), attendee_name: "Ana Secreta", attendee_phone: ana.phone };
  t.match(await world.call("luna", "book", sent), { error: { code: "unknown_customer" } });
  t.equal(removed?.status, 200);
  const { bookings } = await readTables(world);
  t.strictSame(bookings, []);
});

t.test("a customer that is removed at the end of its consent is not recorded any more", async (t) => {
  const world = await openTwoCustomers(t);
  await world.sandbox("POST", "accounts", { email: "terra@example.com", time_zone: "America/Bogota" });
  const { store } = world.mcp;
  const { completeConsent } = store;
  Object.assign(store, {
    async completeConsent(...given: Parameters<typeof completeConsent>) {
      await completeConsent(...given);
      t.match(await removeCustomer(world, "terra"), {
        status: 200,
        body: { removed: { connections: 1, links: 1 } },
      });
    },
  });
  await world.consent((await world.connect("terra")).body.shareable_link);
  t.strictSame(findCustomer(await readTables(world), "terra"), []);
});

t.test("as long as the calendar service can't be reached nothing is said to be removed", async (t) => {
  const { world } = await openFullWorld(t);
  await world.stopMcpCalendar();
  t.match(await removeCustomer(world), { status: 502, body: { code: "calendar_service_unavailable" } });
  await world.restart();
  t.match(await removeCustomer(world), { status: 200, body: { removed: { customers: 1, bookings: 2 } } });
});

t.test("what is half removed is finished by the same request", async (t) => {
  const { world } = await openFullWorld(t);
  const response = await fetch(`${world.managementUrl}/customers/luna`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${serviceKey}` },
  });
  t.equal(response.status, 200);
  t.match(await removeCustomer(world), { status: 200, body: { removed: { customers: 1, bookings: 0 } } });
  t.equal((await removeCustomer(world)).status, 404);
});

t.test("the OpenAPI document says how", async (t) => {
  const world = await createWorld(t);
  const { paths } = JSON.parse(await (await fetch(`${world.adminUrl}/docs/json`)).text());
  t.match(paths["/v1/customers/{customer_id}"].delete, {
    security: [{ adminKey: [] }],
    responses: { 200: {}, 404: {}, 409: {}, 502: {} },
  });
});
