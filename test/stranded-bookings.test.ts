import { sql } from "kysely";
import t from "tap";
import { createWorld, type World } from "./support/world.ts";

const customer = "/v1/customer-calendars/luna";
const newAccount = "nueva@example.com";
const days = ["2027-01-18", "2027-01-19", "2027-01-20"];
const at = (day: string, time: string) => `${day}T${time}:00-05:00`;
const monday = (time: string) => at("2027-01-18", time);

type Shown = { booking_id: string; start: string; event_id: string; stranded: boolean };
type Stored = { id: string; status: string; start: { dateTime: string } };

async function book(world: World, start_iso: string, args: object = {}) {
  const request = { start_iso, attendee_name: "Ana Ruiz", ...args };
  const { answer, error } = await world.call("luna", "book", request);
  if (error !== undefined) throw new Error(JSON.stringify(error));
  return answer;
}

async function bookings(world: World, query = ""): Promise<Shown[]> {
  const { body } = await world.api("GET", `${customer}/bookings?limit=200&${query}`);
  return body.bookings;
}

const stranded = (world: World) => bookings(world, "status=stranded");

async function details(world: World) {
  return (await world.api("GET", customer)).body;
}

/** Events of an account's calendar, by id. */
async function eventsOf(world: World, account: string): Promise<Map<string, string>> {
  const { events } = await world.sandbox("GET", `events?email=${account}`);
  const left = (events as Stored[]).filter(({ status }) => status !== "cancelled");
  return new Map(left.map(({ id, start }) => [id, new Date(start.dateTime).toISOString()]));
}

async function connectAccount(world: World, account: string): Promise<void> {
  const { body } = await world.connect("luna", { any_account: true, renew: true });
  const page = await world.consent(body.shareable_link, { account });
  if (page.status !== 200) throw new Error(page.text);
}

async function disconnect(world: World): Promise<void> {
  const { status } = await world.api("DELETE", customer);
  if (status !== 200) throw new Error("not disconnected");
}

/** Another account takes the place of Luna's first one. */
async function changeAccount(world: World): Promise<void> {
  await disconnect(world);
  await connectAccount(world, newAccount);
  world.googleCalls.take();
}

async function openLuna(t: Parameters<typeof createWorld>[0]): Promise<World> {
  const world = await createWorld(t);
  await world.connected("luna");
  await world.sandbox("POST", "accounts", { email: newAccount, time_zone: "America/Bogota" });
  return world;
}

const change = (world: World, bookingId: string, action: string, body?: object) =>
  world.api("POST", `${customer}/bookings/${bookingId}/${action}`, body);

async function activity(world: World, kind: string) {
  const { body } = await world.api("GET", `${customer}/activity?limit=200`);
  return body.activity
    .filter((one: { kind: string }) => one.kind === kind)
    .map(({ detail }: { detail: object }) => detail);
}

t.test("bookings in the calendar before go on blocking, and cost no request", async (t) => {
  const world = await openLuna(t);
  const starts = days.flatMap((day) =>
    ["09:00", "09:30", "10:00", "10:30", "11:00", "12:00", "13:00", "14:00", "15:00", "16:00"].map((time) =>
      at(day, time),
    ),
  );
  for (const start of starts) await book(world, start, { attendee_phone: "+57 300 123 4567" });
  const before = await eventsOf(world, "luna@example.com");
  t.equal(before.size, 30);
  t.strictSame(await stranded(world), []);
  t.equal((await details(world)).stranded_bookings, 0);
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
    t.strictSame(world.googleCalls.take(), ["list"]);
  }
  for (const filter of [{}, { attendee_phone: "+57 300 123 4567" }, { from: days[2] }]) {
    const { answer } = await world.call("luna", "list_bookings", filter);
    t.equal(answer.bookings.length, "from" in filter ? 10 : 30);
    t.strictSame(
      world.googleCalls.take().filter((call) => call !== "list"),
      [],
      "none of their events is asked for",
    );
  }
  const taken = await world.call("luna", "book", { start_iso: monday("09:00"), attendee_name: "Bea" });
  t.match(taken, { error: { code: "slot_taken", alternatives: [{ start: monday("11:30") }, {}, {}] } });
  t.strictSame(
    world.googleCalls.take().filter((call) => call !== "list"),
    [],
  );

  t.equal((await stranded(world)).length, 30);
  t.equal((await details(world)).stranded_bookings, 30);
  t.match(await bookings(world), Array(30).fill({ stranded: true }));
  t.strictSame(await activity(world, "bookings_stranded"), [{ count: 30 }]);
  const page = (await world.api("GET", `${customer}/bookings?status=stranded&limit=20`)).body;
  const rest = (await world.api("GET", `${customer}/bookings?status=stranded&cursor=${page.next_cursor}`))
    .body;
  t.strictSame([...page.bookings, ...rest.bookings], await stranded(world));
  world.clock.now = Date.parse(at(days[1] ?? "", "09:00"));
  t.equal((await stranded(world)).length, 19, "what has begun isn't waiting for anybody");
  t.equal((await details(world)).stranded_bookings, 19);
  t.equal((await bookings(world, "from=2027-01-18T00:00:00Z")).filter((one) => one.stranded).length, 19);
  t.strictSame(await eventsOf(world, "luna@example.com"), before, "and nobody has touched its events");
});

t.test("agents cancel stranded bookings, and have them written anew", async (t) => {
  const world = await openLuna(t);
  const [nine, ten, eleven] = [
    await book(world, monday("09:00"), { idempotency_key: "one" }),
    await book(world, monday("10:00")),
    await book(world, monday("11:00")),
  ];
  const before = await eventsOf(world, "luna@example.com");
  await changeAccount(world);

  const again = { start_iso: monday("09:00"), attendee_name: "Ana Ruiz", idempotency_key: "one" };
  t.match(await world.call("luna", "book", again), {
    error: {
      code: "calendar_unavailable",
      retryable: false,
      message: /en un calendario que el negocio ya no tiene conectado/,
      next_step: /reschedule_booking/,
    },
  });
  t.strictSame(world.googleCalls.take(), [], "it is known without asking");

  const cancelled = await world.call("luna", "cancel_booking", { booking_id: nine.booking_id });
  t.match(cancelled.answer, { status: "cancelled", start: monday("09:00") });
  t.strictSame(world.googleCalls.take(), []);

  const move = (booking: { booking_id: string }, start_iso: string) =>
    world.call("luna", "reschedule_booking", { booking_id: booking.booking_id, start_iso });
  t.match((await move(ten, monday("10:00"))).answer, { booking_id: ten.booking_id, start: monday("10:00") });
  t.match((await move(eleven, monday("09:00"))).answer, { start: monday("09:00") });
  const written = await eventsOf(world, newAccount);
  t.strictSame([...written.values()].sort(), ["2027-01-18T14:00:00.000Z", "2027-01-18T15:00:00.000Z"]);
  t.strictSame(await eventsOf(world, "luna@example.com"), before, "the old ones are as they were");

  t.match(await bookings(world), [
    { booking_id: eleven.booking_id, start: monday("09:00"), stranded: false },
    { booking_id: ten.booking_id, start: monday("10:00"), stranded: false },
  ]);
  for (const { event_id } of await bookings(world)) t.ok(written.has(event_id), "their event is the new one");
  t.match(
    (await move(ten, monday("12:00"))).answer,
    { start: monday("12:00") },
    "from now on they are ordinary",
  );
  t.match(await world.call("luna", "cancel_booking", { booking_id: ten.booking_id }), { answer: {} });
  t.equal((await eventsOf(world, newAccount)).size, 1);
});

t.test("an admin cancels stranded bookings, and has them written anew", async (t) => {
  const world = await openLuna(t);
  const nine = await book(world, monday("09:00"), { notes: "First visit" });
  const ten = await book(world, monday("10:00"));
  const eleven = await book(world, monday("11:00"));
  await changeAccount(world);

  const rewritten = await change(world, nine.booking_id, "reschedule", { start_iso: nine.start });
  t.match(rewritten, {
    status: 200,
    body: { booking_id: nine.booking_id, start: nine.start, status: "confirmed", stranded: false },
  });
  t.not(rewritten.body.event_id, nine.event_id);
  t.equal(rewritten.body.notes, "First visit");
  const moved = await change(world, ten.booking_id, "reschedule", { start_iso: "2027-01-18T12:00" });
  t.match(moved, { status: 200, body: { start: monday("12:00"), stranded: false } });
  const cancelled = await change(world, eleven.booking_id, "cancel");
  t.match(cancelled, { status: 200, body: { status: "cancelled", stranded: false } });
  const again = await change(world, eleven.booking_id, "cancel");
  t.strictSame(again.body, cancelled.body, "and again");
  t.strictSame(
    (await change(world, nine.booking_id, "reschedule", { start_iso: nine.start })).body,
    rewritten.body,
  );

  t.strictSame([...(await eventsOf(world, newAccount)).keys()].sort(), [
    ...[rewritten.body.event_id, moved.body.event_id].sort(),
  ]);
  t.equal((await eventsOf(world, "luna@example.com")).size, 3);
  t.strictSame(await stranded(world), []);
  t.equal((await details(world)).stranded_bookings, 0);
  t.match(await activity(world, "rescheduled"), [
    { booking_id: ten.booking_id, from: monday("10:00"), start: monday("12:00"), by: "admin" },
    { booking_id: nine.booking_id, from: monday("09:00"), start: monday("09:00"), by: "admin" },
  ]);
  t.match(await activity(world, "cancelled"), [{ booking_id: eleven.booking_id, by: "admin" }]);
  const { answer } = await world.call("luna", "list_bookings", {});
  t.strictSame(
    answer.bookings.map(({ start }: Shown) => start),
    [monday("09:00"), monday("12:00")],
  );
});

t.test(
  "writing anew that fails leaves the booking where it was, and works when it is repeated",
  async (t) => {
    const world = await openLuna(t);
    const { booking_id, event_id } = await book(world, monday("09:00"));
    await changeAccount(world);
    const events = "/calendar/v3/calendars/primary/events";
    const failures: [name: string, fault: object, status: number][] = [
      ["refused", { method: "POST", path: events, status: 400 }, 503],
      ["limited", { method: "POST", path: events, status: 429 }, 503],
      ["not readable", { method: "GET", path: events, status: 503 }, 503],
    ];
    for (const [name, fault, status] of failures) {
      await world.sandbox("POST", "faults", fault);
      t.match(
        await change(world, booking_id, "reschedule", { start_iso: monday("09:00") }),
        { status },
        name,
      );
      await world.sandbox("DELETE", "faults");
      t.match(await stranded(world), [{ booking_id, event_id, start: monday("09:00") }]);
      t.equal((await eventsOf(world, newAccount)).size, 0, `${name}: nothing is left in the new calendar`);
    }
    await world.sandbox("POST", "faults", { method: "POST", path: events, drop: "answer", times: 1 });
    t.match(await change(world, booking_id, "reschedule", { start_iso: monday("09:00") }), { status: 200 });
    t.equal((await eventsOf(world, newAccount)).size, 1, "also where the first answer is lost");
  },
);

t.test(
  "of an agent and an admin who write the same booking anew one wins, and there is one event",
  async (t) => {
    const world = await openLuna(t);
    const { booking_id } = await book(world, monday("09:00"));
    await changeAccount(world);
    await Promise.all([
      world.call("luna", "reschedule_booking", { booking_id, start_iso: monday("12:00") }),
      change(world, booking_id, "reschedule", { start_iso: monday("13:00") }),
    ]);
    const [shown, ...others] = await bookings(world);
    t.strictSame(others, []);
    t.match(shown, { booking_id, stranded: false });
    t.strictSame(
      [...(await eventsOf(world, newAccount))],
      [[shown?.event_id, new Date(shown?.start ?? "").toISOString()]],
    );
  },
);

t.test("once the first account is connected again they are ordinary bookings", async (t) => {
  const world = await openLuna(t);
  const nine = await book(world, monday("09:00"));
  await book(world, monday("10:00"));
  await changeAccount(world);
  const inNew = await book(world, monday("11:00"));
  t.equal((await stranded(world)).length, 2);

  await connectAccount(world, "luna@example.com");
  t.match(await stranded(world), [{ booking_id: inNew.booking_id }], "now it is the other one's");
  t.strictSame(await activity(world, "bookings_stranded"), [{ count: 1 }, { count: 2 }]);
  await world.byHand("luna", "DELETE", nine.event_id);
  world.clock.now += 1_000;
  const { answer } = await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" });
  const offered = answer.slots.map(({ start }: Shown) => start);
  t.ok(offered.includes(monday("09:00")), "what is done in its calendar by hand counts again");
  t.notOk(offered.includes(monday("11:00")));

  await connectAccount(world, "luna@example.com");
  t.equal((await activity(world, "bookings_stranded")).length, 2, "the same account again strands nothing");
});

t.test("nothing is stranded while no account is connected, and nothing behind is told of", async (t) => {
  const world = await openLuna(t);
  const { booking_id } = await book(world, monday("09:00"));
  await disconnect(world);
  t.strictSame(await stranded(world), []);
  t.match(await details(world), { status: "disconnected", stranded_bookings: 0 });
  t.match(await bookings(world), [{ booking_id, stranded: false }]);
  for (const [action, body] of [["cancel"], ["reschedule", { start_iso: monday("10:00") }]] as const) {
    t.match(await change(world, booking_id, action, body), { status: 409, body: { code: "not_connected" } });
  }
  world.clock.now = Date.parse(monday("09:00"));
  await connectAccount(world, newAccount);
  t.strictSame(await activity(world, "bookings_stranded"), [], "it has begun");
  for (const [action, body] of [["cancel"], ["reschedule", { start_iso: monday("12:00") }]] as const) {
    t.match(await change(world, booking_id, action, body), { status: 409, body: { code: "too_soon" } });
  }
});

t.test(
  "bookings from before accounts were kept learn theirs, and aren't asked for at each reading",
  async (t) => {
    const world = await openLuna(t);
    const times = ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30", "12:00", "12:30"];
    for (const day of days) for (const time of times) await book(world, at(day, time));
    const forgetAccounts = (ids: readonly string[]) =>
      sql`update bookings set account_id = null where id in (${sql.join(ids)})`.execute(world.mcp.db);
    const ofDay = async (day: string) =>
      (await bookings(world))
        .filter(({ start }) => start.startsWith(day))
        .map(({ booking_id }) => booking_id);
    const all = (await bookings(world)).map(({ booking_id }) => booking_id);
    await forgetAccounts(all);
    world.clock.now += 1_000;
    world.googleCalls.take();
    const ask = (date_iso = "") => world.call("luna", "get_available_slots", { date_iso });
    await ask(days[0]);
    t.strictSame(world.googleCalls.take(), ["list"], "what is shown where it should be needs no look");

    await changeAccount(world);
    const learnt = (await stranded(world)).map(({ start }) => start.slice(0, 10));
    t.strictSame([...new Set(learnt)], [days[0]], "those that the reading showed know their account");
    t.equal(learnt.length, times.length);
    const unknown = await ofDay(days[1] ?? "");
    t.match(await bookings(world), { length: days.length * times.length });
    await ask(days[1]);
    t.ok(
      world.googleCalls.take().filter((call) => call === "get").length >= unknown.length,
      "looked at once",
    );
    for (let readings = 0; readings < 3; readings++) {
      const { answer } = await ask(days[1]);
      const offered = answer.slots.map(({ start }: Shown) => start.slice(11, 16));
      t.strictSame(offered[0], "13:00", "and they go on blocking");
      t.strictSame(world.googleCalls.take(), ["list"]);
    }
  },
);
