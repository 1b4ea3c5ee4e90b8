import t from "tap";
import {
  addFault,
  connectWithTeam,
  expectLasting,
  readChanges,
  readSlots,
  readState,
  removeFaults,
  statesOf,
  team,
  teamPath,
} from "./support/calendar-states.ts";
import { putSchedule } from "./support/schedule.ts";
import { createWorld } from "./support/world.ts";

t.test("a named calendar that goes away is named, until it is back or out of the schedule", async (t) => {
  const world = await createWorld(t);
  await connectWithTeam(world);
  t.match(await readSlots(world), { answer: {} });
  for (const gone of [{ status: 404 }, { reason: "forbidden" }, { reason: "insufficientPermissions" }]) {
    await world.sandbox("POST", "faults", { path: teamPath, ...gone });
    for (let i = 0; i < 2; i++) expectLasting(t, (await readSlots(world)).error);
    const state = await readState(world);
    t.match(state, {
      state: "status" in gone ? "not_found" : "refused",
      calendar: team,
      status: "connected",
      message: new RegExp(`the calendar ${team}|no calendar ${team}`),
    });
    t.match(await world.call("luna", "get_business_info", {}), { answer: {} }, "its zone is known");
    t.match(
      await readState(world),
      { state: state.state },
      "a reading without it doesn't show that it is back",
    );
    await removeFaults(world);
    t.match(await readSlots(world), { answer: {} });
    t.match(await readState(world), { state: "ok" });
  }
  t.strictSame(statesOf(await readChanges(world)), ["not_found", "ok", "refused", "ok", "refused", "ok"]);

  await world.sandbox("POST", "faults", { path: teamPath, status: 404 });
  await readSlots(world);
  await putSchedule(world, "luna", {});
  t.match(await readSlots(world), { answer: {} });
  t.match(await readState(world), { state: "ok" });
});

t.test("a permission that is missing for all calendars is still a connection that is lost", async (t) => {
  const world = await createWorld(t);
  await connectWithTeam(world);
  await world.sandbox("POST", "faults", { path: "/calendar/v3/", reason: "insufficientPermissions" });
  t.match(await readSlots(world), { error: { code: "reconnect_required" } });
  t.match(await readState(world), { status: "reconnect_required", state: "unknown", since: null });
});

t.test("a 404 that isn't Google's word says nothing of a named calendar", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna", { calendars: [{ id: team, events: [] }] });
  const page = { path: teamPath, status: 404, body: "<html>404. That's an error.</html>" };
  await world.sandbox("POST", "faults", page);
  t.match(await putSchedule(world, "luna", { busy_calendars: ["primary", team] }), { status: 200 });
  t.match(await readSlots(world), { error: { code: "calendar_unavailable", retryable: true } });
  await removeFaults(world);
  t.match(await readSlots(world), { answer: { slots: Array } });
  t.strictSame(statesOf(await readChanges(world)), []);
});

t.test("a schedule that names a calendar that isn't there is refused with its name", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna", { calendars: [{ id: team, events: [] }] });
  const absent = (id: string) => `busy_calendars: there is no calendar ${id} that this account may read`;
  const named = {
    busy_calendars: ["primary", "gone@example.com", team, "lost@example.com"],
    horizon_days: 0,
  };
  const refused = await putSchedule(world, "luna", named);
  t.match(refused, { status: 400, body: { code: "invalid_schedule" } });
  t.match(refused.body.problems, [
    /^horizon_days must be/,
    absent("gone@example.com"),
    absent("lost@example.com"),
  ]);
  t.equal(refused.body.problems.length, 3, "with everything else that is wrong");

  for (const id of ["é", "日本語@example.com", "a?b#c", "../primary", "%2e%2e", "{calendarId}"])
    t.strictSame((await putSchedule(world, "luna", { busy_calendars: ["primary", id] })).body.problems, [
      absent(id),
    ]);
  await world.sandbox("DELETE", "calls");
  for (const id of [".", "..", "\ud800"]) {
    const { body } = await putSchedule(world, "luna", { busy_calendars: ["primary", id] });
    t.strictSame(body.problems, [absent(id)], "no path can be made of it");
  }
  t.equal((await world.sandbox("GET", "calls")).total, 0, "so nothing is sent for it");
  t.match(await putSchedule(world, "luna", { busy_calendars: ["primary", team] }), { status: 200 });
  t.equal((await world.sandbox("GET", "calls")).total, 1, "each is asked once");
  t.match(await putSchedule(world, "luna", { busy_calendars: ["primary", team], horizon_days: 9 }), {
    status: 200,
  });
  t.equal((await world.sandbox("GET", "calls")).total, 1, "and not again while it stays");

  await putSchedule(world, "luna", {});
  await world.sandbox("POST", "faults", { path: teamPath, reason: "forbidden" });
  t.match((await putSchedule(world, "luna", { busy_calendars: ["primary", team] })).body.problems, [
    absent(team),
  ]);
});

t.test("where it can't be known the schedule is taken, and noticed later", async (t) => {
  const world = await createWorld(t, { requestTimeoutMs: 200 });
  const body = { busy_calendars: ["primary", "gone@example.com"] };
  await world.connect("luna");
  t.match(await putSchedule(world, "luna", body), { status: 200 }, "nothing is connected");
  await world.connected("luna");
  t.match(await readState(world), { state: "not_found", calendar: "gone@example.com" });
  const faults = [
    { status: 503 },
    { drop: true },
    { latency_ms: 1_000 },
    { status: 429 },
    { reason: "domainPolicy" },
  ];
  for (const one of faults) {
    await putSchedule(world, "luna", {});
    await addFault(world, one);
    t.match(await putSchedule(world, "luna", body), { status: 200 }, JSON.stringify(one));
    await removeFaults(world);
  }
  await world.sandbox("POST", "revoke", { email: "luna@example.com" });
  await putSchedule(world, "luna", {});
  t.match(await putSchedule(world, "luna", body), { status: 200 }, "it was lost");
});
