import t from "tap";
import { book, eleven, monday, readEvents, readStarts, ten } from "./support/booking-calls.ts";
import { mondayEvent as at, freeAt } from "./support/free-times.ts";
import { setSchedule } from "./support/schedule.ts";
import { createWorld } from "./support/world.ts";

t.test("what blocks time, and what doesn't", async (t) => {
  const attendees = (responseStatus: string) => ({
    attendees: [
      { email: "guest@example.com", responseStatus: "accepted" },
      { email: "luna@example.com", self: true, responseStatus },
    ],
  });
  const world = await createWorld(t);
  await world.connected("luna", {
    events: [
      at(9),
      at(10, { status: "tentative" }),
      at(11, { transparency: "transparent" }),
      at(12, attendees("declined")),
      at(13, attendees("tentative")),
      at(14, { eventType: "outOfOffice" }),
      at(15, { eventType: "focusTime" }),
      at(16, { eventType: "workingLocation", visibility: "public", transparency: "transparent" }),
    ],
  });
  const blocked = {
    "09:00": true,
    "10:00": true,
    "11:00": false,
    "12:00": false,
    "13:00": true,
    "14:00": true,
    "15:00": true,
    "16:00": false,
  };
  for (const [hour, isBlocked] of Object.entries(blocked)) {
    t.equal(await freeAt(world, "luna", "2027-01-18", hour), !isBlocked, hour);
  }
});

t.test("an all-day event blocks its days in the calendar's own zone, and no more", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna", { events: [{ summary: "Feria", start: "2027-01-19", end: "2027-01-21" }] });
  const { answer } = await world.call("luna", "get_available_slots", { date_iso: "2027-01-18", days: 5 });
  const days = new Set(answer.slots.map((slot: { start: string }) => slot.start.slice(0, 10)));
  t.strictSame([...days], ["2027-01-18", "2027-01-21", "2027-01-22"]);
});

t.test("a recurring event blocks every occurrence, at the same wall time over a clock change", async (t) => {
  const world = await createWorld(t, { now: Date.parse("2027-03-01T12:00:00Z") });
  const weekly = {
    summary: "Reunión",
    start: "2027-03-08T10:00:00",
    end: "2027-03-08T11:00:00",
    recurrence: ["RRULE:FREQ=WEEKLY;COUNT=3"],
  };
  await world.connected("nyc", { time_zone: "America/New_York", events: [weekly] });
  for (const date of ["2027-03-08", "2027-03-15", "2027-03-22"]) {
    t.equal(await freeAt(world, "nyc", date, "10:00"), false, date);
    t.equal(await freeAt(world, "nyc", date, "11:00"), true, date);
  }
  t.equal(await freeAt(world, "nyc", "2027-03-29", "10:00"), true);
});

t.test("slots never start in the past or within the notice", async (t) => {
  const world = await createWorld(t, { now: Date.parse("2027-01-18T15:40:00Z") });
  await world.connected("luna");
  const { answer } = await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" });
  t.equal(answer.now, "2027-01-18T10:40:00-05:00");
  t.match(answer.slots[0], { start: "2027-01-18T12:00:00-05:00" }, "an hour's notice, on the grid");
  t.match(
    await world.call("luna", "book", { start_iso: "2027-01-18T11:30:00-05:00", attendee_name: "Ana" }),
    {
      error: {
        code: "too_soon",
        alternatives: [{ start: /T12:00/ }, { start: /T12:30/ }, { start: /T13:00/ }],
      },
    },
  );
});

t.test("another length is offered and booked as asked", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna", { events: [at(10)] });
  const { answer } = await world.call("luna", "get_available_slots", {
    date_iso: "2027-01-18",
    duration_minutes: 90,
  });
  const starts = answer.slots.map((slot: { start: string }) => slot.start.slice(11, 16));
  t.strictSame(starts.slice(0, 2), ["11:00", "11:30"]);
  t.equal(starts.at(-1), "15:30", "it ends by closing time");
  const book = { start_iso: answer.slots[0].start, duration_minutes: 90, attendee_name: "Ana" };
  t.match(await world.call("luna", "book", book), { answer: { end: "2027-01-18T12:30:00-05:00" } });
});

t.test("a month is one call to Google, a booking three", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await world.sandbox("DELETE", "calls");
  await world.call("luna", "get_available_slots", { date_iso: "2027-01-18", days: 31 });
  t.equal((await world.sandbox("GET", "calls")).total, 1);
  await world.sandbox("DELETE", "calls");
  await world.call("luna", "book", { start_iso: "2027-01-18T09:00:00-05:00", attendee_name: "Ana" });
  t.strictSame((await world.sandbox("GET", "calls")).by, {
    "GET /calendar/v3/calendars/primary/events": 2,
    "POST /calendar/v3/calendars/primary/events": 1,
  });
});

t.test("what was asked of Google never includes titles, and a long answer is cut and says so", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna", { events: [at(9)] });
  const { answer } = await world.call("luna", "get_available_slots", { date_iso: "2027-01-18", days: 31 });
  t.equal(answer.slots.length, 12 * 16 - 2, "whole days only");
  t.equal(answer.truncated, true);
  t.equal(answer.more, "Para ver el resto, llama de nuevo con date_iso 2027-02-03 y days 15.");
  const rest = await world.call("luna", "get_available_slots", { date_iso: "2027-02-03", days: 15 });
  t.equal(rest.answer.truncated, false);
  t.equal(rest.answer.slots[0].start.slice(0, 10), "2027-02-03");
  t.notMatch(JSON.stringify(answer), "Privado");
});

t.test("a group has its places, buffers keep their distance, a full day is full", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const group = { id: "yoga", name: "Yoga", duration_minutes: 60, capacity: 2, buffer_after_minutes: 30 };
  const single = { id: "single", name: "Charla", duration_minutes: 30 };
  await setSchedule(world, "luna", { services: [group, single], max_bookings_per_day: 4 });
  const yoga = (start_iso: string) =>
    world.call("luna", "book", { start_iso, service: "yoga", attendee_name: "Ana" });
  t.match(await yoga(ten), { answer: { end: eleven, service: "yoga" } });
  t.notOk((await readStarts(world, { ...monday, service: "single" })).includes(ten), "another service waits");
  t.match(await yoga(ten), { answer: { status: "confirmed" } });
  t.match(await yoga(ten), { error: { code: "slot_taken" } });
  t.equal((await readEvents(world)).length, 2);
  t.match(await yoga(eleven), { error: { code: "slot_taken" } }, "the buffer after the first group");
  const singles = await readStarts(world, { ...monday, service: "single" });
  t.notOk(singles.includes(eleven));
  t.ok(singles.includes("2027-01-18T11:30:00-05:00"));
  t.match(await yoga("2027-01-18T14:00:00-05:00"), { answer: { status: "confirmed" } });
  t.match(await yoga("2027-01-18T14:00:00-05:00"), { answer: { status: "confirmed" } });
  const full = await world.call("luna", "get_available_slots", { ...monday, service: "single" });
  t.match(full.answer, { slots: [], reason: "fully_booked", next_available: { weekday: "martes" } });
  t.match(await yoga("2027-01-18T16:00:00-05:00"), { error: { code: "slot_taken" } });
});

t.test("other calendars block as well, and tentative events as the schedule says", async (t) => {
  const world = await createWorld(t);
  const team = "team@group.calendar.google.com";
  await world.connected("luna", {
    events: [at(10), at(12, { status: "tentative" })],
    calendars: [{ id: team, events: [at(11)] }],
  });
  t.ok((await readStarts(world)).includes(eleven));
  await setSchedule(world, "luna", { busy_calendars: ["primary", team], tentative_is_busy: false });
  const free = await readStarts(world);
  t.notOk(free.includes(ten));
  t.notOk(free.includes(eleven));
  t.ok(free.includes("2027-01-18T12:00:00-05:00"));
  const gone = `/calendar/v3/calendars/${encodeURIComponent(team)}/`;
  await world.sandbox("POST", "faults", { path: gone, status: 404 });
  t.match(await world.call("luna", "get_available_slots", monday), {
    error: { code: "calendar_unavailable" },
  });
});

t.test("those who ask together, or again at once, share a reading; what we book drops it", async (t) => {
  const world = await createWorld(t, { cacheSeconds: 60 });
  await world.connected("luna");
  await world.sandbox("DELETE", "calls");
  await Promise.all(Array.from({ length: 20 }, () => readStarts(world, { date_iso: "2027-01-19" })));
  await readStarts(world, { date_iso: "2027-01-19", duration_minutes: 60 });
  t.equal((await world.sandbox("GET", "calls")).total, 1);
  await book(world);
  t.notOk((await readStarts(world)).includes(ten));

  await world.byHand("luna", "POST", undefined, {
    start: { dateTime: eleven },
    end: { dateTime: "2027-01-18T12:00:00-05:00" },
  });
  t.ok((await readStarts(world)).includes(eleven), "a moment old");
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
  t.ok((await readStarts(world)).length > 0);
});

t.test("closed until further notice is a closed day, not a calendar that can't be read", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna", { events: [{ summary: "Cerrado", start: "2027-01-19", end: "2300-01-01" }] });
  t.ok((await readStarts(world)).length > 0);
  const { answer } = await world.call("luna", "get_available_slots", { date_iso: "2027-01-19" });
  t.equal(answer.reason, "fully_booked");
});
