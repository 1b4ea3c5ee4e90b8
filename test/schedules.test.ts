import { defaultSchedule } from "@cita/calendar-api";
import t from "tap";
import { createHolidays } from "../apps/mcp-calendar/src/schedules/holidays.ts";
import type { ScheduleTables } from "../apps/mcp-calendar/src/schedules/migrations.ts";
import { adminKey, createWorld, serviceKey, type World } from "./support/world.ts";

const path = "/v1/customer-calendars/luna/schedule";

const barberShop = {
  time_zone: "America/Bogota",
  language: "pt",
  weekly_hours: {
    monday: [],
    tuesday: [
      { start: "09:00", end: "13:00" },
      { start: "13:00", end: "24:00" },
    ],
    wednesday: [{ start: "00:00", end: "24:00" }],
    thursday: [],
    friday: [{ start: "14:00", end: "01:00" }],
    saturday: [
      { start: "10:00", end: "20:00" },
      { start: "01:00", end: "02:00" },
    ],
    sunday: [{ start: "22:00", end: "00:00" }],
  },
  date_overrides: [
    { date: "2027-12-31", windows: [] },
    { date: "2028-02-29", windows: [{ start: "20:00", end: "08:00" }] },
  ],
  holidays: { country: "DE", region: "BY" },
  services: [
    {
      id: "haircut",
      name: "Corte 💈 de cabello",
      duration_minutes: 45,
      buffer_before_minutes: 5,
      buffer_after_minutes: 15,
      capacity: 1,
      price_text: "$ 35.000",
    },
    {
      id: "retreat",
      name: "Longer than any window",
      duration_minutes: 720,
      buffer_before_minutes: 0,
      buffer_after_minutes: 0,
      capacity: 6,
    },
  ],
  slot_interval_minutes: 15,
  minimum_notice_minutes: 0,
  horizon_days: 60,
  max_bookings_per_day: 20,
  max_bookings_per_week: 100,
  max_open_bookings_per_attendee: 3,
  busy_calendars: ["primary", "team@group.calendar.google.com"],
  tentative_is_busy: false,
  invite_attendees: true,
  add_meet_link: true,
};

/** The members a refused schedule's problems are about, in the order of their names. */
async function refusedMembers(world: World, body: unknown): Promise<string[]> {
  const answer = await world.api("PUT", path, body);
  if (answer.status !== 400) return [`answered ${answer.status}`];
  return answer.body.problems.map((problem: string) => problem.split(" ")[0]).sort();
}

t.test("a customer that has set nothing has the default, and what is left out takes its own", async (t) => {
  const world = await createWorld(t);
  await world.connect("luna");
  t.strictSame(await world.api("GET", path), { status: 200, body: defaultSchedule });
  t.match(defaultSchedule, {
    time_zone: null,
    language: null,
    weekly_hours: { monday: [{ start: "09:00", end: "17:00" }], saturday: [], sunday: [] },
    services: [{ id: "appointment", name: "Appointment", duration_minutes: 30, capacity: 1 }],
    slot_interval_minutes: 30,
    minimum_notice_minutes: 60,
    horizon_days: 365,
    max_bookings_per_day: null,
    holidays: { country: null },
    busy_calendars: ["primary"],
    tentative_is_busy: true,
  });

  const hours = { friday: [{ start: "10:00", end: "12:00" }] };
  const service = { id: "massage", name: " Massage ", duration_minutes: 60 };
  const { status, body } = await world.api("PUT", path, { weekly_hours: hours, services: [service] });
  t.equal(status, 200);
  t.strictSame(body, {
    ...defaultSchedule,
    weekly_hours: {
      monday: [],
      tuesday: [],
      wednesday: [],
      thursday: [],
      friday: hours.friday,
      saturday: [],
      sunday: [],
    },
    services: [
      { ...service, name: "Massage", buffer_before_minutes: 0, buffer_after_minutes: 0, capacity: 1 },
    ],
  });
  t.strictSame((await world.api("GET", path)).body, body);

  t.strictSame(await world.api("PUT", path, {}), { status: 200, body: defaultSchedule });
});

t.test(
  "a whole schedule comes back as it was sent, after a restart too, for this customer alone",
  async (t) => {
    const world = await createWorld(t);
    await world.connect("luna");
    await world.connect("sol");
    t.strictSame(await world.api("PUT", path, barberShop), { status: 200, body: barberShop });
    await world.restart();
    t.strictSame(await world.api("GET", path), { status: 200, body: barberShop });
    t.strictSame((await world.api("GET", "/v1/customer-calendars/sol/schedule")).body, defaultSchedule);
  },
);

t.test("a schedule stored by an older version takes the defaults of what has come since", async (t) => {
  const world = await createWorld(t);
  await world.connect("luna");
  await world.api("PUT", path, barberShop);
  const { services } = barberShop;
  const older = JSON.stringify({ services });
  await world.mcp.db.withTables<ScheduleTables>().updateTable("schedules").set({ schedule: older }).execute();
  t.strictSame((await world.api("GET", path)).body, { ...defaultSchedule, services });
});

const nine = { start: "09:00", end: "17:00" };
const cut = { id: "cut", name: "Cut", duration_minutes: 30 };
const monday = (...windows: unknown[]) => ({ weekly_hours: { monday: windows } });
const on = (date: unknown, ...windows: unknown[]) => ({ date_overrides: [{ date, windows }] });
const oneService = (fields: object) => ({ services: [{ ...cut, ...fields }] });
const dates = (most: number, first = Date.UTC(2027, 0, 1)) =>
  Array.from({ length: most }, (_, i) => ({
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

t.test("what is wrong is refused whole, every problem is named, and the old schedule stays", async (t) => {
  const world = await createWorld(t);
  await world.connect("luna");
  await world.api("PUT", path, barberShop);
  for (const [name, body, ...members] of refused) {
    t.strictSame(await refusedMembers(world, body), members, name);
  }
  t.strictSame((await world.api("GET", path)).body, barberShop);
});

t.test("a refusal says what to do in words, and doesn't go on for ever", async (t) => {
  const world = await createWorld(t);
  await world.connect("luna");
  const { status, body } = await world.api("PUT", path, {
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
  const long = (await world.api("PUT", path, { services })).body;
  t.match(long.message, /^The schedule was not saved\. 300 problems: .*; and 250 more\.$/);
  t.equal(long.problems.length, 51);
  t.equal(long.problems.at(-1), "and 250 more");

  const { body: tooMany } = await world.api("PUT", path, { date_overrides: dates(2_000) });
  t.match(tooMany.problems, ["date_overrides must have at most 1,000 dates: remove those that have passed"]);
});

t.test("a thousand dates, a region's part and every zone of its own name are taken", async (t) => {
  const world = await createWorld(t);
  await world.connect("luna");
  const taken = [
    { date_overrides: dates(1_000) },
    { holidays: { country: "DE", region: "BY-A" } },
    { holidays: { country: null } },
    ...["UTC", "Asia/Calcutta", "Europe/Kyiv", "Etc/GMT+5", "Asia/Kathmandu"].map((time_zone) => ({
      time_zone,
    })),
  ];
  for (const body of taken) t.match(await world.api("PUT", path, body), { status: 200, body });
});

t.test("bodies that are no JSON or too large, strangers, and wrong keys get the usual answers", async (t) => {
  const world = await createWorld(t);
  await world.connect("luna");
  const addresses = [
    [`${world.adminUrl}${path}`, adminKey],
    [`${world.mcpUrl}/customers/luna/schedule`, serviceKey],
  ] as const;
  for (const [url, key] of addresses) {
    const send = async (body: string, contentType = "application/json", authorization = `Bearer ${key}`) => {
      const headers = { authorization, "content-type": contentType };
      const response = await fetch(url, { method: "PUT", headers, body });
      return { status: response.status, code: JSON.parse(await response.text()).code };
    };
    t.strictSame(await send("{"), { status: 400, code: "invalid_json" });
    t.strictSame(await send(""), { status: 400, code: "invalid_json" });
    t.strictSame(await send("null"), { status: 400, code: "invalid_schedule" });
    t.strictSame(await send(`"${"x".repeat(250_000)}"`), { status: 400, code: "invalid_schedule" });
    t.strictSame(await send(`"${"x".repeat(256 * 1024)}"`), { status: 413, code: "body_too_large" });
    t.strictSame(await send("a,b", "text/csv"), { status: 415, code: "unsupported_media_type" });
    t.strictSame(await send("{}", "application/json", "Bearer wrong"), { status: 401, code: "unauthorized" });
    const get = await fetch(url);
    t.equal(get.status, 401);
    await get.body?.cancel();
  }
  for (const method of ["GET", "PUT"]) {
    const body = method === "PUT" ? {} : undefined;
    t.match(await world.api(method, "/v1/customer-calendars/nobody/schedule", body), {
      status: 404,
      body: { statusCode: 404, code: "unknown_customer" },
    });
    t.match(await world.api(method, "/v1/customer-calendars/no%20id/schedule", body), {
      status: 400,
      body: { code: "invalid_request" },
    });
  }
});

t.test("the example in the OpenAPI document can be sent as it stands", async (t) => {
  const world = await createWorld(t);
  await world.connect("luna");
  const document = JSON.parse(await (await fetch(`${world.adminUrl}/docs/json`)).text());
  const { get, put } = document.paths["/v1/customer-calendars/{customer_id}/schedule"];
  const { schema, example } = put.requestBody.content["application/json"];
  t.match(schema.properties.horizon_days, { type: "integer", minimum: 1, maximum: 730, default: 365 });
  const { status, body } = await world.api("PUT", path, example);
  t.equal(status, 200);
  t.strictSame(get.responses[200].content["application/json"].example, body);
  t.match(put.responses, { 400: {}, 401: {}, 404: {}, 502: {} });
});

t.test("public holidays are whole local dates, however long and by whatever calendar", async (t) => {
  const holidays = createHolidays();
  const inYear = async (year: number, country: string, region?: string) => {
    const dates = await holidays.readDates({ country, region }, year, year);
    return [...dates].filter((date) => date.startsWith(`${year}`)).sort();
  };

  const easter = ["2027-03-22", "2027-03-25", "2027-03-26", "2027-03-28"];
  t.strictSame((await inYear(2027, "CO")).slice(0, 7), ["2027-01-01", "2027-01-11", ...easter, "2027-05-01"]);
  t.ok((await inYear(2027, "DE", "BY")).includes("2027-01-06"));
  t.notOk((await inYear(2027, "DE")).includes("2027-01-06"));
  const bayram = ["2027-03-09", "2027-03-10", "2027-03-11"];
  t.strictSame((await inYear(2027, "TR")).slice(0, 5), ["2027-01-01", ...bayram, "2027-04-23"]);
  t.ok((await inYear(2027, "CH", "ZH")).includes("2027-03-28"), "a day of 23 hours");
  t.notOk((await inYear(2027, "CW")).includes("2027-12-31"), "a holiday from noon");
  t.strictSame((await inYear(2028, "SZ")).slice(0, 2), ["2028-01-01", "2028-01-02"], "begun the year before");
});
