import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import t, { type Test } from "tap";
import { makeKey, mondayAt } from "./support/attendee-calls.ts";
import { untilCalled } from "./support/until-called.ts";
import { createWorld, serviceKey, type World } from "./support/world.ts";

const day = 86_400_000;
const ana = { phone: "+573001234567", email: "ana.secreta@example.com", ref: "CO.1349120865530274" };
const pathOf = (action: string, customerId = "luna") =>
  `/v1/customer-calendars/${customerId}/attendees/${action}`;
const exportOf = (world: World, body: unknown, search = "") =>
  world.api("POST", `${pathOf("export")}${search}`, body);
const erase = (world: World, body: unknown) => world.api("POST", pathOf("erase"), body);
const remove = (world: World, customerId = "luna") => world.api("DELETE", `/v1/customers/${customerId}`);

async function openWorld(t: Test, options: Parameters<typeof createWorld>[1] = {}) {
  const world = await createWorld(t, options);
  await world.connected("luna");
  await world.connected("sol");
  await world.api("PUT", "/v1/customer-calendars/luna/schedule", { language: "en" });
  return world;
}

/** @param halfHour of the coming Monday, from nine on. */
async function book(world: World, halfHour: number, args: object, customerId = "luna", headers = {}) {
  const sent = { start_iso: mondayAt(halfHour), attendee_name: "Ana Secreta", ...args };
  const request = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "book", arguments: sent } };
  const { body } = await world.rpc(request, { "x-customer-id": customerId, ...headers });
  const { booking_id, event_id } = body.result?.structuredContent ?? {};
  if (booking_id === undefined) throw new Error(JSON.stringify(body));
  return { booking_id, event_id } as { booking_id: string; event_id: string };
}

const cancel = (world: World, id: string) =>
  world.api("POST", `/v1/customer-calendars/luna/bookings/${id}/cancel`);

type Tables = Record<string, Record<string, unknown>[]>;

/** All rows of all tables, but for `instances`: the process beats there every 1.5 seconds, and no customer has a row. */
async function tablesOf({ mcp }: World): Promise<Tables> {
  const { rows } = await sql<{ name: string }>`select name from sqlite_schema
    where type = 'table' and name != 'instances'`.execute(mcp.db);
  const tables: Tables = {};
  for (const { name } of rows) {
    const found = await sql<Record<string, unknown>>`select * from ${sql.table(name)}`.execute(mcp.db);
    tables[name] = found.rows;
  }
  return tables;
}

/** Where a text stands, in whichever case. */
function findText(tables: Tables, text: string): string[] {
  return Object.entries(tables).flatMap(([name, rows]) =>
    rows
      .filter((row) => JSON.stringify(row).toLowerCase().includes(text.toLowerCase()))
      .map((row) => `${name}: ${JSON.stringify(row)}`),
  );
}

/** An id alone, which a sealed token may well contain by chance, isn't looked for. */
const findCustomer = (tables: Tables, id: string) =>
  [`"${id}"`, `${id}@example.com`, `Business ${id}`].flatMap((text) => findText(tables, text));

/** The databases of both services, and what SQLite puts beside them. */
const filesWith = ({ folder }: World, texts: string[]) =>
  readdirSync(folder).filter((file) => {
    const bytes = readFileSync(join(folder, file), "latin1");
    return texts.some((text) => bytes.includes(text));
  });

const ofOthers = (tables: Tables, customerId = "luna") =>
  Object.fromEntries(
    Object.entries(tables).map(([name, rows]) => [
      name,
      rows.filter((row) => !("customer_id" in row) || row.customer_id !== customerId),
    ]),
  );

/** Ana by every identifier, each in bookings of its own, and what isn't hers. */
async function bookAll(world: World) {
  const spellings = ["+57 300 123 4567", "573001234567@s.whatsapp.net", "(+57) 300-123-4567"];
  const byPhone = [];
  for (const [i, attendee_phone] of spellings.entries())
    byPhone.push(
      await book(world, i, {
        attendee_phone,
        notes: `call ${ana.phone}`,
        idempotency_key: `${ana.phone} ${i}`,
      }),
    );
  const byEmail = await book(world, 3, { attendee_email: "Ana.Secreta@Example.com" });
  const byRef = await book(world, 4, {}, "luna", { "x-attendee-ref": ana.ref });
  const bea = await book(world, 5, { attendee_name: "Bea", attendee_phone: "+57 300 765 4321" });
  const atSol = await book(world, 0, { attendee_phone: ana.phone }, "sol");
  return { byPhone, byEmail, byRef, bea, atSol };
}

t.test("a person is exported by any identifier, in whichever state the bookings are", async (t) => {
  const world = await openWorld(t);
  const { byPhone, byEmail, byRef } = await bookAll(world);
  const moved = await world.api(
    "POST",
    `/v1/customer-calendars/luna/bookings/${byPhone[1]?.booking_id}/reschedule`,
    { start_iso: mondayAt(10) },
  );
  t.equal(moved.status, 200);
  await cancel(world, byPhone[0]?.booking_id ?? "");
  const idsOf = async (body: object) => {
    const { status, body: answer } = await exportOf(world, body);
    t.equal(status, 200);
    return answer.bookings
      .filter(({ moves_booking_id }: { moves_booking_id: string | null }) => moves_booking_id === null)
      .map(({ booking_id }: { booking_id: string }) => booking_id);
  };
  const [first, second, third] = byPhone.map(({ booking_id }) => booking_id);
  t.strictSame(await idsOf({ phone: "wa.me/573001234567" }), [first, third, second], "soonest first");
  t.strictSame(await idsOf({ email: "ANA.secreta@example.com" }), [byEmail.booking_id]);
  t.strictSame(await idsOf({ ref: ana.ref }), [byRef.booking_id]);
  t.strictSame(
    new Set(await idsOf(ana)),
    new Set([first, second, third, byEmail.booking_id, byRef.booking_id]),
  );
  t.strictSame(await idsOf({ phone: "+57 300 999 9999" }), []);

  const { body } = await exportOf(world, { phone: ana.phone });
  t.match(body, {
    bookings: [
      {
        status: "cancelled",
        attendee_name: "Ana Secreta",
        attendee_phone: ana.phone,
        attendee_phone_written: "+57 300 123 4567",
        notes: `call ${ana.phone}`,
        idempotency_key: `${ana.phone} 0`,
        moves_booking_id: null,
      },
      { status: "confirmed" },
      {},
      {},
    ],
    next_cursor: null,
  });
  const move = body.bookings.find(({ moves_booking_id }: { moves_booking_id: string }) => moves_booking_id);
  t.match(move, { status: "released", moves_booking_id: second, attendee_name: "Ana Secreta" });

  const paged = [];
  for (let search = "?limit=1"; ; ) {
    const { body: page } = await exportOf(world, { phone: ana.phone }, search);
    paged.push(...page.bookings);
    if (page.next_cursor === null) break;
    search = `?limit=1&cursor=${page.next_cursor}`;
  }
  t.strictSame(paged, body.bookings);
});

t.test("a person is erased everywhere, and nobody else's rows change", async (t) => {
  const world = await openWorld(t);
  const { byPhone, byEmail, byRef, bea, atSol } = await bookAll(world);
  const moved = `/v1/customer-calendars/luna/bookings/${byPhone[1]?.booking_id}/reschedule`;
  await world.api("POST", moved, { start_iso: mondayAt(10) });
  await cancel(world, byPhone[0]?.booking_id ?? "");
  const before = await tablesOf(world);
  const refused = await erase(world, ana);
  t.match(refused, { status: 409, body: { code: "bookings_ahead", message: /\b4 of this person/ } });
  t.match(refused.body.message, /cancel/);
  t.strictSame(await tablesOf(world), before, "and nothing was erased");
  t.match(await erase(world, { phone: ana.phone }), { status: 409, body: { message: /\b2 of this person/ } });

  world.clock.now += 2 * day;
  const erased = await erase(world, { ...ana, phone: "0057 300 123-4567" });
  t.match(erased, { status: 200, body: { erased: 6, more_calendar_events: false } });
  const past = [...byPhone.slice(1), byEmail, byRef].map(({ event_id }) => event_id);
  t.strictSame(new Set(erased.body.calendar_events), new Set(past));
  const after = await tablesOf(world);
  for (const text of [ana.phone, "300 123", "300-123", "573001234567", ana.email, "Secreta", ana.ref]) {
    const found = findText(after, text).filter((row) => !row.includes(atSol.booking_id));
    t.strictSame(found, [], `${text} is nowhere`);
  }
  const isAnas = ({ id }: Record<string, unknown>) =>
    [...byPhone, byEmail, byRef].some(({ booking_id }) => booking_id === id);
  // The instance goes on beating meanwhile.
  const others = ({ bookings = [], attendee_changes: _counted, instances: _beats, ...rest }: Tables) => ({
    ...rest,
    bookings: bookings.filter((row) => !isAnas(row) && row.moves_id === null),
  });
  t.strictSame(others(after), others(before));
  t.equal(after.bookings?.length, before.bookings?.length, "the rows stay");
  const ids = ({ bookings = [] }: Tables) =>
    bookings.map(({ id, status, start_ms }) => [id, status, start_ms]);
  t.strictSame(ids(after), ids(before));

  t.match(await exportOf(world, ana), { status: 200, body: { bookings: [], next_cursor: null } });
  t.match(await erase(world, ana), { status: 200, body: { erased: 0, calendar_events: [] } }, "and again");
  const asked = { attendee_phone: ana.phone, from: "2027-01-01" };
  t.strictSame((await world.call("luna", "list_bookings", asked)).answer.bookings, []);
  const list = "/v1/customer-calendars/luna/bookings?from=2027-01-01T00:00:00Z&status=all";
  const { bookings } = (await world.api("GET", list)).body;
  t.equal(bookings.length, 6);
  t.strictSame(
    bookings.map(({ attendee_name }: { attendee_name: string }) => attendee_name).filter(Boolean),
    ["Bea"],
  );
  t.ok(bookings.some(({ booking_id }: { booking_id: string }) => booking_id === bea.booking_id));
  const log = world.log.join("");
  t.notOk(/300.?123.?4567/.test(log) || log.includes(ana.ref) || /ana\.secreta/i.test(log), "nor in the log");
});

t.test("what is being written, or waits to be settled, is ahead too", async (t) => {
  const world = await openWorld(t);
  await book(world, 0, { attendee_phone: ana.phone });
  world.clock.now += 2 * day;
  for (const status of ["held", "abandoned"]) {
    await sql`update bookings set status = ${status}`.execute(world.mcp.db);
    t.match(await erase(world, { phone: ana.phone }), { status: 409, body: { code: "bookings_ahead" } });
  }
  await sql`update bookings set status = 'released'`.execute(world.mcp.db);
  t.match(await erase(world, { phone: ana.phone }), {
    status: 200,
    body: { erased: 1, calendar_events: [] },
  });
});

t.test(
  "years of one person's bookings are erased page by page, and as many events told as fit",
  async (t) => {
    const world = await openWorld(t);
    await book(world, 0, { attendee_phone: ana.phone });
    const columns = Object.keys((await tablesOf(world)).bookings?.[0] ?? {});
    const values = columns.map((column) =>
      ["id", "event_id"].includes(column)
        ? sql`${sql.ref(column)} || n`
        : column === "sequence"
          ? sql`n + 10`
          : sql.ref(column),
    );
    await sql`with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < 1100)
    insert into bookings (${sql.join(columns.map((column) => sql.ref(column)))})
    select ${sql.join(values)} from bookings, numbers`.execute(world.mcp.db);
    world.clock.now += 2 * day;
    const { body } = await erase(world, { phone: ana.phone });
    t.match(body, { erased: 1_101, more_calendar_events: true });
    t.equal(new Set(body.calendar_events).size, 1_000);
    t.strictSame(findText(await tablesOf(world), "Secreta"), []);
  },
);

t.test("a body that names nobody is refused in words", async (t) => {
  const world = await openWorld(t);
  const bad: [body: unknown, code: string, message: RegExp][] = [
    [{}, "invalid_request", /phone, email or ref/],
    [{ phone: "tomorrow" }, "invalid_phone", /country code/],
    [{ phone: "300 123" }, "invalid_phone", /country code/],
    [{ phone: "" }, "invalid_phone", /country code/],
    [{ email: "ana" }, "invalid_request", /e-mail/],
    [{ ref: " " }, "invalid_request", /ref/],
    [{ phone: ana.phone, name: "Ana" }, "invalid_request", /name/],
    [{ phone: 573001234567 }, "invalid_request", /phone/],
    [[], "invalid_request", /\S/],
  ];
  for (const [body, code, message] of bad)
    for (const ask of [exportOf, erase])
      t.match(await ask(world, body), { status: 400, body: { code, message } }, JSON.stringify(body));
  t.match(await exportOf(world, { ref: "x" }, "?cursor=bm9uZQ"), {
    status: 400,
    body: { code: "invalid_cursor" },
  });
  for (const action of ["export", "erase"]) {
    t.match(await world.api("POST", pathOf(action, "nobody"), ana), { body: { code: "unknown_customer" } });
    t.equal((await world.api("POST", pathOf(action), ana, "wrong")).status, 401);
  }
  t.equal((await world.api("DELETE", "/v1/customers/luna", undefined, "wrong")).status, 401);
});

/** A customer with a row in every table that there is. */
async function openFullWorld(t: Test) {
  const world = await openWorld(t);
  const key = await makeKey(world, "luna");
  const person = { "x-attendee-phone": ana.phone };
  const { booking_id } = await book(world, 0, {}, "luna", person);
  await book(world, 1, {}, "luna", person);
  await cancel(world, booking_id);
  await book(world, 0, { attendee_name: "Bea" }, "sol", { "x-attendee-ref": "sol's" });
  await world.api("PUT", "/v1/customer-calendars/sol/schedule", { language: "es" });
  await makeKey(world, "sol");
  return { world, key };
}

const listTools = { jsonrpc: "2.0", id: 1, method: "tools/list", params: {} };

t.test("a customer is removed from every table, and no other customer", async (t) => {
  const { world, key } = await openFullWorld(t);
  const before = await tablesOf(world);
  const { rows: keyed } = await sql<{ name: string }>`select t.name from sqlite_schema as t
    join pragma_table_info(t.name) as c where t.type = 'table' and c.name = 'customer_id'`.execute(
    world.mcp.db,
  );
  // A table that comes later has to be filled by `openFullWorld`, and is then found below if it isn't emptied.
  for (const { name } of keyed)
    t.ok(
      before[name]?.some(({ customer_id }) => customer_id === "luna"),
      `${name} has rows of the customer`,
    );
  t.equal((await world.rpc(listTools, key)).status, 200);

  const removed = await remove(world);
  t.match(removed, {
    status: 200,
    body: {
      customer_id: "luna",
      revoked_at_google: true,
      note: null,
      removed: {
        ...{ customers: 1, connections: 1, links: 1, consent_attempts: 1, agent_keys: 1, schedules: 1 },
        ...{ bookings: 2, counted_changes: 2 },
      },
    },
  });
  t.ok(removed.body.removed.activity >= 5);
  const after = await tablesOf(world);
  t.strictSame(findCustomer(after, "luna"), []);
  for (const text of [ana.phone, "Secreta"]) t.strictSame(findText(after, text), [], `${text} is nowhere`);
  const { consent_attempts: attempts = [], sqlite_sequence: _sequence, ...others } = ofOthers(before);
  const { consent_attempts: left = [], sqlite_sequence: _numbers, ...same } = ofOthers(after);
  t.strictSame(same, others, "the neighbour's are as they were");
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
    t.match(await remove(world, again), { status: 404, body: { code: "unknown_customer" } });
  t.match(await remove(world, "..%2Fsol"), { status: 400 });

  await world.restart();
  t.strictSame(filesWith(world, ["luna@example.com", "Business luna", ana.phone]), [], "nor in any file");
  await world.connected("luna");
  t.match(await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" }), {
    answer: { slots: Array },
  });
});

t.test("a provider that can't be reached keeps no customer", async (t) => {
  const { world } = await openFullWorld(t);
  await world.sandbox("POST", "faults", { path: "/", status: 503 });
  t.match(await remove(world), {
    status: 200,
    body: { revoked_at_google: false, note: /myaccount/, removed: { connections: 1 } },
  });
  t.strictSame(findCustomer(await tablesOf(world), "luna"), []);
});

t.test("of two at once each answers, and nothing is counted twice", async (t) => {
  const { world } = await openFullWorld(t);
  const both = await Promise.all([remove(world), remove(world)]);
  const sum = (kind: string) => both.reduce((count, { body }) => count + (body.removed?.[kind] ?? 0), 0);
  for (const { status } of both) t.ok(status === 200 || status === 404, `${status}`);
  t.strictSame([sum("customers"), sum("connections"), sum("bookings")], [1, 1, 2]);
  t.strictSame(findCustomer(await tablesOf(world), "luna"), []);
});

t.test("a booking that is being written is waited for", async (t) => {
  const world = await openWorld(t);
  const insert = { method: "POST", path: "/calendar/v3/calendars/primary/events" };
  await world.sandbox("POST", "faults", { ...insert, latency_ms: 400, times: 1 });
  await world.sandbox("DELETE", "calls");
  const booking = book(world, 0, { attendee_phone: ana.phone });
  await untilCalled(() => world.sandbox("GET", "calls"), `${insert.method} ${insert.path}`);
  t.match(await remove(world), {
    status: 409,
    body: { code: "booking_in_progress", message: /some seconds/ },
  });
  t.match(await world.api("GET", "/v1/customer-calendars/luna"), { body: { status: "connected" } });
  await booking;
  t.match(await remove(world), { status: 200, body: { removed: { bookings: 1 } } });
});

t.test("a hold that was given up is waited for as long as it may be settled soon", async (t) => {
  const world = await openWorld(t);
  await book(world, 0, { attendee_phone: ana.phone });
  await sql`update bookings set status = 'abandoned'`.execute(world.mcp.db);
  await world.sandbox("POST", "faults", { path: "/", status: 503 });
  t.match(await remove(world), { status: 409, body: { code: "booking_in_progress" } });
  world.clock.now += 3 * 60_000;
  t.match(await remove(world), { status: 200, body: { removed: { bookings: 1 } } });
});

t.test("calls that are under way when a customer is removed leave no row", async (t) => {
  const world = await openWorld(t);
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
    let status = 409;
    while (status === 409) ({ status } = await remove(world, id));
    t.equal(status, 200);
    await Promise.all(calls);
    t.strictSame(findCustomer(await tablesOf(world), id), []);
    t.match(await world.call(id, "book", sent(0)), { error: { code: "unknown_customer" } });
  }
});

t.test("a customer that is removed just before a time is held leaves no hold", async (t) => {
  const world = await openWorld(t);
  const { connections } = world.mcp.store;
  const { statuses } = connections;
  let removed: Awaited<ReturnType<typeof remove>> | undefined;
  Object.assign(connections, {
    // What a booking asks last before it takes its time: which account is connected.
    async statuses(...asked: Parameters<typeof statuses>) {
      const found = await statuses(...asked);
      Object.assign(connections, { statuses });
      removed = await remove(world);
      return found;
    },
  });
  const sent = { start_iso: mondayAt(0), attendee_name: "Ana Secreta", attendee_phone: ana.phone };
  t.match(await world.call("luna", "book", sent), { error: { code: "unknown_customer" } });
  t.equal(removed?.status, 200);
  const { bookings } = await tablesOf(world);
  t.strictSame(bookings, []);
});

t.test("a customer that is removed at the end of its consent is not recorded any more", async (t) => {
  const world = await openWorld(t);
  await world.sandbox("POST", "accounts", { email: "terra@example.com", time_zone: "America/Bogota" });
  const { store } = world.mcp;
  const { completeConsent } = store;
  Object.assign(store, {
    async completeConsent(...given: Parameters<typeof completeConsent>) {
      await completeConsent(...given);
      t.match(await remove(world, "terra"), { status: 200, body: { removed: { connections: 1, links: 1 } } });
    },
  });
  await world.consent((await world.connect("terra")).body.shareable_link);
  t.strictSame(findCustomer(await tablesOf(world), "terra"), []);
});

t.test("what was erased isn't in the files either, once they are written anew", async (t) => {
  const world = await openWorld(t);
  for (let i = 0; i < 12; i++) {
    const notes = `Allergic to latex ${"x".repeat(900)}`;
    await book(world, i, { attendee_phone: ana.phone, attendee_email: ana.email, notes });
  }
  const found = () => filesWith(world, [ana.phone, ana.email, "Secreta", "latex"]);
  t.not(found().length, 0);
  world.clock.now += 2 * day;
  t.match(await erase(world, { phone: ana.phone }), { body: { erased: 12 } });
  await world.restart();
  t.strictSame(found(), []);
});

t.test("as long as the calendar service can't be reached nothing is said to be removed", async (t) => {
  const { world } = await openFullWorld(t);
  await world.stopMcpCalendar();
  t.match(await remove(world), { status: 502, body: { code: "calendar_service_unavailable" } });
  await world.restart();
  t.match(await remove(world), { status: 200, body: { removed: { customers: 1, bookings: 2 } } });
});

t.test("what is half removed is finished by the same request", async (t) => {
  const { world } = await openFullWorld(t);
  const response = await fetch(`${world.managementUrl}/customers/luna`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${serviceKey}` },
  });
  t.equal(response.status, 200);
  t.match(await remove(world), { status: 200, body: { removed: { customers: 1, bookings: 0 } } });
  t.equal((await remove(world)).status, 404);
});

t.test("the OpenAPI document says how", async (t) => {
  const world = await createWorld(t);
  const { paths } = JSON.parse(await (await fetch(`${world.adminUrl}/docs/json`)).text());
  const secured = { security: [{ adminKey: [] }] };
  t.match(paths["/v1/customers/{customer_id}"].delete, {
    ...secured,
    responses: { 200: {}, 404: {}, 409: {}, 502: {} },
  });
  for (const action of ["export", "erase"]) {
    const { post } = paths[`/v1/customer-calendars/{customer_id}/attendees/${action}`];
    t.match(post, { ...secured, requestBody: {}, responses: { 200: {}, 400: {}, 404: {} } });
  }
});
