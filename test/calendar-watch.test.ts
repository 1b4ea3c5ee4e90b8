import { setTimeout as sleep } from "node:timers/promises";
import { createLogger } from "@cita/process";
import t from "tap";
import { configSchema } from "../apps/mcp-calendar/src/config.ts";
import { serve } from "../apps/mcp-calendar/src/serve.ts";
import { createServices } from "../apps/mcp-calendar/src/services.ts";
import { freePort } from "./support/free-port.ts";
import { googleVariables } from "./support/local-google.ts";
import { createWorld, serviceKey, type World } from "./support/world.ts";

const hasty = { checkAfterMs: 400, recheckAfterMs: 60, lastingAfterMs: 180, roundMs: 20 };
const watched = { calendarWatch: hasty, clockRuns: true };
const list = "GET /calendar/v3/calendars/primary/events";

const fault = (world: World, one: object) =>
  world.sandbox("POST", "faults", { path: "/calendar/v3/", email: "luna@example.com", ...one });

async function viewOf(world: World, customer = "luna") {
  return (await world.api("GET", `/v1/customer-calendars/${customer}`)).body;
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 10_000; !(await isSo()); await sleep(20)) {
    if (Date.now() > deadline) throw new Error(`${what} was not noticed`);
  }
}

const untilState = (world: World, state: string) =>
  until(state, async () => (await viewOf(world)).calendar_state.state === state);

async function kindsOf(world: World, customer = "luna"): Promise<string[]> {
  const { body } = await world.api("GET", `/v1/customer-calendars/${customer}/activity`);
  return body.activity.map(({ kind }: { kind: string }) => kind).reverse();
}

async function callsOf(world: World, ms: number): Promise<number> {
  await world.sandbox("DELETE", "calls");
  await sleep(ms);
  return (await world.sandbox("GET", "calls")).by[list] ?? 0;
}

t.test("a permission that was taken back is noticed without any call, with its link", async (t) => {
  const world = await createWorld(t, watched);
  for (const customer of ["luna", "sol"]) await world.connected(customer);
  await world.sandbox("POST", "revoke", { email: "luna@example.com" });
  await until("the loss", async () => (await viewOf(world)).status === "reconnect_required");
  t.match(await viewOf(world), {
    reconnect_link: /connect/,
    calendar_state: { state: "unknown", since: null, message: /connected it again/ },
  });
  t.strictSame(await kindsOf(world), ["link_issued", "connected", "reconnect_required", "link_issued"]);
  t.match(await viewOf(world, "sol"), { status: "connected", calendar_state: { state: "ok" } });
  const idle = await callsOf(world, 1_000);
  t.ok(idle >= 1 && idle <= 4, `one that is lost isn't asked about any more: ${idle}`);
});

t.test("a calendar that is refused, gone or doesn't answer is noticed, and that it is back", async (t) => {
  const world = await createWorld(t, watched);
  await world.connected("luna");
  for (const [state, one] of [
    ["refused", { reason: "domainPolicy" }],
    ["unreachable", { status: 503 }],
  ] as const) {
    await fault(world, one);
    await untilState(world, state);
    await world.sandbox("DELETE", "faults");
    await untilState(world, "ok");
  }
  const changes = (await kindsOf(world)).filter((kind) => kind === "calendar_state_changed");
  t.equal(changes.length, 4, "each change once");
});

t.test("a blip makes no event", async (t) => {
  const world = await createWorld(t, watched);
  await world.connected("luna");
  // Each reading is tried three times.
  await fault(world, { status: 503, times: 6 });
  await sleep(1_000);
  t.match(await viewOf(world), { calendar_state: { state: "ok" } });
  t.strictSame(await kindsOf(world), ["link_issued", "connected"]);
});

t.test("a clock that is set back an hour puts no check off", async (t) => {
  const world = await createWorld(t, watched);
  await world.connected("luna");
  world.clock.now -= 3_600_000;
  await fault(world, { reason: "domainPolicy" });
  await untilState(world, "refused");
});

t.test("days that couldn't be read are read again, and so are calendars that a schedule names", async (t) => {
  const world = await createWorld(t, watched);
  const team = "team@group.calendar.google.com";
  await world.connected("luna", { calendars: [{ id: team, events: [] }] });
  const body = { kind: "calendar#events", timeZone: "America/Bogota", items: [{ id: "abc" }] };
  await fault(world, { status: 200, body });
  await world.call("luna", "get_available_slots", { date_iso: "2027-02-15" });
  await untilState(world, "unreadable");
  await world.sandbox("DELETE", "faults");
  await untilState(world, "ok");

  await world.api("PUT", "/v1/customer-calendars/luna/schedule", { busy_calendars: ["primary", team] });
  await world.sandbox("POST", "accounts", { email: "luna@example.com" });
  await untilState(world, "not_found");
  t.match(await viewOf(world), { calendar_state: { calendar: team } });
  await world.api("PUT", "/v1/customer-calendars/luna/schedule", {});
  await untilState(world, "ok");
});

t.test("one that somebody asks about isn't asked for once more", async (t) => {
  // The clock is moved by hand: a busy machine makes no pause between questions longer.
  const world = await createWorld(t, { calendarWatch: { ...hasty, checkAfterMs: 1_000 } });
  await world.connected("luna");
  await world.sandbox("DELETE", "calls");
  const asks = 24;
  for (let i = 0; i < asks; i++) {
    world.clock.now += 60;
    await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" });
    await sleep(hasty.roundMs + 10);
  }
  t.equal((await world.sandbox("GET", "calls")).by[list], asks);
});

t.test("two processes share the work", async (t) => {
  const world = await createWorld(t, watched);
  await world.connected("luna");
  const config = configSchema.parse({
    MCP_PORT: await freePort(),
    CALENDAR_SERVICE_KEY: serviceKey,
    ...googleVariables(world.google),
    TOKEN_ENCRYPTION_KEY: world.encryptionKey,
    DATABASE_URL: world.databases.mcp,
  });
  const services = await createServices(config, {
    logger: createLogger("fatal", { write: () => undefined }),
    now: world.now,
    calendarWatch: hasty,
  });
  const { app } = await serve(services, config);
  const together = await callsOf(world, 1_600);
  await app.close();
  t.ok(together >= 2 && together <= 5, `${together} readings in the time of four`);
});

t.test("customers without an answer there open no breaker for agents", async (t) => {
  const upstream = { unansweredInARow: 2, openMs: 60_000, repeatAfterMs: 1 };
  const world = await createWorld(t, { ...watched, upstream });
  const unanswered = ["mar", "rio", "sal", "ola", "sur"];
  for (const customer of ["luna", ...unanswered]) await world.connected(customer);
  for (const customer of unanswered) await fault(world, { email: `${customer}@example.com`, drop: true });
  await sleep(900);
  t.match(await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" }), { answer: {} });
});

t.test(
  "more calendars than a tenth of the quota allows are read less often, and the log says so",
  async (t) => {
    const variables = { GOOGLE_PROJECT_QUOTA: "600" };
    const world = await createWorld(t, { ...watched, variables });
    for (const customer of ["luna", "sol", "mar"]) await world.connected(customer);
    const calls = await callsOf(world, 2_200);
    t.ok(calls <= 4, `54 a minute are allowed: ${calls} in two seconds`);
    t.match(world.log.join(""), "are read less often");
  },
);

t.test("it stops with the service, also while Google is slow", async (t) => {
  const world = await createWorld(t, { ...watched, requestTimeoutMs: 500 });
  await world.connected("luna");
  await world.sandbox("POST", "faults", { path: "/calendar/v3/", latency_ms: 2_000 });
  await sleep(500);
  await world.stopMcpCalendar();
  t.equal(await callsOf(world, 600), 0);
  t.notMatch(world.log.join(""), '"level":50');
});
