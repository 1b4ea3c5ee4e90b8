import t from "tap";
import { mondayEvent as at, freeAt } from "./support/free-times.ts";
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

t.test("what was asked of Google never includes titles, and a long answer is cut with a word", async (t) => {
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
