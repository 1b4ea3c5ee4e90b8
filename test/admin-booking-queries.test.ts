import { bookingsPage } from "@cita/calendar-api";
import { openDatabase } from "@cita/database";
import t from "tap";
import { openLedger } from "../apps/mcp-calendar/src/bookings/ledger/open-ledger.ts";
import {
  book,
  bookingsPath,
  callTool,
  type ListedBooking,
  mondayAt,
  type Query,
  readPage,
  readStarts,
} from "./support/admin-booking-calls.ts";
import { openEvents } from "./support/open-events.ts";
import { setSchedule } from "./support/schedule.ts";
import { adminKey, createWorld, serviceKey } from "./support/world.ts";

const tuesday = "2027-01-19T10:00:00-05:00";
const wednesday = "2027-01-20T10:00:00-05:00";

const idsOn = (page: { bookings: ListedBooking[] }) => page.bookings.map(({ booking_id }) => booking_id);

t.test(
  "from, to and status choose; from counts and to doesn't; without from it is from now on",
  async (t) => {
    const world = await createWorld(t);
    await world.connected("luna");
    await book(world, mondayAt("10:00"));
    const { booking_id } = await book(world, tuesday);
    await callTool(world, "cancel_booking", { booking_id });
    await book(world, wednesday);
    const found: [query: Query, ...starts: string[]][] = [
      [{}, mondayAt("10:00"), wednesday],
      [{ status: "confirmed" }, mondayAt("10:00"), wednesday],
      [{ status: "cancelled" }, tuesday],
      [{ status: "all" }, mondayAt("10:00"), tuesday, wednesday],
      [{ from: mondayAt("10:00"), to: wednesday }, mondayAt("10:00")],
      [{ from: "2027-01-18T15:00:00.001Z" }, wednesday],
      [{ from: "2027-01-19T00:00:00+09:00", to: "2027-01-20T15:00:01Z" }, mondayAt("10:00"), wednesday],
      [{ to: tuesday, status: "all" }, mondayAt("10:00")],
      [{ from: tuesday, to: tuesday, status: "all" }],
      [{ to: "2027-01-17T22:00:00Z" }],
      [{ from: "2028-01-01T00:00:00Z" }],
    ];
    for (const [query, ...starts] of found) {
      t.strictSame(await readStarts(world, query), starts, JSON.stringify(query));
    }

    world.clock.now = Date.parse(mondayAt("10:00"));
    t.strictSame(await readStarts(world), [mondayAt("10:00"), wednesday]);
    world.clock.now += 1;
    t.strictSame(await readStarts(world), [wednesday]);
    t.strictSame(await readStarts(world, { from: "1970-01-01T00:00:00Z" }), [mondayAt("10:00"), wednesday]);
  },
);

t.test("pages skip and repeat nothing, whatever is booked, moved or cancelled between them", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const [nine, ten, eleven, noon, one] = [
    await book(world, mondayAt("09:00")),
    await book(world, mondayAt("10:00")),
    await book(world, mondayAt("11:00")),
    await book(world, mondayAt("12:00")),
    await book(world, mondayAt("13:00")),
  ].map(({ booking_id }) => booking_id);
  const limit = "2";
  const first = await readPage(world, { limit });
  t.strictSame(idsOn(first), [nine, ten]);

  await book(world, mondayAt("09:30"));
  const added = await book(world, mondayAt("11:30"));
  await callTool(world, "reschedule_booking", { booking_id: noon, start_iso: mondayAt("14:00") });
  await callTool(world, "cancel_booking", { booking_id: ten });
  const second = await readPage(world, { limit, cursor: first.next_cursor });
  t.strictSame(idsOn(second), [eleven, added.booking_id]);

  const third = await readPage(world, { limit, cursor: second.next_cursor });
  t.strictSame(idsOn(third), [one, noon]);
  t.equal(third.next_cursor, null);
  t.strictSame(await readPage(world, { limit, cursor: first.next_cursor }), second, "and again");
});

t.test("the clock leaves none out between two pages, and a later from still counts", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  for (const time of ["09:00", "10:00", "11:00"]) await book(world, mondayAt(time));
  const { next_cursor: cursor } = await readPage(world, { limit: "1" });
  world.clock.now = Date.parse(mondayAt("10:30"));
  t.strictSame(await readStarts(world, { cursor }), [mondayAt("10:00"), mondayAt("11:00")]);
  t.strictSame(await readStarts(world, { cursor, from: mondayAt("11:00") }), [mondayAt("11:00")]);
  t.strictSame(await readStarts(world, { cursor, to: mondayAt("11:00") }), [mondayAt("10:00")]);
  t.strictSame(await readStarts(world, { cursor, from: "2027-01-01T00:00:00Z" }), [
    mondayAt("10:00"),
    mondayAt("11:00"),
  ]);
});

t.test("those that start together are on one page each, where a page ends between them", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await setSchedule(world, "luna", {
    services: [{ id: "yoga", name: "Yoga", duration_minutes: 60, capacity: 5 }],
  });
  for (let i = 0; i < 5; i++) await book(world, mondayAt("10:00"));
  const seen: string[] = [];
  let cursor: string | null = "";
  for (let pages = 0; cursor !== null && pages < 5; pages++) {
    const page = await readPage(world, { limit: "2", ...(cursor && { cursor }) });
    t.ok(page.bookings.length <= 2);
    seen.push(...idsOn(page));
    cursor = page.next_cursor;
  }
  t.equal(seen.length, 5);
  t.equal(new Set(seen).size, 5);
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
  const endpoints = [
    [`${world.adminUrl}${bookingsPath("luna")}`, adminKey],
    [`${world.mcpUrl}/customers/luna/bookings`, serviceKey],
  ] as const;
  for (const [url, key] of endpoints) {
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
  for (const time of ["09:00", "10:00"]) await book(world, mondayAt(time));
  const { next_cursor: ours } = await readPage(world, { limit: "1" });
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
    const answer = await world.api("GET", `${bookingsPath("luna")}?${new URLSearchParams({ cursor })}`);
    const refusal = { statusCode: 400, code: "invalid_cursor", error: "Bad Request", message: /next_cursor/ };
    t.match(answer, { status: 400, body: refusal }, cursor.slice(0, 80));
  }
});

t.test("the OpenAPI document says how to ask, with an example that keeps to the schema", async (t) => {
  const world = await createWorld(t);
  const document = JSON.parse(await (await fetch(`${world.adminUrl}/docs/json`)).text());
  const { get } = document.paths["/v1/customer-calendars/{customer_id}/bookings"];
  t.match(get, { security: [{ adminKey: [] }], responses: { 200: {}, 400: {}, 401: {}, 404: {}, 502: {} } });
  const asked = Object.fromEntries(get.parameters.map(({ name, ...rest }: { name: string }) => [name, rest]));
  t.strictSame(Object.keys(asked).sort(), [
    "cursor",
    "customer_id",
    "from",
    "limit",
    "order",
    "status",
    "to",
  ]);
  t.match(asked, {
    from: { required: false, schema: { format: "date-time" } },
    status: { schema: { enum: ["confirmed", "cancelled", "all", "stranded"], default: "confirmed" } },
    order: { schema: { enum: ["soonest_first", "latest_first"], default: "soonest_first" } },
    limit: { description: /Default: 50\./, schema: { minimum: 1, maximum: 200 } },
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
  const ledger = await openLedger({ db: explaining, events: await openEvents(db) });
  plans.length = 0;
  const after = { start: 0, id: "" };
  const stranded = { accountId: "the one now" };
  for (const status of ["confirmed", "cancelled", "all", stranded] as const) {
    for (const until of [undefined, 1]) await ledger.page("luna", { after, until, status, limit: 3 });
    const before = { after: { start: 9, id: "" }, latestFirst: true };
    for (const until of [undefined, 1]) await ledger.page("luna", { ...before, until, status, limit: 3 });
  }
  await ledger.countStranded("luna", { ...stranded, after: 1 });
  t.equal(plans.length, 17);
  const [byStart, byAccount] = ["start", "account"].map((name) => [
    ...Array(2).fill(RegExp(` USING INDEX bookings_by_${name} \\(customer_id=\\? AND \\(start_ms,id\\)>`)),
    RegExp(` USING INDEX bookings_by_${name} \\(customer_id=\\? AND \\(start_ms,id\\)<`),
    RegExp(` USING INDEX bookings_by_${name} \\(customer_id=\\? AND start_ms>`),
  ]);
  const details = [
    ...[byStart, byStart, byStart, byAccount].flat(),
    / USING COVERING INDEX bookings_by_account \(customer_id=\? AND start_ms>/,
  ];
  for (const [i, { rows }] of (await Promise.all(plans)).entries()) {
    t.match(rows, [{ detail: /^SEARCH bookings/ }]);
    t.match(rows, [{ detail: details[i] }]);
    t.equal(rows.length, 1, "and nothing is sorted");
  }
});
