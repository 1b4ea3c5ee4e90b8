import t from "tap";
import { book } from "./support/booking-calls.ts";
import { mondayEvent as at } from "./support/free-times.ts";
import { readAllTables } from "./support/list-tables.ts";
import { createWorld, type World } from "./support/world.ts";

const path = "/v1/customer-calendars/luna/schedule/preview";
const preview = (world: World, schedule: unknown, more: object = {}) =>
  world.api("POST", path, { schedule, ...more });
const monday = { from: "2027-01-18", days: 1 };
const starts = (body: { slots: { start: string }[] }) => body.slots.map(({ start }) => start.slice(11, 16));

t.test("a preview is what an agent is offered once the schedule is saved", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna", { events: [at(11)] });
  await book(world);
  const schedule = {
    weekly_hours: { monday: [{ start: "09:00", end: "14:00" }], tuesday: [{ start: "08:00", end: "09:00" }] },
    services: [
      { id: "haircut", name: "Corte", duration_minutes: 60 },
      { id: "beard", name: "Barba", duration_minutes: 30, buffer_after_minutes: 30 },
    ],
  };
  for (const service of ["haircut", "beard"]) {
    const { status, body } = await preview(world, schedule, { service, days: 7 });
    t.equal(status, 200);
    await world.api("PUT", "/v1/customer-calendars/luna/schedule", schedule);
    const { answer } = await world.call("luna", "get_available_slots", {
      date_iso: "2027-01-17",
      days: 7,
      service,
    });
    t.strictSame(body.slots, answer.slots);
    t.match(body, {
      ...{ time_zone: "America/Bogota", now: "2027-01-17T18:00:00-05:00", service },
      ...{ from: "2027-01-17", to: "2027-01-23", reason: null, calendar_error: null },
    });
    await world.api("PUT", "/v1/customer-calendars/luna/schedule", {});
  }
  const first = await preview(world, schedule, monday);
  t.equal(first.body.service, "haircut");
  t.strictSame(starts(first.body), ["09:00", "12:00", "12:30", "13:00"]);
});

t.test("a preview stores nothing, even where the calendar was changed by hand", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const { event_id } = await book(world);
  await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" });
  await world.byHand("luna", "DELETE", event_id);
  const before = await readAllTables(world.mcp.db);
  t.equal((await preview(world, { horizon_days: 3 }, monday)).status, 200);
  t.strictSame(await readAllTables(world.mcp.db), before);
  t.equal((await world.api("GET", "/v1/customer-calendars/luna/schedule")).body.horizon_days, 365);
});

t.test("without a calendar that answers, the rules alone are shown, and it is said", async (t) => {
  const world = await createWorld(t);
  await world.connect("luna");
  const unconnected = await preview(world, {}, monday);
  t.match(unconnected, {
    status: 200,
    body: { time_zone: "UTC", calendar_error: { code: "not_connected" } },
  });
  const bogota = await preview(world, { time_zone: "America/Bogota" }, monday);
  t.match(bogota.body, { calendar_error: { code: "not_connected", message: /schedule alone/ } });
  t.equal(starts(bogota.body)[0], "09:00");

  await world.connected("luna", { events: [at(10)] });
  t.equal(starts((await preview(world, {}, monday)).body).includes("10:00"), false);
  await world.fault("any", { status: 503, times: 100 });
  const failing = await preview(world, {}, monday);
  t.match(failing.body, { time_zone: "America/Bogota", calendar_error: { code: "calendar_unavailable" } });
  t.ok(starts(failing.body).includes("10:00"));
});

t.test("a pause, a closed week and a day too far ahead are explained", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const paused = { paused_until: "2027-01-25T00:00:00-05:00" };
  t.match((await preview(world, paused)).body, { slots: [], reason: "too_soon" });
  t.match((await preview(world, { weekly_hours: {} })).body, { slots: [], reason: "closed" });
  t.match((await preview(world, { horizon_days: 1 }, { from: "2027-03-01" })).body, { reason: "too_far" });
});

t.test("what is wrong with the schedule or the question is named as when it is saved", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const wrong = {
    horizon_days: 0,
    holidays: { country: "XX" },
    busy_calendars: ["primary", "nowhere@example.com"],
  };
  const saved = await world.api("PUT", "/v1/customer-calendars/luna/schedule", wrong);
  const previewed = await preview(world, wrong);
  t.equal(saved.body.problems.length, 3);
  t.strictSame(previewed.body.problems, saved.body.problems);
  t.match(await world.api("POST", path, {}), { status: 400, body: { code: "invalid_request" } });
  t.match(await preview(world, null), { status: 400, body: { code: "invalid_schedule" } });
  t.match(await preview(world, {}, { service: "nails" }), { status: 400, body: { code: "unknown_service" } });
  for (const more of [{ days: 0 }, { days: 32 }, { from: "2027-02-30" }, { more: 1 }]) {
    t.match(await preview(world, {}, more), { status: 400, body: { code: "invalid_request" } });
  }
  t.match(await world.api("POST", "/v1/customer-calendars/nobody/schedule/preview", { schedule: {} }), {
    status: 404,
    body: { code: "unknown_customer" },
  });
});

t.test("the example in the OpenAPI document can be sent as it stands", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const document = JSON.parse(await (await fetch(`${world.adminUrl}/docs/json`)).text());
  const { post } = document.paths["/v1/customer-calendars/{customer_id}/schedule/preview"];
  t.equal((await world.api("POST", path, post.requestBody.content["application/json"].example)).status, 200);
  const { put } = document.paths["/v1/customer-calendars/{customer_id}/schedule"];
  t.match(put.responses, { 412: {} });
});
