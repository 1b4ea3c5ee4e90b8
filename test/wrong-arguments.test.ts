import t from "tap";
import { createWorld } from "./support/world.ts";

const at = "2027-01-18T09:00:00-05:00";
const wrong: [tool: string, args: object, code: string, message: RegExp][] = [
  ["get_available_slots", {}, "invalid_time", /date_iso is required/],
  ["get_available_slots", { date_iso: "2027-02-30" }, "invalid_time", /date_iso must be a real date/],
  ["get_available_slots", { date_iso: "tomorrow" }, "invalid_time", /date_iso must be a real date/],
  ["get_available_slots", { date_iso: 20270118 }, "invalid_time", /date_iso/],
  ["get_available_slots", { date_iso: "2027-01-18", days: 0 }, "invalid_time", /days must be at least 1/],
  ["get_available_slots", { date_iso: "2027-01-18", days: 32 }, "invalid_time", /days must be at most 31/],
  [
    "get_available_slots",
    { date_iso: "2027-01-18", days: 1.5 },
    "invalid_time",
    /days must be a whole number/,
  ],
  [
    "get_available_slots",
    { date_iso: "2027-01-18", duration_minutes: -5 },
    "invalid_time",
    /duration_minutes/,
  ],
  [
    "get_available_slots",
    { date_iso: "2027-01-18", timezone: "UTC" },
    "invalid_arguments",
    /no argument "timezone"/,
  ],
  ["get_available_slots", { date_iso: "2027-01-18", service: "massage" }, "unknown_service", /doesn't offer/],
  ["book", { start_iso: at }, "invalid_arguments", /attendee_name/],
  ["book", { attendee_name: "Ana" }, "invalid_time", /start_iso is required/],
  ["book", { start_iso: at, attendee_name: "   " }, "invalid_arguments", /attendee_name must not be empty/],
  [
    "book",
    { start_iso: at, attendee_name: "x".repeat(201) },
    "invalid_arguments",
    /attendee_name must be at most/,
  ],
  ["book", { start_iso: "2027-02-30T09:00:00-05:00", attendee_name: "Ana" }, "invalid_time", /real date/],
  ["book", { start_iso: "18/01/2027 9am", attendee_name: "Ana" }, "invalid_time", /real date/],
  ["book", { start_iso: "2027-01-18", attendee_name: "Ana" }, "invalid_time", /real date/],
  ["book", { start_iso: at, attendee_name: "Ana", service: "massage" }, "unknown_service", /doesn't offer/],
  [
    "book",
    { start_iso: "2026-01-19T09:00:00-05:00", attendee_name: "Ana" },
    "too_soon",
    /has passed or is too soon/,
  ],
  ["book", { start_iso: "2029-01-18T09:00:00-05:00", attendee_name: "Ana" }, "too_far", /too far ahead/],
  [
    "book",
    { start_iso: "2027-01-18T07:00:00-05:00", attendee_name: "Ana" },
    "outside_hours",
    /don't start at that time/,
  ],
  [
    "book",
    { start_iso: "2027-01-18T09:10:00-05:00", attendee_name: "Ana" },
    "outside_hours",
    /don't start at that time/,
  ],
  [
    "book",
    { start_iso: "2027-01-17T10:00:00-05:00", attendee_name: "Ana" },
    "too_soon",
    /has passed or is too soon/,
  ],
];

t.test("arguments that are wrong are named, with a stable code", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await world.api("PUT", "/v1/customer-calendars/luna/schedule", { language: "en" });
  for (const [tool, args, code, message] of wrong) {
    t.match(
      await world.call("luna", tool, args),
      { error: { code, message } },
      `${tool} ${JSON.stringify(args)}`,
    );
  }
  t.strictSame(
    (await world.sandbox("GET", "events?email=luna@example.com")).events,
    [],
    "nothing was booked",
  );
});

t.test("a range without slots says why, and when the next one is", async (t) => {
  const world = await createWorld(t);
  const full = { summary: "Feria", start: "2027-01-18T00:00:00", end: "2027-01-19T00:00:00" };
  await world.connected("luna", { events: [full] });
  const ask = async (date_iso: string) =>
    (await world.call("luna", "get_available_slots", { date_iso })).answer;
  t.match(await ask("2027-01-18"), {
    slots: [],
    reason: "fully_booked",
    next_available: { start: /^2027-01-19T09:00/ },
  });
  t.match(await ask("2027-01-23"), {
    slots: [],
    reason: "closed",
    next_available: { label: /^lunes 25 de enero de 2027/ },
  });
  t.match(await ask("2026-01-19"), {
    slots: [],
    reason: "too_soon",
    next_available: { start: /^2027-01-19T09:00/ },
  });
  t.match(await ask("2029-01-19"), { slots: [], reason: "too_far" });
});

t.test(
  "a wall time without an offset is the business's own; one that doesn't exist or exists twice is refused",
  async (t) => {
    const world = await createWorld(t, { now: Date.parse("2027-03-01T12:00:00Z") });
    await world.connected("nyc", { time_zone: "America/New_York" });
    const book = (start_iso: string) => world.call("nyc", "book", { start_iso, attendee_name: "Ana" });
    t.match(await book("2027-03-15T09:00"), {
      answer: { start: "2027-03-15T09:00:00-04:00", status: "confirmed" },
    });
    t.match(await book("2027-03-14T02:30:00"), {
      error: { code: "invalid_time", readings: ["2027-03-14T01:30:00-05:00", "2027-03-14T03:30:00-04:00"] },
    });
    t.match(await book("2027-11-07T01:30:00"), {
      error: { code: "invalid_time", readings: ["2027-11-07T01:30:00-04:00", "2027-11-07T01:30:00-05:00"] },
    });
  },
);

t.test(
  "dates no appointment lies in are named as such, not as a calendar that can't be reached",
  async (t) => {
    const world = await createWorld(t);
    await world.connected("luna");
    await world.sandbox("DELETE", "calls");
    for (const date_iso of ["9999-12-31", "0001-01-01"]) {
      t.match(await world.call("luna", "get_available_slots", { date_iso }), {
        error: { code: "invalid_time" },
      });
    }
    t.equal((await world.sandbox("GET", "calls")).total, 0);
  },
);
