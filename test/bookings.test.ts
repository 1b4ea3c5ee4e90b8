import t from "tap";
import { ana, book, eleven, readEvents, readStarts, ten } from "./support/booking-calls.ts";
import { testedProvider, testOtherProviders } from "./support/calendar-providers.ts";
import { setSchedule } from "./support/schedule.ts";
import { createWorld } from "./support/world.ts";

const provider = testedProvider(import.meta.url);

t.test(
  "an appointment moves: the event with it, its old time is free, asked again it is the same",
  async (t) => {
    const world = await createWorld(t, { provider });
    await world.connected("luna");
    const { booking_id, event_id } = await book(world);
    const move = { booking_id, start_iso: eleven };
    const { answer } = await world.call("luna", "reschedule_booking", move);
    t.match(answer, { status: "confirmed", booking_id, start: eleven, weekday: "lunes" });
    t.match(await readEvents(world), [{ id: event_id, start: Date.parse(eleven) }]);
    t.equal((await readEvents(world)).length, 1);
    const free = await readStarts(world);
    t.ok(free.includes(ten));
    t.notOk(free.includes(eleven));
    t.strictSame((await world.call("luna", "reschedule_booking", move)).answer, answer);
    const half = { booking_id, start_iso: "2027-01-18T11:30:00-05:00" };
    t.match(await world.call("luna", "reschedule_booking", half), { answer: { start: half.start_iso } });
  },
);

t.test("it doesn't move onto anything, nor outside the hours, and stays where it was", async (t) => {
  const world = await createWorld(t, { provider });
  await world.connected("luna");
  const { booking_id, event_id } = await book(world);
  await book(world, { start_iso: eleven, attendee_name: "Bea" });
  const refused = {
    [eleven]: "slot_taken",
    "2027-01-18T20:00:00-05:00": "outside_hours",
    "2027-01-10T10:00:00-05:00": "too_soon",
    "2029-01-18T10:00:00-05:00": "too_far",
    "2027-01-18": "invalid_time",
  };
  for (const [start_iso, code] of Object.entries(refused)) {
    const { error } = await world.call("luna", "reschedule_booking", { booking_id, start_iso });
    t.equal(error.code, code, start_iso);
  }
  t.match(await world.call("luna", "reschedule_booking", { booking_id, start_iso: eleven }), {
    error: { alternatives: { length: 3 } },
  });
  const [mine] = (await readEvents(world)).filter(({ id }) => id === event_id);
  t.match(mine, { start: Date.parse(ten) });
});

t.test("a cancelled appointment leaves the calendar, and its time is free at once", async (t) => {
  const world = await createWorld(t, { provider });
  await world.connected("luna");
  const { booking_id } = await book(world);
  const { answer } = await world.call("luna", "cancel_booking", { booking_id });
  t.match(answer, { status: "cancelled", booking_id, start: ten, attendee_name: "Ana Ruiz" });
  t.strictSame(await readEvents(world), []);
  t.ok((await readStarts(world)).includes(ten));
  t.strictSame((await world.call("luna", "cancel_booking", { booking_id })).answer, answer, "and again");
  t.match(await world.call("luna", "reschedule_booking", { booking_id, start_iso: eleven }), {
    error: { code: "booking_not_found" },
  });
  t.match(await book(world), { status: "confirmed" });
});

t.test("a booking that isn't there, is another business's, or has begun can't be changed", async (t) => {
  const world = await createWorld(t, { provider });
  await world.connected("luna");
  await world.connected("sol");
  const { booking_id } = await book(world);
  for (const [customer, id] of [
    ["sol", booking_id],
    ["luna", "0000"],
  ]) {
    for (const [tool, args] of Object.entries({
      cancel_booking: {},
      reschedule_booking: { start_iso: eleven },
    })) {
      const { error } = await world.call(customer, tool, { booking_id: id, ...args });
      t.equal(error.code, "booking_not_found");
      t.match(error.next_step, "list_bookings");
    }
  }
  t.strictSame((await world.call("sol", "list_bookings", {})).answer.bookings, []);
  t.equal((await readEvents(world)).length, 1);
  world.clock.now = Date.parse(ten) + 1;
  t.match(await world.call("luna", "cancel_booking", { booking_id }), { error: { code: "too_soon" } });
});

t.test("appointments are found by phone, however it is written, by e-mail and by day", async (t) => {
  const world = await createWorld(t, { provider });
  await world.connected("luna");
  const { booking_id } = await book(world);
  await book(world, { start_iso: "2027-01-19T10:00:00-05:00", attendee_name: "Bea" });
  const list = async (args: object) => (await world.call("luna", "list_bookings", args)).answer.bookings;
  t.equal((await list({})).length, 2);
  t.match(await list({}), [
    { weekday: "lunes", label: "lunes 18 de enero de 2027, 10:00" },
    { weekday: "martes" },
  ]);
  for (const filter of [
    { attendee_phone: "573001234567" },
    { attendee_phone: "+57 (300) 123-4567" },
    { attendee_email: "ANA@example.com" },
    { to: "2027-01-18" },
  ]) {
    const found = await list(filter);
    t.match(found, [{ booking_id, attendee_phone: "+573001234567", attendee_email: "ana@example.com" }]);
    t.equal(found.length, 1, JSON.stringify(filter));
  }
  t.strictSame(await list({ attendee_phone: "+57 300 123 4568" }), []);
  t.equal((await list({ from: "2027-01-19" })).length, 1);
  t.match(await world.call("luna", "list_bookings", { attendee_phone: "12" }), {
    error: { code: "invalid_arguments" },
  });
});

t.test("business info names services, hours, today's date and the next opening", async (t) => {
  const world = await createWorld(t, { provider });
  await world.connected("luna");
  await setSchedule(world, "luna", {
    time_zone: "America/Lima",
    weekly_hours: { monday: [{ start: "09:00", end: "13:00" }], friday: [{ start: "20:00", end: "02:00" }] },
    date_overrides: [{ date: "2027-01-18", windows: [] }],
    holidays: { country: "PE" },
    services: [{ id: "cut", name: "Corte", duration_minutes: 45, price_text: "S/ 35" }],
  });
  const { answer } = await world.call("luna", "get_business_info", {});
  t.match(answer, {
    timezone: "America/Lima",
    today: "2027-01-17",
    weekday: "domingo",
    open_now: false,
    next_opening: {
      start: "2027-01-22T20:00:00-05:00",
      end: "2027-01-23T02:00:00-05:00",
      label: "viernes 22 de enero de 2027, 20:00",
    },
    services: [{ id: "cut", name: "Corte", duration_minutes: 45, price_text: "S/ 35" }],
    hours: ["Lunes: 09:00-13:00", "Martes: cerrado"],
    exceptions: ["lunes 18 de enero de 2027: cerrado"],
  });
  const holiday = await world.call("luna", "get_available_slots", { date_iso: "2027-01-01" });
  t.equal(holiday.answer.reason, "too_soon");
  const saintRose = await world.call("luna", "get_available_slots", { date_iso: "2027-08-30" });
  t.match(saintRose.answer, { reason: "closed", next_available: { start: "2027-09-03T20:00:00-05:00" } });
});

t.test("the attendee is invited and gets a Meet link where the schedule says so", async (t) => {
  const world = await createWorld(t, { provider });
  await world.connected("luna");
  await book(world, { start_iso: eleven, ...ana });
  t.match(await readEvents(world), [{ guests: [] }]);
  await setSchedule(world, "luna", { invite_attendees: true, add_meet_link: true });
  const again = { start_iso: ten, ...ana, idempotency_key: "k" };
  const answer = await book(world, again);
  if (provider.meetLinks === null) t.equal(answer.meet_link, undefined, "the provider has none");
  else t.match(answer.meet_link, provider.meetLinks);
  t.strictSame(await book(world, again), answer);
  const [event] = (await readEvents(world)).filter(({ id }) => id === answer.event_id);
  t.strictSame(event?.guests, ["ana@example.com"]);
});

t.test("a wall time without an offset is read in the schedule's zone", async (t) => {
  const world = await createWorld(t, { provider, now: Date.parse("2027-03-01T12:00:00Z") });
  await world.connected("luna");
  const everyDay = [{ start: "00:00", end: "24:00" }];
  const weekly_hours = Object.fromEntries(
    ["monday", "saturday", "sunday"].map((weekday) => [weekday, everyDay]),
  );
  await setSchedule(world, "luna", { time_zone: "America/New_York", weekly_hours });
  t.match(await book(world, { start_iso: "2027-03-13T10:00:00", attendee_name: "Ana" }), {
    start: "2027-03-13T10:00:00-05:00",
  });
  t.match(await world.call("luna", "book", { start_iso: "2027-03-14T02:30:00", attendee_name: "Ana" }), {
    error: {
      code: "invalid_time",
      readings: ["2027-03-14T01:30:00-05:00", "2027-03-14T03:30:00-04:00"],
    },
  });
  t.match(await world.call("luna", "book", { start_iso: "2027-11-07T01:30:00", attendee_name: "Ana" }), {
    error: {
      code: "invalid_time",
      readings: ["2027-11-07T01:30:00-04:00", "2027-11-07T01:30:00-05:00"],
    },
  });
});

t.test(
  "names and notes of any script stay what they are; what can't be a name or number is refused",
  async (t) => {
    const world = await createWorld(t, { provider });
    await world.connected("luna");
    const names = [
      "José Ñandú",
      "李小龍",
      "محمد عبد الله",
      "👩‍👧 Ana",
      "Ana\u0000 \u0007Ruiz",
      "\u202eanA",
      "A\ud800",
    ];
    const shown = ["José Ñandú", "李小龍", "محمد عبد الله", "👩‍👧 Ana", "Ana Ruiz", "anA", "A\ufffd"];
    for (const [i, attendee_name] of names.entries()) {
      const start_iso = `2027-01-18T${String(9 + i).padStart(2, "0")}:00:00-05:00`;
      const answer = await book(world, { start_iso, attendee_name, notes: attendee_name });
      t.equal(answer.attendee_name.replaceAll(/ +/g, " "), shown[i]);
    }
    const bad = [
      { attendee_name: "x".repeat(10_240) },
      { attendee_name: "\u0000\n" },
      { notes: "x".repeat(10_240) },
      { attendee_phone: "call me" },
      { attendee_phone: "+57 12" },
      { attendee_phone: "3001234567" },
      { attendee_email: "ana@" },
      { attendee_email: "ana example.com" },
    ];
    const tuesday = { start_iso: "2027-01-19T10:00:00-05:00", attendee_name: "Ana" };
    for (const args of bad) {
      const { error } = await world.call("luna", "book", { ...tuesday, ...args });
      t.equal(error?.code, "invalid_arguments", JSON.stringify(args).slice(0, 60));
      t.match(error.message, Object.keys(args)[0]);
    }
    t.equal((await readEvents(world)).length, names.length);
  },
);

t.test("a list hides nothing: a shorter horizon, another contact, a mixed-up range", async (t) => {
  const world = await createWorld(t, { provider });
  await world.connected("luna");
  await book(world, { start_iso: "2027-03-01T10:00:00-05:00", ...ana });
  await setSchedule(world, "luna", { horizon_days: 14 });
  const list = (args: object) => world.call("luna", "list_bookings", args);
  t.equal((await list({})).answer.bookings.length, 1);
  const either = { attendee_phone: "+57 300 123 4567", attendee_email: "other@example.com" };
  t.equal((await list(either)).answer.bookings.length, 1);
  t.match(await list({ from: "2027-03-02", to: "2027-03-01" }), { error: { code: "invalid_time" } });
});

t.test("the same key is the same booking, whatever the schedule says by then", async (t) => {
  const world = await createWorld(t, { provider });
  await world.connected("luna");
  const request = { start_iso: ten, attendee_name: "Ana", idempotency_key: "k" };
  const first = await book(world, request);
  await setSchedule(world, "luna", { services: [{ id: "cut", name: "Corte", duration_minutes: 60 }] });
  t.strictSame(await book(world, request), first);
});

testOtherProviders(import.meta.url);
