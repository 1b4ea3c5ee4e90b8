import { bookingsPage } from "@cita/calendar-api";
import { openDatabase } from "@cita/database";
import t from "tap";
import { openLedger } from "../apps/mcp-calendar/src/bookings/ledger/open-ledger.ts";
import { adminKey, createWorld, serviceKey, type World } from "./support/world.ts";

const pathOf = (customerId: string) => `/v1/customer-calendars/${customerId}/bookings`;
const monday = (time: string) => `2027-01-18T${time}:00-05:00`;
const tuesday = monday("10:00").replace("18", "19");
const wednesday = monday("10:00").replace("18", "20");

type Query = Record<string, string>;
type Shown = { booking_id: string; start: string; status: string };

async function pageOf(world: World, query: Query = {}, customerId = "luna") {
  const answer = await world.api("GET", `${pathOf(customerId)}?${new URLSearchParams(query)}`);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  return answer.body;
}

async function startsOf(world: World, query: Query = {}): Promise<string[]> {
  const { bookings } = await pageOf(world, query);
  return bookings.map(({ start }: Shown) => start);
}

const idsOn = (page: { bookings: Shown[] }) => page.bookings.map(({ booking_id }) => booking_id);

async function change(world: World, tool: string, args: object, customerId = "luna") {
  const { answer, error } = await world.call(customerId, tool, args);
  if (error !== undefined) throw new Error(JSON.stringify(error));
  return answer;
}

async function book(world: World, start_iso: string, args: object = {}, customerId = "luna") {
  return change(world, "book", { start_iso, attendee_name: "Ana Ruiz", ...args }, customerId);
}

async function setSchedule(world: World, schedule: object): Promise<void> {
  const { status, body } = await world.api("PUT", "/v1/customer-calendars/luna/schedule", schedule);
  if (status !== 200) throw new Error(JSON.stringify(body));
}

t.test("what was booked is told whole, soonest first, each in its own zone", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  t.strictSame(await pageOf(world), { bookings: [], next_cursor: null });
  const later = await book(world, tuesday, {
    attendee_phone: "+57 300 123 4567",
    attendee_email: "ana@example.com",
    notes: "First visit 💈",
  });
  await setSchedule(world, { time_zone: "Asia/Tokyo", add_meet_link: true });
  world.clock.now += 60_000;
  const sooner = await book(world, "2027-01-19T10:00:00+09:00", { attendee_name: "Bea" });
  const common = { status: "confirmed", service: "appointment", invitation: null, stranded: false };
  t.strictSame(await pageOf(world), {
    bookings: [
      {
        booking_id: sooner.booking_id,
        ...common,
        start: "2027-01-19T10:00:00+09:00",
        end: "2027-01-19T10:30:00+09:00",
        time_zone: "Asia/Tokyo",
        attendee_name: "Bea",
        attendee_phone: null,
        attendee_phone_written: null,
        attendee_email: null,
        attendee_ref: null,
        notes: null,
        event_id: sooner.event_id,
        meet_link: sooner.meet_link,
        created_at: "2027-01-17T23:01:00.000Z",
        updated_at: "2027-01-17T23:01:00.000Z",
      },
      {
        booking_id: later.booking_id,
        ...common,
        start: tuesday,
        end: "2027-01-19T10:30:00-05:00",
        time_zone: "America/Bogota",
        attendee_name: "Ana Ruiz",
        attendee_phone: "+573001234567",
        attendee_phone_written: "+57 300 123 4567",
        attendee_email: "ana@example.com",
        attendee_ref: null,
        notes: "First visit 💈",
        event_id: later.event_id,
        meet_link: null,
        created_at: "2027-01-17T23:00:00.000Z",
        updated_at: "2027-01-17T23:00:00.000Z",
      },
    ],
    next_cursor: null,
  });
  t.match(sooner.meet_link, /^https:/);
  const before = await pageOf(world);
  await world.restart();
  t.strictSame(await pageOf(world), before);
});

t.test("a booking that moves is shown where it is, and one that is cancelled as such", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const { booking_id } = await book(world, monday("10:00"));
  world.clock.now += 60_000;
  await change(world, "reschedule_booking", { booking_id, start_iso: monday("15:00") });
  const moved = await pageOf(world, { status: "all" });
  t.match(moved.bookings, [
    {
      booking_id,
      status: "confirmed",
      start: monday("15:00"),
      end: monday("15:30"),
      created_at: "2027-01-17T23:00:00.000Z",
      updated_at: "2027-01-17T23:01:00.000Z",
    },
  ]);
  t.equal(moved.bookings.length, 1);

  world.clock.now += 60_000;
  await change(world, "cancel_booking", { booking_id });
  t.strictSame(await startsOf(world), []);
  const cancelled = await pageOf(world, { status: "cancelled" });
  t.strictSame(cancelled.bookings, [
    { ...moved.bookings[0], status: "cancelled", updated_at: "2027-01-17T23:02:00.000Z" },
  ]);

  await book(world, monday("15:00"), { attendee_name: "Bea" });
  const all = await pageOf(world, { status: "all" });
  t.strictSame(all.bookings.map(({ status }: Shown) => status).sort(), ["cancelled", "confirmed"]);
});

t.test("neither holds, moves under way nor what came to nothing are shown", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const underWay: unknown[] = [];
  const look = async () => underWay.push(await startsOf(world, { status: "all" }));
  world.googleCalls.after("insert", look);
  const { booking_id } = await book(world, monday("10:00"));
  world.googleCalls.after("patch", look);
  await change(world, "reschedule_booking", { booking_id, start_iso: monday("11:00") });
  t.strictSame(underWay, [[], [monday("10:00")]]);

  const [start, end] = [monday("12:00"), monday("13:00")];
  await world.byHand("luna", "POST", undefined, { start: { dateTime: start }, end: { dateTime: end } });
  for (const [tool, args] of Object.entries({
    book: { attendee_name: "Bea" },
    reschedule_booking: { booking_id },
  })) {
    t.match(await world.call("luna", tool, { start_iso: start, ...args }), { error: { code: "slot_taken" } });
  }
  t.strictSame(await startsOf(world, { status: "all" }), [monday("11:00")]);
});

t.test("what a person does in the calendar itself shows once the calendar has been read", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const { event_id } = await book(world, monday("10:00"));
  world.clock.now += 1_000;
  await world.byHand("luna", "DELETE", event_id);
  await change(world, "get_available_slots", { date_iso: "2027-01-18" });
  t.match(await pageOf(world, { status: "all" }), { bookings: [{ event_id, status: "cancelled" }] });
});

t.test(
  "from, to and status choose; from counts and to doesn't; without from it is from now on",
  async (t) => {
    const world = await createWorld(t);
    await world.connected("luna");
    await book(world, monday("10:00"));
    const { booking_id } = await book(world, tuesday);
    await change(world, "cancel_booking", { booking_id });
    await book(world, wednesday);
    const found: [query: Query, ...starts: string[]][] = [
      [{}, monday("10:00"), wednesday],
      [{ status: "confirmed" }, monday("10:00"), wednesday],
      [{ status: "cancelled" }, tuesday],
      [{ status: "all" }, monday("10:00"), tuesday, wednesday],
      [{ from: monday("10:00"), to: wednesday }, monday("10:00")],
      [{ from: "2027-01-18T15:00:00.001Z" }, wednesday],
      [{ from: "2027-01-19T00:00:00+09:00", to: "2027-01-20T15:00:01Z" }, monday("10:00"), wednesday],
      [{ to: tuesday, status: "all" }, monday("10:00")],
      [{ from: tuesday, to: tuesday, status: "all" }],
      [{ to: "2027-01-17T22:00:00Z" }],
      [{ from: "2028-01-01T00:00:00Z" }],
    ];
    for (const [query, ...starts] of found) {
      t.strictSame(await startsOf(world, query), starts, JSON.stringify(query));
    }

    world.clock.now = Date.parse(monday("10:00"));
    t.strictSame(await startsOf(world), [monday("10:00"), wednesday]);
    world.clock.now += 1;
    t.strictSame(await startsOf(world), [wednesday]);
    t.strictSame(await startsOf(world, { from: "1970-01-01T00:00:00Z" }), [monday("10:00"), wednesday]);
  },
);

t.test("pages skip and repeat nothing, whatever is booked, moved or cancelled between them", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const [nine, ten, eleven, noon, one] = [
    await book(world, monday("09:00")),
    await book(world, monday("10:00")),
    await book(world, monday("11:00")),
    await book(world, monday("12:00")),
    await book(world, monday("13:00")),
  ].map(({ booking_id }) => booking_id);
  const limit = "2";
  const first = await pageOf(world, { limit });
  t.strictSame(idsOn(first), [nine, ten]);

  await book(world, monday("09:30"));
  const added = await book(world, monday("11:30"));
  await change(world, "reschedule_booking", { booking_id: noon, start_iso: monday("14:00") });
  await change(world, "cancel_booking", { booking_id: ten });
  const second = await pageOf(world, { limit, cursor: first.next_cursor });
  t.strictSame(idsOn(second), [eleven, added.booking_id]);

  const third = await pageOf(world, { limit, cursor: second.next_cursor });
  t.strictSame(idsOn(third), [one, noon]);
  t.equal(third.next_cursor, null);
  t.strictSame(await pageOf(world, { limit, cursor: first.next_cursor }), second, "and again");
});

t.test("the clock leaves none out between two pages, and a later from still counts", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  for (const time of ["09:00", "10:00", "11:00"]) await book(world, monday(time));
  const { next_cursor: cursor } = await pageOf(world, { limit: "1" });
  world.clock.now = Date.parse(monday("10:30"));
  t.strictSame(await startsOf(world, { cursor }), [monday("10:00"), monday("11:00")]);
  t.strictSame(await startsOf(world, { cursor, from: monday("11:00") }), [monday("11:00")]);
  t.strictSame(await startsOf(world, { cursor, to: monday("11:00") }), [monday("10:00")]);
  t.strictSame(await startsOf(world, { cursor, from: "2027-01-01T00:00:00Z" }), [
    monday("10:00"),
    monday("11:00"),
  ]);
});

t.test("those that start together are on one page each, where a page ends between them", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await setSchedule(world, { services: [{ id: "yoga", name: "Yoga", duration_minutes: 60, capacity: 5 }] });
  for (let i = 0; i < 5; i++) await book(world, monday("10:00"));
  const seen: string[] = [];
  let cursor: string | null = "";
  for (let pages = 0; cursor !== null && pages < 5; pages++) {
    const page = await pageOf(world, { limit: "2", ...(cursor && { cursor }) });
    t.ok(page.bookings.length <= 2);
    seen.push(...idsOn(page));
    cursor = page.next_cursor;
  }
  t.equal(seen.length, 5);
  t.equal(new Set(seen).size, 5);
});

t.test("another customer's bookings are never shown, not by its cursor either", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await world.connected("sol");
  for (const time of ["09:00", "10:00"]) await book(world, monday(time));
  await book(world, monday("11:00"), { attendee_name: "Sol's own" }, "sol");
  t.strictSame(await startsOf(world, { status: "all" }), [monday("09:00"), monday("10:00")]);
  const { next_cursor: cursor } = await pageOf(world, { limit: "1" });
  const ofSol = await pageOf(world, { status: "all", cursor }, "sol");
  t.match(ofSol, { bookings: [{ attendee_name: "Sol's own" }], next_cursor: null });
  t.equal(ofSol.bookings.length, 1);
});

t.test("a query that can't be right is refused by name", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const refused: [query: string, message: RegExp][] = [
    ["from=", /from must be a date and time with its offset/],
    ["from=2027-01-18", /from must/],
    ["from=2027-01-18T10:00:00", /from must/],
    ["from=2027-02-29T10:00:00Z", /from must/],
    ["from=2027-01-18T24:00:00Z", /from must/],
    ["from=2027-01-18T10:00:00+05:00", /a \+ is written %2B/],
    ["from=now", /from must/],
    ["from=2027-01-18T10:00:00Z&from=2027-01-19T10:00:00Z", /from must/],
    ["to=tomorrow", /to must be a date and time with its offset/],
    ["from=2027-01-19T00:00:00Z&to=2027-01-18T23:59:59Z", /to must not be before from/],
    ["status=held", /status/],
    ["status=", /status/],
    ["limit=0", /limit/],
    ["limit=201", /limit/],
    ["limit=-1", /limit/],
    ["limit=1.5", /limit/],
    ["limit=many", /limit/],
    ["limit=", /limit/],
    ["form=2027-01-18T10:00:00Z", /form/],
  ];
  const doors = [
    [`${world.adminUrl}${pathOf("luna")}`, adminKey],
    [`${world.mcpUrl}/customers/luna/bookings`, serviceKey],
  ] as const;
  for (const [url, key] of doors) {
    const get = async (query: string) => {
      const response = await fetch(`${url}?${query}`, { headers: { authorization: `Bearer ${key}` } });
      return { status: response.status, body: JSON.parse(await response.text()) };
    };
    for (const [query, message] of refused) {
      const expected = { statusCode: 400, code: "invalid_request", error: "Bad Request", message };
      t.match(await get(query), { status: 400, body: expected }, query);
    }
    t.match(await get("limit=200"), { status: 200 });
    t.match(await get("limit=1&to=2027-01-18T10:00:00%2B05:00"), { status: 200 });
  }
});

t.test("a cursor that isn't ours is refused, however it came about", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  for (const time of ["09:00", "10:00"]) await book(world, monday(time));
  const { next_cursor: ours } = await pageOf(world, { limit: "1" });
  t.match(ours, /^[A-Za-z0-9_-]+$/);
  const written = (text: string) => Buffer.from(text).toString("base64url");
  const bad = [
    "",
    "x",
    "luna",
    `${ours}=`,
    ` ${ours}`,
    `${ours}${ours}`,
    ours.slice(0, -4).concat("____"),
    written("1800284400000"),
    written("1800284400000 "),
    written("01800284400000 ab"),
    written("1.8e12 ab"),
    written("99999999999999999999999 ab"),
    written("1800284400000 ' or 1=1"),
    "x".repeat(5_000),
  ];
  for (const cursor of bad) {
    const answer = await world.api("GET", `${pathOf("luna")}?${new URLSearchParams({ cursor })}`);
    const refusal = { statusCode: 400, code: "invalid_cursor", error: "Bad Request", message: /next_cursor/ };
    t.match(answer, { status: 400, body: refusal }, cursor.slice(0, 80));
  }
});

t.test("strangers, wrong keys and a calendar service that is down get the usual answers", async (t) => {
  const world = await createWorld(t);
  await world.connect("luna");
  for (const key of ["", "wrong", serviceKey]) {
    t.match(await world.api("GET", pathOf("luna"), undefined, key), {
      status: 401,
      body: { code: "unauthorized" },
    });
  }
  for (const headers of [{}, { authorization: "Bearer wrong" }, { authorization: `Bearer ${adminKey}` }]) {
    const response = await fetch(`${world.mcpUrl}/customers/luna/bookings`, { headers });
    t.match({ status: response.status, body: JSON.parse(await response.text()) }, { status: 401 });
  }
  t.match(await world.api("GET", pathOf("nobody")), {
    status: 404,
    body: { statusCode: 404, code: "unknown_customer" },
  });
  t.match(await world.api("GET", pathOf("no%20id")), { status: 400, body: { code: "invalid_request" } });
  t.strictSame(await pageOf(world), { bookings: [], next_cursor: null }, "not connected yet");

  await world.stopMcpCalendar();
  const unavailable = { status: 502, body: { code: "calendar_service_unavailable" } };
  t.match(await world.connect("sol"), unavailable);
  t.match(await world.api("GET", pathOf("sol")), unavailable);
  await world.restart();
  t.strictSame(await pageOf(world, {}, "sol"), { bookings: [], next_cursor: null }, "never given a link");
});

t.test("bookings are shown while the calendar is out of reach, and after it was disconnected", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await book(world, monday("10:00"));
  await world.sandbox("POST", "faults", { path: "/calendar/v3", status: 503 });
  t.strictSame(await startsOf(world), [monday("10:00")]);
  await world.api("DELETE", "/v1/customer-calendars/luna");
  t.strictSame(await startsOf(world), [monday("10:00")]);
});

t.test("the OpenAPI document says how to ask, with an example that keeps to the schema", async (t) => {
  const world = await createWorld(t);
  const document = JSON.parse(await (await fetch(`${world.adminUrl}/docs/json`)).text());
  const { get } = document.paths["/v1/customer-calendars/{customer_id}/bookings"];
  t.match(get, { security: [{ adminKey: [] }], responses: { 200: {}, 400: {}, 401: {}, 404: {}, 502: {} } });
  const asked = Object.fromEntries(get.parameters.map(({ name, ...rest }: { name: string }) => [name, rest]));
  t.strictSame(Object.keys(asked).sort(), ["cursor", "customer_id", "from", "limit", "status", "to"]);
  t.match(asked, {
    from: { required: false, schema: { format: "date-time" } },
    status: { schema: { enum: ["confirmed", "cancelled", "all", "stranded"], default: "confirmed" } },
    limit: { schema: { minimum: 1, maximum: 200, default: 50 } },
  });
  const { example } = get.responses[200].content["application/json"];
  t.strictSame(bookingsPage.parse(example), example);
});

t.test("a page is read by the index, whichever filters there are", async (t) => {
  const db = openDatabase("file::memory:");
  t.teardown(() => db.destroy());
  const plans: Promise<{ rows: unknown[] }>[] = [];
  const explaining = db.withPlugin({
    transformQuery: ({ node, queryId }) => {
      if (node.kind === "SelectQueryNode") {
        const query = db.getExecutor().compileQuery(node, queryId);
        plans.push(db.executeQuery({ ...query, sql: `explain query plan ${query.sql}` }));
      }
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  const ledger = await openLedger({ db: explaining });
  plans.length = 0;
  const after = { start: 0, id: "" };
  const stranded = { accountId: "the one now" };
  for (const status of ["confirmed", "cancelled", "all", stranded] as const) {
    for (const until of [undefined, 1]) await ledger.page("luna", { after, until, status, most: 3 });
  }
  await ledger.countStranded("luna", { ...stranded, after: 1 });
  t.equal(plans.length, 9);
  const details = [
    ...Array(6).fill(/ USING INDEX bookings_by_start \(customer_id=\? AND \(start_ms,id\)>/),
    ...Array(2).fill(/ USING INDEX bookings_by_account \(customer_id=\? AND \(start_ms,id\)>/),
    / USING COVERING INDEX bookings_by_account \(customer_id=\? AND start_ms>/,
  ];
  for (const [i, { rows }] of (await Promise.all(plans)).entries()) {
    t.match(rows, [{ detail: /^SEARCH bookings/ }]);
    t.match(rows, [{ detail: details[i] }]);
    t.equal(rows.length, 1, "and nothing is sorted");
  }
});
