import { sql } from "kysely";
import t from "tap";
import { testedProvider, testOtherProviders } from "./support/calendar-providers.ts";
import {
  at,
  book,
  changeAccount,
  changeBooking,
  connectAccount,
  customerPath,
  days,
  disconnect,
  listBookings,
  listStranded,
  monday,
  newAccount,
  openLuna,
  readActivity,
  readCustomer,
  readEvents,
} from "./support/stranded-bookings.ts";

const provider = testedProvider(import.meta.url);

t.test("bookings in the calendar before go on blocking, and cost no request", async (t) => {
  const world = await openLuna(t, provider);
  const starts = days.flatMap((day) =>
    ["09:00", "09:30", "10:00", "10:30", "11:00", "12:00", "13:00", "14:00", "15:00", "16:00"].map((time) =>
      at(day, time),
    ),
  );
  for (const start of starts) await book(world, start, { attendee_phone: "+57 300 123 4567" });
  const before = await readEvents(world, "luna@example.com");
  t.equal(before.size, 30);
  t.strictSame(await listStranded(world), []);
  t.equal((await readCustomer(world)).stranded_bookings, 0);
  await changeAccount(world);

  for (const day of days) {
    const { answer } = await world.call("luna", "get_available_slots", { date_iso: day });
    const offered = answer.slots.map(({ start }: { start: string }) => start);
    t.ok(offered.includes(at(day, "11:30")));
    t.strictSame(
      offered.filter((start: string) => starts.includes(start)),
      [],
      "nothing of the old account is offered",
    );
    t.strictSame(world.providerCalls.take(), ["list"]);
  }
  for (const filter of [{}, { attendee_phone: "+57 300 123 4567" }, { from: days[2] }]) {
    const { answer } = await world.call("luna", "list_bookings", filter);
    t.equal(answer.bookings.length, "from" in filter ? 10 : 30);
    t.strictSame(
      world.providerCalls.take().filter((call) => call !== "list"),
      [],
      "none of their events is asked for",
    );
  }
  const taken = await world.call("luna", "book", { start_iso: monday("09:00"), attendee_name: "Bea" });
  t.match(taken, { error: { code: "slot_taken", alternatives: [{ start: monday("11:30") }, {}, {}] } });
  t.strictSame(
    world.providerCalls.take().filter((call) => call !== "list"),
    [],
  );

  t.equal((await listStranded(world)).length, 30);
  t.equal((await readCustomer(world)).stranded_bookings, 30);
  t.match(await listBookings(world), Array(30).fill({ stranded: true }));
  t.strictSame(await readActivity(world, "bookings_stranded"), [{ count: 30 }]);
  const page = (await world.api("GET", `${customerPath}/bookings?status=stranded&limit=20`)).body;
  const rest = (await world.api("GET", `${customerPath}/bookings?status=stranded&cursor=${page.next_cursor}`))
    .body;
  t.strictSame([...page.bookings, ...rest.bookings], await listStranded(world));
  world.clock.now = Date.parse(at(days[1] ?? "", "09:00"));
  t.equal((await listStranded(world)).length, 19, "what has begun isn't waiting for anybody");
  t.equal((await readCustomer(world)).stranded_bookings, 19);
  t.equal((await listBookings(world, "from=2027-01-18T00:00:00Z")).filter((one) => one.stranded).length, 19);
  t.strictSame(await readEvents(world, "luna@example.com"), before, "and nobody has touched its events");
});

t.test("once the first account is connected again they are ordinary bookings", async (t) => {
  const world = await openLuna(t, provider);
  const nine = await book(world, monday("09:00"));
  await book(world, monday("10:00"));
  await changeAccount(world);
  const inNew = await book(world, monday("11:00"));
  t.equal((await listStranded(world)).length, 2);

  await connectAccount(world, "luna@example.com");
  t.match(await listStranded(world), [{ booking_id: inNew.booking_id }], "now it is the other one's");
  t.strictSame(await readActivity(world, "bookings_stranded"), [{ count: 1 }, { count: 2 }]);
  await (await world.ownerOf("luna")).remove(nine.event_id);
  world.clock.now += 1_000;
  const { answer } = await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" });
  const offered = answer.slots.map(({ start }: { start: string }) => start);
  t.ok(offered.includes(monday("09:00")), "what is done in its calendar by hand counts again");
  t.notOk(offered.includes(monday("11:00")));

  await connectAccount(world, "luna@example.com");
  t.equal(
    (await readActivity(world, "bookings_stranded")).length,
    2,
    "the same account again strands nothing",
  );
});

t.test("nothing is stranded while no account is connected, and none that has begun is counted", async (t) => {
  const world = await openLuna(t, provider);
  const { booking_id } = await book(world, monday("09:00"));
  await disconnect(world);
  t.strictSame(await listStranded(world), []);
  t.match(await readCustomer(world), { status: "disconnected", stranded_bookings: 0 });
  t.match(await listBookings(world), [{ booking_id, stranded: false }]);
  for (const [action, body] of [["cancel"], ["reschedule", { start_iso: monday("10:00") }]] as const) {
    t.match(await changeBooking(world, booking_id, action, body), {
      status: 409,
      body: { code: "not_connected" },
    });
  }
  world.clock.now = Date.parse(monday("09:00"));
  await connectAccount(world, newAccount);
  t.strictSame(await readActivity(world, "bookings_stranded"), [], "it has begun");
  for (const [action, body] of [["cancel"], ["reschedule", { start_iso: monday("12:00") }]] as const) {
    t.match(await changeBooking(world, booking_id, action, body), {
      status: 409,
      body: { code: "too_soon" },
    });
  }
});

t.test(
  "bookings from before accounts were kept learn theirs, and aren't asked for at each reading",
  async (t) => {
    const world = await openLuna(t, provider);
    const times = ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30", "12:00", "12:30"];
    for (const day of days) for (const time of times) await book(world, at(day, time));
    const forgetAccounts = (ids: readonly string[]) =>
      sql`update bookings set account_id = null where id in (${sql.join(ids)})`.execute(world.mcp.db);
    const ofDay = async (day: string) =>
      (await listBookings(world))
        .filter(({ start }) => start.startsWith(day))
        .map(({ booking_id }) => booking_id);
    const all = (await listBookings(world)).map(({ booking_id }) => booking_id);
    await forgetAccounts(all);
    world.clock.now += 1_000;
    world.providerCalls.take();
    const ask = (date_iso = "") => world.call("luna", "get_available_slots", { date_iso });
    await ask(days[0]);
    t.strictSame(
      world.providerCalls.take(),
      ["list"],
      "an event that the list shows at its time needs no fetch",
    );

    await changeAccount(world);
    const learnt = (await listStranded(world)).map(({ start }) => start.slice(0, 10));
    t.strictSame([...new Set(learnt)], [days[0]], "those that the reading showed know their account");
    t.equal(learnt.length, times.length);
    const unknown = await ofDay(days[1] ?? "");
    t.match(await listBookings(world), { length: days.length * times.length });
    await ask(days[1]);
    t.ok(
      world.providerCalls.take().filter((call) => call === "get").length >= unknown.length,
      "each is fetched once",
    );
    for (let readings = 0; readings < 3; readings++) {
      const { answer } = await ask(days[1]);
      const offered = answer.slots.map(({ start }: { start: string }) => start.slice(11, 16));
      t.strictSame(offered[0], "13:00", "and they go on blocking");
      t.strictSame(world.providerCalls.take(), ["list"]);
    }
  },
);

testOtherProviders(import.meta.url);
