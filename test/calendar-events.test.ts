import t from "tap";
import { mondayEvent as at, busyDays, freeAt } from "./support/free-times.ts";
import { recordAnswers } from "./support/recorded-answers.ts";
import { createWorld } from "./support/world.ts";

t.test("an all-day event that ends on the date it starts blocks that day, each time it occurs", async (t) => {
  const world = await createWorld(t, { now: Date.parse("2027-03-07T12:00:00Z") });
  const dayOff = (date: string, extra: object = {}) => ({
    summary: "Libre",
    start: date,
    end: date,
    ...extra,
  });
  await world.connected("luna", {
    events: [dayOff("2027-03-09"), dayOff("2027-03-11", { transparency: "transparent" })],
  });
  t.strictSame(await busyDays(world, "luna", "2027-03-08", 5), ["2027-03-09"]);
  const refused = await world.call("luna", "book", {
    start_iso: "2027-03-09T10:00:00-05:00",
    attendee_name: "Ana",
  });
  t.match(refused, { error: { code: "slot_taken", alternatives: [{ start: /^2027-03-10T09:00/ }] } });

  // Over the change of the clocks on 14 March.
  const weekly = dayOff("2027-03-09", { recurrence: ["RRULE:FREQ=WEEKLY;COUNT=3"] });
  await world.connected("nyc", { time_zone: "America/New_York", events: [weekly] });
  t.strictSame(await busyDays(world, "nyc", "2027-03-08", 5), ["2027-03-09"]);
  t.strictSame(await busyDays(world, "nyc", "2027-03-16", 4), ["2027-03-16"]);
  t.strictSame(await busyDays(world, "nyc", "2027-03-22", 5), ["2027-03-23"]);
  t.strictSame(await busyDays(world, "nyc", "2027-03-29", 5), []);
});

t.test(
  "a day that ends on its own date reaches to its midnight far from UTC too, where buffers meet it",
  async (t) => {
    const world = await createWorld(t);
    const kiritimati = "Pacific/Kiritimati";
    await world.connected("atoll", {
      time_zone: kiritimati,
      events: [{ summary: "Libre", start: "2027-01-19", end: "2027-01-19" }],
    });
    const windows = [{ start: "00:00", end: "24:00" }];
    await world.api("PUT", "/v1/customer-calendars/atoll/schedule", {
      weekly_hours: { tuesday: windows, wednesday: windows },
      services: [{ id: "s", name: "S", duration_minutes: 30, buffer_before_minutes: 60 }],
    });
    t.equal(await freeAt(world, "atoll", "2027-01-20", "00:30"), false);
    t.equal(await freeAt(world, "atoll", "2027-01-20", "01:00"), true);
  },
);

t.test("a timed event of no length blocks nothing, once or each week", async (t) => {
  const none = (hour: number, extra: object = {}) => at(hour, { end: at(hour).start, ...extra });
  const world = await createWorld(t);
  const reminders = [none(10), none(11, { recurrence: ["RRULE:FREQ=DAILY;COUNT=2"] })];
  await world.connected("luna", { events: reminders });
  const { answer } = await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" });
  t.equal(answer.slots.length, 16);
  t.equal(await freeAt(world, "luna", "2027-01-19", "11:00"), true);
});

t.test("what an event of another shape blocks, and what can't be understood", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const day = { date: "2027-01-18" };
  const ten = { dateTime: "2027-01-18T10:00:00-05:00" };
  const cases: [name: string, edges: object, blocks: "day" | "nothing" | "unreadable"][] = [
    ["a date alone", { start: day }, "day"],
    ["a date and an empty end", { start: day, end: {} }, "day"],
    ["a date until the year 9999", { start: day, end: { date: "9999-12-31" } }, "day"],
    ["the year 1 to the year 1", { start: { date: "0001-01-01" }, end: { date: "0001-01-01" } }, "nothing"],
    ["the last day there is", { start: { date: "9999-12-31" }, end: { date: "9999-12-31" } }, "nothing"],
    ["an end before the start", { start: day, end: { date: "2027-01-17" } }, "unreadable"],
    ["no start", { end: day }, "unreadable"],
    ["neither", {}, "unreadable"],
    ["a time alone", { start: ten }, "unreadable"],
    ["a date and a time", { start: day, end: ten }, "unreadable"],
    ["a time and a date", { start: ten, end: { date: "2027-01-19" } }, "unreadable"],
    [
      "a date that doesn't exist",
      { start: { date: "2027-02-30" }, end: { date: "2027-02-30" } },
      "unreadable",
    ],
    ["an empty date", { start: { date: "" }, end: { date: "" } }, "unreadable"],
  ];
  for (const [name, edges, blocks] of cases) {
    await world.sandbox("DELETE", "faults");
    const body = { kind: "calendar#events", timeZone: "America/Bogota", items: [{ id: "odd", ...edges }] };
    await world.sandbox("POST", "faults", { path: "/calendar/v3/", method: "GET", status: 200, body });
    const { answer, error } = await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" });
    const seen = error?.code ?? (answer.slots.length === 16 ? "nothing" : answer.slots.length === 0 && "day");
    t.equal(seen, blocks === "unreadable" ? "calendar_unavailable" : blocks, name);
  }
});

t.test("an appointment made into a day, or into a moment, by hand blocks that", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const { answer } = await world.call("luna", "book", {
    start_iso: "2027-01-18T09:00:00-05:00",
    attendee_name: "Ana",
    attendee_phone: "+573001234567",
  });
  const day = { date: "2027-01-19", dateTime: null };
  await world.byHand("luna", "PATCH", answer.event_id, { start: day, end: day });
  world.clock.now += 60_000;
  t.strictSame(await busyDays(world, "luna", "2027-01-18", 3), ["2027-01-19"]);
  const listed = await world.call("luna", "list_bookings", { attendee_phone: "+573001234567" });
  t.match(listed.answer.bookings, [{ start: "2027-01-19T00:00:00-05:00", end: "2027-01-20T00:00:00-05:00" }]);
  const ten = { date: null, dateTime: "2027-01-20T10:00:00-05:00" };
  await world.byHand("luna", "PATCH", answer.event_id, { start: ten, end: ten });
  world.clock.now += 60_000;
  t.strictSame(await busyDays(world, "luna", "2027-01-18", 3), []);
  t.equal(await freeAt(world, "luna", "2027-01-20", "10:00"), true);
});

t.test(
  "an invitation by others is tentative until it is answered; one of the business's own isn't",
  async (t) => {
    const attendees = (...answers: string[]) => ({
      attendees: [
        { email: "guest@example.com", responseStatus: "accepted" },
        ...answers.map((responseStatus) => ({ email: "luna@example.com", responseStatus })),
      ],
    });
    const by = (email: string) => ({ organizer: { email } });
    const events = [
      at(9, { ...attendees("needsAction"), ...by("stranger@example.com") }),
      at(10, { ...attendees("needsAction"), ...by("luna@example.com") }),
      at(11, { ...attendees("accepted"), ...by("stranger@example.com") }),
      at(12, { ...attendees("declined"), ...by("stranger@example.com") }),
      at(13, { ...attendees("tentative"), ...by("stranger@example.com") }),
      // It invites others alone: the business has nothing to answer.
      at(14, { ...attendees(), ...by("stranger@example.com") }),
      at(15, { ...attendees("needsAction"), ...by("stranger@example.com"), transparency: "transparent" }),
    ];
    const answers = recordAnswers(t);
    const world = await createWorld(t);
    await world.connected("luna", { events });
    const freeHours = async () => {
      const hours: number[] = [];
      for (let hour = 9; hour < 16; hour++) {
        if (await freeAt(world, "luna", "2027-01-18", `${String(hour).padStart(2, "0")}:00`))
          hours.push(hour);
      }
      return hours;
    };
    t.strictSame(await freeHours(), [12, 15]);
    const read = answers.filter(({ url }) => url.pathname.endsWith("/calendars/primary/events"));
    t.ok(
      read.at(-1)?.text.includes('"organizer":{"self":true}'),
      "whether the business organises it is read",
    );
    t.notMatch(read.map(({ text }) => text).join(), /example\.com|Privado/, "nor who anybody is");
    await world.api("PUT", "/v1/customer-calendars/luna/schedule", { tentative_is_busy: false });
    t.strictSame(await freeHours(), [9, 12, 13, 15]);
    t.match(
      await world.call("luna", "book", { start_iso: "2027-01-18T09:00:00-05:00", attendee_name: "Ana" }),
      { answer: { status: "confirmed" } },
      "nor does it stand in the way of a booking",
    );
    t.match(
      await world.call("luna", "book", { start_iso: "2027-01-18T10:00:00-05:00", attendee_name: "Ana" }),
      { error: { code: "slot_taken" } },
    );
  },
);
