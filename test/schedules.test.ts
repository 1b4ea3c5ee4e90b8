import { defaultSchedule } from "@cita/calendar-api";
import t from "tap";
import { createHolidays } from "../apps/mcp-calendar/src/schedules/holidays.ts";
import type { ScheduleTables } from "../apps/mcp-calendar/src/schedules/migrations.ts";
import { barberShop, schedulePath } from "./support/barber-shop.ts";
import { adminKey, createWorld, serviceKey } from "./support/world.ts";

t.test("a customer that has set nothing has the default, and what is left out takes its own", async (t) => {
  const world = await createWorld(t);
  await world.connect("luna");
  t.strictSame(await world.api("GET", schedulePath), { status: 200, body: defaultSchedule });
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
  const { status, body } = await world.api("PUT", schedulePath, { weekly_hours: hours, services: [service] });
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
  t.strictSame((await world.api("GET", schedulePath)).body, body);

  t.strictSame(await world.api("PUT", schedulePath, {}), { status: 200, body: defaultSchedule });
});

t.test(
  "a whole schedule comes back as it was sent, after a restart too, for this customer alone",
  async (t) => {
    const world = await createWorld(t);
    await world.connect("luna");
    await world.connect("sol");
    t.strictSame(await world.api("PUT", schedulePath, barberShop), { status: 200, body: barberShop });
    await world.restart();
    t.strictSame(await world.api("GET", schedulePath), { status: 200, body: barberShop });
    t.strictSame((await world.api("GET", "/v1/customer-calendars/sol/schedule")).body, defaultSchedule);
  },
);

t.test("a schedule stored by an older version takes the defaults of what has come since", async (t) => {
  const world = await createWorld(t);
  await world.connect("luna");
  await world.api("PUT", schedulePath, barberShop);
  const { services } = barberShop;
  const older = JSON.stringify({ services });
  await world.mcp.db.withTables<ScheduleTables>().updateTable("schedules").set({ schedule: older }).execute();
  t.strictSame((await world.api("GET", schedulePath)).body, { ...defaultSchedule, services });
});

t.test("bodies that are no JSON or too large, strangers, and wrong keys get the usual answers", async (t) => {
  const world = await createWorld(t);
  await world.connect("luna");
  const addresses = [
    [`${world.adminUrl}${schedulePath}`, adminKey],
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
  const { status, body } = await world.api("PUT", schedulePath, example);
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
