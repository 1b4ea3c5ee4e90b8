import t from "tap";
import { createWorld, type World } from "./support/world.ts";

const ten = "2027-01-18T10:00:00-05:00";
const eleven = "2027-01-18T11:00:00-05:00";
const monday = { date_iso: "2027-01-18" };
const ana = {
  attendee_name: "Ana Ruiz",
  attendee_phone: "+57 300 123 4567",
  attendee_email: "ana@example.com",
};

type Slot = { start: string };

async function startsOf(world: World, args: object = monday): Promise<string[]> {
  const { answer } = await world.call("luna", "get_available_slots", args);
  return answer.slots.map(({ start }: Slot) => start);
}

async function eventsLeft(world: World) {
  const { events } = await world.sandbox("GET", "events?email=luna@example.com");
  return events.filter(({ status }: { status: string }) => status !== "cancelled");
}

async function setSchedule(world: World, schedule: object): Promise<void> {
  const { status, body } = await world.api("PUT", "/v1/customer-calendars/luna/schedule", schedule);
  if (status !== 200) throw new Error(JSON.stringify(body));
}

async function booked(world: World, args: object = { start_iso: ten, ...ana }) {
  const { answer, error } = await world.call("luna", "book", args);
  if (error !== undefined) throw new Error(JSON.stringify(error));
  return answer;
}

t.test(
  "an appointment moves: the event with it, its old time is free, asked again it is the same",
  async (t) => {
    const world = await createWorld(t);
    await world.connected("luna");
    const { booking_id, event_id } = await booked(world);
    const move = { booking_id, start_iso: eleven };
    const { answer } = await world.call("luna", "reschedule_booking", move);
    t.match(answer, { status: "confirmed", booking_id, start: eleven, weekday: "lunes" });
    t.match(await eventsLeft(world), [{ id: event_id, start: { dateTime: eleven } }]);
    t.equal((await eventsLeft(world)).length, 1);
    const free = await startsOf(world);
    t.ok(free.includes(ten));
    t.notOk(free.includes(eleven));
    t.strictSame((await world.call("luna", "reschedule_booking", move)).answer, answer);
    const half = { booking_id, start_iso: "2027-01-18T11:30:00-05:00" };
    t.match(await world.call("luna", "reschedule_booking", half), { answer: { start: half.start_iso } });
  },
);

t.test("it doesn't move onto anything, nor outside the hours, and stays where it was", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const { booking_id, event_id } = await booked(world);
  await booked(world, { start_iso: eleven, attendee_name: "Bea" });
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
  const [mine] = (await eventsLeft(world)).filter(({ id }: { id: string }) => id === event_id);
  t.match(mine, { start: { dateTime: ten } });
});

t.test("a cancelled appointment leaves the calendar, and its time is free at once", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const { booking_id } = await booked(world);
  const { answer } = await world.call("luna", "cancel_booking", { booking_id });
  t.match(answer, { status: "cancelled", booking_id, start: ten, attendee_name: "Ana Ruiz" });
  t.strictSame(await eventsLeft(world), []);
  t.ok((await startsOf(world)).includes(ten));
  t.strictSame((await world.call("luna", "cancel_booking", { booking_id })).answer, answer, "and again");
  t.match(await world.call("luna", "reschedule_booking", { booking_id, start_iso: eleven }), {
    error: { code: "booking_not_found" },
  });
  t.match(await booked(world), { status: "confirmed" });
});

t.test("a booking that isn't there, is another business's, or has begun can't be changed", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await world.connected("sol");
  const { booking_id } = await booked(world);
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
  t.equal((await eventsLeft(world)).length, 1);
  world.clock.now = Date.parse(ten) + 1;
  t.match(await world.call("luna", "cancel_booking", { booking_id }), { error: { code: "too_soon" } });
});

t.test("appointments are found by phone, however it is written, by e-mail and by day", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const { booking_id } = await booked(world);
  await booked(world, { start_iso: "2027-01-19T10:00:00-05:00", attendee_name: "Bea" });
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

t.test("what a person does to an event in the calendar is noticed at the next reading", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const { booking_id, event_id } = await booked(world);
  world.clock.now += 1_000;
  await world.byHand("luna", "PATCH", event_id, {
    start: { dateTime: "2027-01-20T15:00:00-05:00" },
    end: { dateTime: "2027-01-20T15:30:00-05:00" },
  });
  t.ok((await startsOf(world)).includes(ten), "its old time is free");
  const { answer } = await world.call("luna", "list_bookings", {});
  t.match(answer.bookings, [{ booking_id, start: "2027-01-20T15:00:00-05:00", weekday: "miércoles" }]);
  t.notOk((await startsOf(world, { date_iso: "2027-01-20" })).includes("2027-01-20T15:00:00-05:00"));

  world.clock.now += 1_000;
  await world.byHand("luna", "DELETE", event_id);
  t.strictSame((await world.call("luna", "list_bookings", {})).answer.bookings, []);
  t.match(await world.call("luna", "cancel_booking", { booking_id }), { answer: { status: "cancelled" } });
});

t.test("the business tells its services, hours, today's date and the next opening", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await setSchedule(world, {
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

t.test("a group has its places, buffers keep their distance, a full day is full", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const group = { id: "yoga", name: "Yoga", duration_minutes: 60, capacity: 2, buffer_after_minutes: 30 };
  const single = { id: "talk", name: "Charla", duration_minutes: 30 };
  await setSchedule(world, { services: [group, single], max_bookings_per_day: 4 });
  const yoga = (start_iso: string) =>
    world.call("luna", "book", { start_iso, service: "yoga", attendee_name: "Ana" });
  t.match(await yoga(ten), { answer: { end: eleven, service: "yoga" } });
  t.notOk((await startsOf(world, { ...monday, service: "talk" })).includes(ten), "another service waits");
  t.match(await yoga(ten), { answer: { status: "confirmed" } });
  t.match(await yoga(ten), { error: { code: "slot_taken" } });
  t.equal((await eventsLeft(world)).length, 2);
  t.match(await yoga(eleven), { error: { code: "slot_taken" } }, "the buffer after the first group");
  const talks = await startsOf(world, { ...monday, service: "talk" });
  t.notOk(talks.includes(eleven));
  t.ok(talks.includes("2027-01-18T11:30:00-05:00"));
  t.match(await yoga("2027-01-18T14:00:00-05:00"), { answer: { status: "confirmed" } });
  t.match(await yoga("2027-01-18T14:00:00-05:00"), { answer: { status: "confirmed" } });
  const full = await world.call("luna", "get_available_slots", { ...monday, service: "talk" });
  t.match(full.answer, { slots: [], reason: "fully_booked", next_available: { weekday: "martes" } });
  t.match(await yoga("2027-01-18T16:00:00-05:00"), { error: { code: "slot_taken" } });
});

t.test("other calendars block as well, and tentative events as the schedule says", async (t) => {
  const world = await createWorld(t);
  const at = (hour: number, extra: object = {}) => ({
    summary: "x",
    start: `2027-01-18T${hour}:00:00`,
    end: `2027-01-18T${hour + 1}:00:00`,
    ...extra,
  });
  const team = "team@group.calendar.google.com";
  await world.connected("luna", {
    events: [at(10), at(12, { status: "tentative" })],
    calendars: [{ id: team, events: [at(11)] }],
  });
  t.ok((await startsOf(world)).includes(eleven));
  await setSchedule(world, { busy_calendars: ["primary", team], tentative_is_busy: false });
  const free = await startsOf(world);
  t.notOk(free.includes(ten));
  t.notOk(free.includes(eleven));
  t.ok(free.includes("2027-01-18T12:00:00-05:00"));
  const gone = `/calendar/v3/calendars/${encodeURIComponent(team)}/`;
  await world.sandbox("POST", "faults", { path: gone, status: 404 });
  t.match(await world.call("luna", "get_available_slots", monday), {
    error: { code: "calendar_unavailable" },
  });
});

t.test("the attendee is invited and gets a Meet link where the schedule says so", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await booked(world, { start_iso: eleven, ...ana });
  t.notMatch(JSON.stringify(await eventsLeft(world)), "attendees");
  await setSchedule(world, { invite_attendees: true, add_meet_link: true });
  const again = { start_iso: ten, ...ana, idempotency_key: "k" };
  const answer = await booked(world, again);
  t.match(answer.meet_link, /^https:\/\/meet\.google\.com\//);
  t.strictSame(await booked(world, again), answer);
  const [event] = (await eventsLeft(world)).filter(({ id }: { id: string }) => id === answer.event_id);
  t.match(event, {
    hangoutLink: answer.meet_link,
    attendees: [{ email: "ana@example.com", displayName: "Ana Ruiz" }],
  });
});

t.test("those who ask together, or again at once, share a reading; what we book drops it", async (t) => {
  const world = await createWorld(t, { cacheSeconds: 60 });
  await world.connected("luna");
  await world.sandbox("DELETE", "calls");
  await Promise.all(Array.from({ length: 20 }, () => startsOf(world, { date_iso: "2027-01-19" })));
  await startsOf(world, { date_iso: "2027-01-19", duration_minutes: 60 });
  t.equal((await world.sandbox("GET", "calls")).total, 1);
  await booked(world);
  t.notOk((await startsOf(world)).includes(ten));

  await world.byHand("luna", "POST", undefined, {
    start: { dateTime: eleven },
    end: { dateTime: "2027-01-18T12:00:00-05:00" },
  });
  t.ok((await startsOf(world)).includes(eleven), "a moment old");
  t.match(
    await world.call("luna", "book", { start_iso: eleven, attendee_name: "Bea" }),
    { error: { code: "slot_taken" } },
    "but never for a booking",
  );
});

t.test("a reading that failed is nobody else's answer", async (t) => {
  const world = await createWorld(t, { cacheSeconds: 60 });
  await world.connected("luna");
  await world.sandbox("POST", "faults", { path: "/calendar/v3", status: 503 });
  t.match(await world.call("luna", "get_available_slots", monday), {
    error: { code: "calendar_unavailable" },
  });
  await world.sandbox("DELETE", "faults");
  t.ok((await startsOf(world)).length > 0);
});

t.test("a wall time without an offset is read in the schedule's zone", async (t) => {
  const world = await createWorld(t, { now: Date.parse("2027-03-01T12:00:00Z") });
  await world.connected("luna");
  const everyDay = [{ start: "00:00", end: "24:00" }];
  const weekly_hours = Object.fromEntries(
    ["monday", "saturday", "sunday"].map((weekday) => [weekday, everyDay]),
  );
  await setSchedule(world, { time_zone: "America/New_York", weekly_hours });
  t.match(await booked(world, { start_iso: "2027-03-13T10:00:00", attendee_name: "Ana" }), {
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
    const world = await createWorld(t);
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
      const answer = await booked(world, { start_iso, attendee_name, notes: attendee_name });
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
    t.equal((await eventsLeft(world)).length, names.length);
  },
);

t.test("a group stays within its places, also when the owner drags people together", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await setSchedule(world, { services: [{ id: "yoga", name: "Yoga", duration_minutes: 30, capacity: 2 }] });
  await booked(world, { start_iso: ten, attendee_name: "Ana" });
  const { event_id } = await booked(world, { start_iso: eleven, attendee_name: "Bea" });
  world.clock.now += 1_000;
  await world.byHand("luna", "PATCH", event_id, {
    start: { dateTime: ten },
    end: { dateTime: "2027-01-18T10:30:00-05:00" },
  });
  t.notOk((await startsOf(world)).includes(ten));
  t.match(await world.call("luna", "book", { start_iso: ten, attendee_name: "Eva" }), {
    error: { code: "slot_taken" },
  });
});

t.test("another account's calendar takes no appointment away, and one may still be cancelled", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const { booking_id } = await booked(world);
  const account = { email: "luna@example.com", time_zone: "America/Bogota", events: [] };
  await world.sandbox("POST", "accounts", account);
  world.clock.now += 3_000_000;
  t.notOk((await startsOf(world)).includes(ten));
  t.match((await world.call("luna", "list_bookings", {})).answer.bookings, [{ booking_id }]);
  t.match(await world.call("luna", "cancel_booking", { booking_id }), { answer: { status: "cancelled" } });
  t.ok((await startsOf(world)).includes(ten));
});

t.test("one answer that says not found is not believed", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const { booking_id, event_id } = await booked(world);
  const path = `/calendar/v3/calendars/primary/events/${event_id}`;
  await world.sandbox("POST", "faults", { method: "DELETE", path, status: 404, times: 1 });
  t.match(await world.call("luna", "cancel_booking", { booking_id }), {
    error: { code: "calendar_unavailable" },
  });
  t.match(await world.call("luna", "cancel_booking", { booking_id }), { answer: { status: "cancelled" } });
  t.strictSame(await eventsLeft(world), []);
});

t.test("an appointment the owner put off can still be changed, and said to be so first", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const { booking_id, event_id } = await booked(world);
  await world.byHand("luna", "PATCH", event_id, {
    start: { dateTime: "2027-01-18T15:00:00-05:00" },
    end: { dateTime: "2027-01-18T15:30:00-05:00" },
  });
  world.clock.now = Date.parse(ten) - 60_000;
  await startsOf(world, { date_iso: "2027-02-01" });
  world.clock.now = Date.parse("2027-01-18T10:20:00-05:00");
  t.match(await world.call("luna", "cancel_booking", { booking_id }), {
    error: { code: "booking_not_found", now_at: { start: "2027-01-18T15:00:00-05:00" } },
  });
  t.match(await world.call("luna", "cancel_booking", { booking_id }), {
    answer: { status: "cancelled", start: "2027-01-18T15:00:00-05:00", timezone: "America/Bogota" },
  });
});

t.test("marked as free by hand it still stands; made all-day it is told and blocks as it is", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const { booking_id, event_id } = await booked(world);
  world.clock.now += 1_000;
  await world.byHand("luna", "PATCH", event_id, { transparency: "transparent" });
  t.notOk((await startsOf(world)).includes(ten), "somebody still comes then");
  await world.byHand("luna", "PATCH", event_id, {
    transparency: "opaque",
    start: { date: "2027-01-20", dateTime: null },
    end: { date: "2027-01-21", dateTime: null },
  });
  t.match(await world.call("luna", "reschedule_booking", { booking_id, start_iso: eleven }), {
    error: { now_at: { weekday: "miércoles", start: "2027-01-20T00:00:00-05:00" } },
  });
  t.equal((await startsOf(world)).length, 16, "Monday is free again");
  t.strictSame(await startsOf(world, { date_iso: "2027-01-20" }), []);
});

t.test("an appointment made into a series is left to the business", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const { booking_id, event_id } = await booked(world);
  await world.byHand("luna", "PATCH", event_id, {
    start: { dateTime: ten, timeZone: "America/Bogota" },
    end: { dateTime: "2027-01-18T10:30:00-05:00", timeZone: "America/Bogota" },
    recurrence: ["RRULE:FREQ=WEEKLY;COUNT=3"],
  });
  world.clock.now += 1_000;
  t.notOk((await startsOf(world)).includes(ten));
  t.notOk((await startsOf(world, { date_iso: "2027-01-25" })).includes("2027-01-25T10:00:00-05:00"));
  const changes = { cancel_booking: {}, reschedule_booking: { start_iso: eleven } };
  for (const [tool, args] of Object.entries(changes)) {
    t.match(await world.call("luna", tool, { booking_id, ...args }), { error: { message: /se repite/ } });
  }
});

t.test("closed until further notice is a closed day, not a calendar that can't be read", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna", { events: [{ summary: "Cerrado", start: "2027-01-19", end: "2300-01-01" }] });
  t.ok((await startsOf(world)).length > 0);
  const { answer } = await world.call("luna", "get_available_slots", { date_iso: "2027-01-19" });
  t.equal(answer.reason, "fully_booked");
});

t.test("a list hides nothing: a shorter horizon, another contact, a mixed-up range", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await booked(world, { start_iso: "2027-03-01T10:00:00-05:00", ...ana });
  await setSchedule(world, { horizon_days: 14 });
  const list = (args: object) => world.call("luna", "list_bookings", args);
  t.equal((await list({})).answer.bookings.length, 1);
  const either = { attendee_phone: "+57 300 123 4567", attendee_email: "other@example.com" };
  t.equal((await list(either)).answer.bookings.length, 1);
  t.match(await list({ from: "2027-03-02", to: "2027-03-01" }), { error: { code: "invalid_time" } });
});

t.test("the same key is the same booking, whatever the schedule says by then", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const request = { start_iso: ten, attendee_name: "Ana", idempotency_key: "k" };
  const first = await booked(world, request);
  await setSchedule(world, { services: [{ id: "cut", name: "Corte", duration_minutes: 60 }] });
  t.strictSame(await booked(world, request), first);
});
