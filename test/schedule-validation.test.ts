import t from "tap";
import { barberShop, schedulePath } from "./support/barber-shop.ts";
import { createWorld, type World } from "./support/world.ts";

const nine = { start: "09:00", end: "17:00" };
const cut = { id: "cut", name: "Cut", duration_minutes: 30 };
const monday = (...windows: unknown[]) => ({ weekly_hours: { monday: windows } });
const on = (date: unknown, ...windows: unknown[]) => ({ date_overrides: [{ date, windows }] });
const oneService = (fields: object) => ({ services: [{ ...cut, ...fields }] });
const dates = (count: number, first = Date.UTC(2027, 0, 1)) =>
  Array.from({ length: count }, (_, i) => ({
    date: new Date(first + i * 86_400_000).toISOString().slice(0, 10),
    windows: [nine],
  }));

const refused: [name: string, body: unknown, ...members: string[]][] = [
  ["no object", [], "The"],
  ["null", null, "The"],
  ["an unknown member", { surprise: 1 }, "surprise"],
  ["an unknown day", { weekly_hours: { funday: [] } }, "weekly_hours.funday"],
  ["an unknown member of a service", oneService({ price: 3 }), "services.0.price"],

  ["an offset as time zone", { time_zone: "+05:00" }, "time_zone"],
  ["a zone that isn't", { time_zone: "Mars/Olympus" }, "time_zone"],
  ["a zone in the wrong case", { time_zone: "america/bogota" }, "time_zone"],
  ["an empty zone", { time_zone: "" }, "time_zone"],

  ["25:00", monday({ start: "09:00", end: "25:00" }), "weekly_hours.monday.0.end"],
  ["24:00 as a start", monday({ start: "24:00", end: "02:00" }), "weekly_hours.monday.0.start"],
  ["a minute that isn't", monday({ start: "09:60", end: "17:00" }), "weekly_hours.monday.0.start"],
  ["a time without its zero", monday({ start: "9:00", end: "17:00" }), "weekly_hours.monday.0.start"],
  ["start and end swapped", monday({ start: "17:00", end: "09:00" }), "weekly_hours.monday.0.end"],
  ["past midnight too long", monday({ start: "20:00", end: "08:01" }), "weekly_hours.monday.0.end"],
  ["no length", monday(nine, { start: "18:00", end: "18:00" }), "weekly_hours.monday.1.end"],
  ["no length at midnight", monday({ start: "00:00", end: "00:00" }), "weekly_hours.monday.0.end"],
  ["a window without an end", monday({ start: "09:00" }), "weekly_hours.monday.0.end"],
  ["overlapping windows", monday({ start: "12:00", end: "18:00" }, nine), "weekly_hours.monday.0"],
  ["one window in another", monday(nine, { start: "10:00", end: "11:00" }), "weekly_hours.monday.1"],
  ["the same window twice", monday(nine, nine), "weekly_hours.monday.1"],
  [
    "a third under the first",
    monday(nine, { start: "09:30", end: "10:00" }, { start: "16:00", end: "18:00" }),
    "weekly_hours.monday.1",
    "weekly_hours.monday.2",
  ],
  [
    "overlap past midnight",
    monday({ start: "20:00", end: "02:00" }, { start: "23:00", end: "24:00" }),
    "weekly_hours.monday.1",
  ],
  [
    "into the next day",
    {
      weekly_hours: {
        sunday: [{ start: "20:00", end: "02:00" }],
        monday: [nine, { start: "01:59", end: "03:00" }],
      },
    },
    "weekly_hours.sunday.0.end",
  ],
  ["21 windows", monday(...Array.from({ length: 21 }, () => nine)), "weekly_hours.monday"],
  ["no list of windows", { weekly_hours: { monday: nine } }, "weekly_hours.monday"],
  ["no hours at all", { weekly_hours: null }, "weekly_hours"],

  ["30 February", on("2027-02-30"), "date_overrides.0.date"],
  ["29 February of a common year", on("2027-02-29"), "date_overrides.0.date"],
  ["a time as a date", on("2027-02-01T00:00:00Z"), "date_overrides.0.date"],
  ["an override without windows", { date_overrides: [{ date: "2027-02-01" }] }, "date_overrides.0.windows"],
  [
    "an override swapped",
    on("2027-02-01", { start: "17:00", end: "09:00" }),
    "date_overrides.0.windows.0.end",
  ],
  ["an override overlapping", on("2027-02-01", nine, nine), "date_overrides.0.windows.1"],
  ["a date twice", { date_overrides: [...dates(2), ...dates(1)] }, "date_overrides.2.date"],
  ["1,001 overrides", { date_overrides: dates(1_001) }, "date_overrides"],
  ["2,000 overrides", { date_overrides: dates(2_000) }, "date_overrides"],

  ["no such country", { holidays: { country: "ZZ" } }, "holidays.country"],
  ["a country in small letters", { holidays: { country: "co" } }, "holidays.country"],
  ["no such region", { holidays: { country: "DE", region: "ZZ" } }, "holidays.region"],
  ["no such part of a region", { holidays: { country: "DE", region: "BY-ZZ" } }, "holidays.region"],
  ["more than a part", { holidays: { country: "DE", region: "BY-A-B" } }, "holidays.region"],
  ["a region where there are none", { holidays: { country: "CO", region: "ANT" } }, "holidays.region"],
  [
    "a region's name from the prototype",
    { holidays: { country: "DE", region: "constructor" } },
    "holidays.region",
  ],
  ["a region without a country", { holidays: { region: "BY" } }, "holidays.region"],

  ["no service", { services: [] }, "services"],
  [
    "101 services",
    { services: Array.from({ length: 101 }, (_, i) => ({ ...cut, id: `s${i}` })) },
    "services",
  ],
  ["an id twice", { services: [cut, { ...cut, name: "Other" }] }, "services.1.id"],
  ["an id with a space", oneService({ id: "a b" }), "services.0.id"],
  ["a blank name", oneService({ name: "  " }), "services.0.name"],
  ["a name with \\u0000", oneService({ name: "a\u0000b" }), "services.0.name"],
  ["a long name", oneService({ name: "x".repeat(201) }), "services.0.name"],
  ["a negative duration", oneService({ duration_minutes: -30 }), "services.0.duration_minutes"],
  ["a duration as text", oneService({ duration_minutes: "30" }), "services.0.duration_minutes"],
  ["half a minute", oneService({ duration_minutes: 30.5 }), "services.0.duration_minutes"],
  ["an endless duration", oneService({ duration_minutes: 1e300 }), "services.0.duration_minutes"],
  ["a negative buffer", oneService({ buffer_before_minutes: -1 }), "services.0.buffer_before_minutes"],
  ["a long buffer", oneService({ buffer_after_minutes: 721 }), "services.0.buffer_after_minutes"],
  ["room for nobody", oneService({ capacity: 0 }), "services.0.capacity"],
  ["an empty price", oneService({ price_text: "" }), "services.0.price_text"],

  ["no interval", { slot_interval_minutes: 0 }, "slot_interval_minutes"],
  ["a negative notice", { minimum_notice_minutes: -1 }, "minimum_notice_minutes"],
  ["a horizon past two years", { horizon_days: 731 }, "horizon_days"],
  ["no booking a day", { max_bookings_per_day: 0 }, "max_bookings_per_day"],
  ["no booking for anybody", { max_open_bookings_per_attendee: 0 }, "max_open_bookings_per_attendee"],
  ["half a booking a week", { max_bookings_per_week: 0.5 }, "max_bookings_per_week"],
  ["calendars without ours", { busy_calendars: ["team@example.com"] }, "busy_calendars"],
  ["no calendar", { busy_calendars: [] }, "busy_calendars"],
  ["a calendar twice", { busy_calendars: ["primary", "primary"] }, "busy_calendars.1"],
  ["an empty calendar", { busy_calendars: ["primary", ""] }, "busy_calendars.1"],
  ["eleven calendars", { busy_calendars: ["primary", ..."abcdefghij"] }, "busy_calendars"],
  ["yes for true", { tentative_is_busy: "yes" }, "tentative_is_busy"],
  ["null for false", { invite_attendees: null, add_meet_link: 0 }, "add_meet_link", "invite_attendees"],

  [
    "one of everything",
    {
      time_zone: "Nowhere",
      weekly_hours: {
        monday: [nine, { start: "12:00", end: "13:00" }, { start: 1, end: "18:00", note: "x" }],
        saturday: [{ start: "22:00", end: "03:00" }],
        sunday: [{ start: "02:00", end: "04:00" }],
        holiday: [],
      },
      date_overrides: [{ date: "2027-05-01", windows: [] }, { date: "2027-05-01" }],
      holidays: { country: "XX", region: 7 },
      services: [cut, { id: "cut", duration_minutes: 4.5 }],
      busy_calendars: [5],
      horizon_days: 0,
      extra: true,
    },
    "busy_calendars",
    "busy_calendars.0",
    "date_overrides.1.date",
    "date_overrides.1.windows",
    "extra",
    "holidays.country",
    "holidays.region",
    "horizon_days",
    "services.1.duration_minutes",
    "services.1.id",
    "services.1.name",
    "time_zone",
    "weekly_hours.holiday",
    "weekly_hours.monday.1",
    "weekly_hours.monday.2.note",
    "weekly_hours.monday.2.start",
    "weekly_hours.saturday.0.end",
  ],
];

/** The members a refused schedule's problems are about, in the order of their names. */
async function refusedMembers(world: World, body: unknown): Promise<string[]> {
  const answer = await world.api("PUT", schedulePath, body);
  if (answer.status !== 400) return [`answered ${answer.status}`];
  return answer.body.problems.map((problem: string) => problem.split(" ")[0]).sort();
}

t.test("what is wrong is refused whole, every problem is named, and the old schedule stays", async (t) => {
  const world = await createWorld(t);
  await world.connect("luna");
  await world.api("PUT", schedulePath, barberShop);
  for (const [name, body, ...members] of refused) {
    t.strictSame(await refusedMembers(world, body), members, name);
  }
  t.strictSame((await world.api("GET", schedulePath)).body, barberShop);
});

t.test("a refusal says what to do in words, and doesn't go on for ever", async (t) => {
  const world = await createWorld(t);
  await world.connect("luna");
  const { status, body } = await world.api("PUT", schedulePath, {
    ...monday({ start: "17:00", end: "09:00" }),
    holidays: { country: "DE", region: "DE-BY" },
  });
  t.equal(status, 400);
  t.match(body, { statusCode: 400, code: "invalid_schedule", error: "Bad Request" });
  t.match(
    body.message,
    /not saved\. 2 problems: weekly_hours\.monday\.0\.end comes before start: were they swapped\?/,
  );
  t.match(body.message, /holidays\.region .* use one of BB, BE, BW, BY,/);

  const services = Array.from({ length: 100 }, () => ({}));
  const long = (await world.api("PUT", schedulePath, { services })).body;
  t.match(long.message, /^The schedule was not saved\. 300 problems: .*; and 250 more\.$/);
  t.equal(long.problems.length, 51);
  t.equal(long.problems.at(-1), "and 250 more");

  const { body: tooMany } = await world.api("PUT", schedulePath, { date_overrides: dates(2_000) });
  t.match(tooMany.problems, ["date_overrides must have at most 1,000 dates: remove those that have passed"]);
});

t.test("a thousand dates, a region's part and every zone of its own name are accepted", async (t) => {
  const world = await createWorld(t);
  await world.connect("luna");
  const accepted = [
    { date_overrides: dates(1_000) },
    { holidays: { country: "DE", region: "BY-A" } },
    { holidays: { country: null } },
    ...["UTC", "Asia/Calcutta", "Europe/Kyiv", "Etc/GMT+5", "Asia/Kathmandu"].map((time_zone) => ({
      time_zone,
    })),
  ];
  for (const body of accepted) t.match(await world.api("PUT", schedulePath, body), { status: 200, body });
});
