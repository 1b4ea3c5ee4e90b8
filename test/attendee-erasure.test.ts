import { sql } from "kysely";
import t from "tap";
import { mondayAt } from "./support/attendee-calls.ts";
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
import { createWorld, type World } from "./support/world.ts";

const day = 86_400_000;
const attendeesPath = (action: string, customerId = "luna") =>
  `/v1/customer-calendars/${customerId}/attendees/${action}`;
const exportPerson = (world: World, body: unknown, search = "") =>
  world.api("POST", `${attendeesPath("export")}${search}`, body);
const erasePerson = (world: World, body: unknown) => world.api("POST", attendeesPath("erase"), body);

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
  const byRef = await book(world, 4, {}, { headers: { "x-attendee-ref": ana.ref } });
  const bea = await book(world, 5, { attendee_name: "Bea", attendee_phone: "+57 300 765 4321" });
  const atSol = await book(world, 0, { attendee_phone: ana.phone }, { customerId: "sol" });
  return { byPhone, byEmail, byRef, bea, atSol };
}

t.test("a person is exported by any identifier, in whichever state the bookings are", async (t) => {
  const world = await openTwoCustomers(t);
  const { byPhone, byEmail, byRef } = await bookAll(world);
  const moved = await world.api(
    "POST",
    `/v1/customer-calendars/luna/bookings/${byPhone[1]?.booking_id}/reschedule`,
    { start_iso: mondayAt(10) },
  );
  t.equal(moved.status, 200);
  await cancel(world, byPhone[0]?.booking_id ?? "");
  const idsOf = async (body: object) => {
    const { status, body: answer } = await exportPerson(world, body);
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

  const { body } = await exportPerson(world, { phone: ana.phone });
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
    const { body: page } = await exportPerson(world, { phone: ana.phone }, search);
    paged.push(...page.bookings);
    if (page.next_cursor === null) break;
    search = `?limit=1&cursor=${page.next_cursor}`;
  }
  t.strictSame(paged, body.bookings);
});

t.test("a person is erased everywhere, and nobody else's rows change", async (t) => {
  const world = await openTwoCustomers(t);
  const { byPhone, byEmail, byRef, bea, atSol } = await bookAll(world);
  const moved = `/v1/customer-calendars/luna/bookings/${byPhone[1]?.booking_id}/reschedule`;
  await world.api("POST", moved, { start_iso: mondayAt(10) });
  await cancel(world, byPhone[0]?.booking_id ?? "");
  const before = await readTables(world);
  const refused = await erasePerson(world, ana);
  t.match(refused, { status: 409, body: { code: "bookings_ahead", message: /\b4 of this person/ } });
  t.match(refused.body.message, /cancel/);
  t.strictSame(await readTables(world), before, "and nothing was erased");
  t.match(await erasePerson(world, { phone: ana.phone }), {
    status: 409,
    body: { message: /\b2 of this person/ },
  });

  world.clock.now += 2 * day;
  const erased = await erasePerson(world, { ...ana, phone: "0057 300 123-4567" });
  t.match(erased, { status: 200, body: { erased: 6, more_calendar_events: false } });
  const past = [...byPhone.slice(1), byEmail, byRef].map(({ event_id }) => event_id);
  t.strictSame(new Set(erased.body.calendar_events), new Set(past));
  const after = await readTables(world);
  for (const text of [ana.phone, "300 123", "300-123", "573001234567", ana.email, "Secreta", ana.ref]) {
    const found = findText(after, text).filter((row) => !row.includes(atSol.booking_id));
    t.strictSame(found, [], `${text} is nowhere`);
  }
  const isAnas = ({ id }: Record<string, unknown>) =>
    [...byPhone, byEmail, byRef].some(({ booking_id }) => booking_id === id);
  const others = ({ bookings = [], attendee_changes: _counted, ...rest }: Tables) => ({
    ...rest,
    bookings: bookings.filter((row) => !isAnas(row) && row.moves_id === null),
  });
  t.strictSame(others(after), others(before));
  t.equal(after.bookings?.length, before.bookings?.length, "the rows stay");
  const ids = ({ bookings = [] }: Tables) =>
    bookings.map(({ id, status, start_ms }) => [id, status, start_ms]);
  t.strictSame(ids(after), ids(before));

  t.match(await exportPerson(world, ana), { status: 200, body: { bookings: [], next_cursor: null } });
  t.match(
    await erasePerson(world, ana),
    { status: 200, body: { erased: 0, calendar_events: [] } },
    "and again",
  );
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
  const world = await openTwoCustomers(t);
  await book(world, 0, { attendee_phone: ana.phone });
  world.clock.now += 2 * day;
  for (const status of ["held", "abandoned"]) {
    await sql`update bookings set status = ${status}`.execute(world.mcp.db);
    t.match(await erasePerson(world, { phone: ana.phone }), {
      status: 409,
      body: { code: "bookings_ahead" },
    });
  }
  await sql`update bookings set status = 'released'`.execute(world.mcp.db);
  t.match(await erasePerson(world, { phone: ana.phone }), {
    status: 200,
    body: { erased: 1, calendar_events: [] },
  });
});

t.test(
  "years of one person's bookings are erased page by page, and as many events named as fit",
  async (t) => {
    const world = await openTwoCustomers(t);
    await book(world, 0, { attendee_phone: ana.phone });
    const columns = Object.keys((await readTables(world)).bookings?.[0] ?? {});
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
    const { body } = await erasePerson(world, { phone: ana.phone });
    t.match(body, { erased: 1_101, more_calendar_events: true });
    t.equal(new Set(body.calendar_events).size, 1_000);
    t.strictSame(findText(await readTables(world), "Secreta"), []);
  },
);

t.test("a body that names nobody is refused in words", async (t) => {
  const world = await openTwoCustomers(t);
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
    for (const ask of [exportPerson, erasePerson])
      t.match(await ask(world, body), { status: 400, body: { code, message } }, JSON.stringify(body));
  t.match(await exportPerson(world, { ref: "x" }, "?cursor=bm9uZQ"), {
    status: 400,
    body: { code: "invalid_cursor" },
  });
  for (const action of ["export", "erase"]) {
    t.match(await world.api("POST", attendeesPath(action, "nobody"), ana), {
      body: { code: "unknown_customer" },
    });
    t.equal((await world.api("POST", attendeesPath(action), ana, "wrong")).status, 401);
  }
  t.equal((await world.api("DELETE", "/v1/customers/luna", undefined, "wrong")).status, 401);
});

t.test("what was erased isn't in the files either, once they are written anew", async (t) => {
  const world = await openTwoCustomers(t, { engine: "sqlite" });
  for (let i = 0; i < 12; i++) {
    const notes = `Allergic to latex ${"x".repeat(900)}`;
    await book(world, i, { attendee_phone: ana.phone, attendee_email: ana.email, notes });
  }
  const found = () => findInFiles(world, [ana.phone, ana.email, "Secreta", "latex"]);
  t.not(found().length, 0);
  world.clock.now += 2 * day;
  t.match(await erasePerson(world, { phone: ana.phone }), { body: { erased: 12 } });
  await world.restart();
  t.strictSame(found(), []);
});

t.test("the OpenAPI document says how", async (t) => {
  const world = await createWorld(t);
  const { paths } = JSON.parse(await (await fetch(`${world.adminUrl}/docs/json`)).text());
  for (const action of ["export", "erase"]) {
    const { post } = paths[`/v1/customer-calendars/{customer_id}/attendees/${action}`];
    t.match(post, {
      security: [{ adminKey: [] }],
      requestBody: {},
      responses: { 200: {}, 400: {}, 404: {} },
    });
  }
});
