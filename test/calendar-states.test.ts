import t, { type Test } from "tap";
import { createWorld, type World } from "./support/world.ts";

const monday = { date_iso: "2027-01-18" };
const laterMonday = { date_iso: "2027-03-15" };
const minute = 60_000;
const team = "team@group.calendar.google.com";
const teamPath = `/calendar/v3/calendars/${encodeURIComponent(team)}/`;

const slots = (world: World, customer = "luna", day = monday) =>
  world.call(customer, "get_available_slots", day);

const fault = (world: World, one: object) =>
  world.sandbox("POST", "faults", { path: "/calendar/v3/", email: "luna@example.com", ...one });

const mend = (world: World) => world.sandbox("DELETE", "faults");

async function stateOf(world: World, customer = "luna") {
  const { body } = await world.api("GET", `/v1/customer-calendars/${customer}`);
  const { body: list } = await world.api("GET", "/v1/customer-calendars");
  const listed = list.customers.find(({ customer_id }: { customer_id: string }) => customer_id === customer);
  return { ...body.calendar_state, status: body.status, listed: listed.calendar_state };
}

type Change = { state: string; calendar?: string; message: string };

/** In the order they happened. */
async function changesOf(world: World, customer = "luna"): Promise<Change[]> {
  const { body } = await world.api("GET", `/v1/customer-calendars/${customer}/activity?limit=200`);
  return body.activity
    .filter(({ kind }: { kind: string }) => kind === "calendar_state_changed")
    .map(({ detail }: { detail: Change }) => detail)
    .reverse();
}

const names = (changes: readonly Change[]) => changes.map(({ state }) => state);

const putSchedule = (world: World, body: object) =>
  world.api("PUT", "/v1/customer-calendars/luna/schedule", body);

/** A calendar of the account that a schedule names. */
async function connectedWithTeam(world: World, calendars: object[] = [{ id: team, events: [] }]) {
  await world.connected("luna", { calendars });
  await putSchedule(world, { busy_calendars: ["primary", team] });
}

const eventList = (items: unknown[], extra: object = {}) => ({
  status: 200,
  body: { kind: "calendar#events", timeZone: "America/Bogota", items, ...extra },
});

/** Somebody has to mend it: agents aren't told to try again, and nobody is told that there are no times. */
function expectLasting(t: Test, error: { code: string; retryable: boolean; next_step: string }): void {
  t.match(error, {
    code: "calendar_unavailable",
    retryable: false,
    message: /no se va a arreglar solo/,
    next_step: /Don't say that there is no availability.*the business has to be told/,
  });
  t.notMatch(error.next_step, /in a minute|try again/i);
}

t.test(
  "after a consent the calendar is known to answer, and before it there is nothing to say",
  async (t) => {
    const world = await createWorld(t);
    await world.connect("luna");
    t.match(await stateOf(world), { status: "pending", listed: null });
    t.equal((await world.api("GET", "/v1/customer-calendars/luna")).body.calendar_state, null);
    await world.connected("luna");
    const ok = { state: "ok", since: "2027-01-17T23:00:00.000Z", message: "The calendar can be read." };
    t.match(await stateOf(world), { ...ok, status: "connected", listed: ok });
    world.clock.now += 5 * minute;
    await slots(world);
    t.match(await stateOf(world), ok, "since it was first so");
    t.strictSame(await changesOf(world), [], "that was to be expected");
    await world.api("DELETE", "/v1/customer-calendars/luna");
    t.equal((await world.api("GET", "/v1/customer-calendars/luna")).body.calendar_state, null);
  },
);

const refusals: [name: string, fault: object, message: RegExp][] = [
  [
    "an account without a calendar",
    { reason: "notACalendarUser" },
    /doesn't use Google Calendar\. .*open calendar\.google\.com/,
  ],
  [
    "an administrator who forbids it",
    { reason: "domainPolicy" },
    /Workspace doesn't let apps .*has to allow this app/,
  ],
  [
    "an API that isn't switched on",
    { reason: "accessNotConfigured" },
    /isn't switched on in .* our own client\. Enable it/,
  ],
  ["an account that is closed", { reason: "accountDisabled" }, /closed, suspended .*mend that with Google/],
  [
    "a refusal of the primary calendar",
    { reason: "forbidden" },
    /refuses to let the calendar be read \(forbidden\)/,
  ],
];

for (const [name, refusal, message] of refusals) {
  t.test(`what Google refuses for good is a state of the connection: ${name}`, async (t) => {
    const world = await createWorld(t);
    for (const customer of ["luna", "sol"]) await world.connected(customer);
    await fault(world, refusal);
    world.clock.now += minute;
    for (let i = 0; i < 3; i++) expectLasting(t, (await slots(world)).error);
    const booking = { start_iso: "2027-01-18T09:00:00-05:00", attendee_name: "Ana" };
    expectLasting(t, (await world.call("luna", "book", booking)).error);
    const state = await stateOf(world);
    t.match(state, { state: "refused", since: "2027-01-17T23:01:00.000Z", message, status: "connected" });
    t.match(state.message, /It has been so since 2027-01-17 23:01 UTC\.$/);
    t.match(state.listed, { state: "refused", message: state.message });
    t.strictSame(await changesOf(world), [{ state: "refused", message: state.message }], "told once");
    t.match(await stateOf(world, "sol"), { state: "ok" });

    await mend(world);
    world.clock.now += minute;
    t.match(await slots(world), { answer: { slots: Array } });
    t.match(await stateOf(world), { state: "ok", since: "2027-01-17T23:02:00.000Z" });
    t.strictSame(names(await changesOf(world)), ["refused", "ok"]);
  });
}

t.test("a client of ours that Google doesn't accept for long is told as ours to mend", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  world.clock.now += 61 * minute;
  await world.sandbox("POST", "faults", { path: "/token", status: 401, body: { error: "invalid_client" } });
  for (let i = 0; i < 4; i++) {
    t.match(await stateOf(world), { state: "ok" });
    t.match(await slots(world), { error: { code: "calendar_unavailable", retryable: true } });
    world.clock.now += minute;
  }
  t.match(await stateOf(world), {
    state: "refused",
    status: "connected",
    message: /our own OAuth client\. Check GOOGLE_CLIENT_ID/,
  });
});

t.test("a named calendar that goes away is named, until it is back or out of the schedule", async (t) => {
  const world = await createWorld(t);
  await connectedWithTeam(world);
  t.match(await slots(world), { answer: {} });
  for (const gone of [{ status: 404 }, { reason: "forbidden" }, { reason: "insufficientPermissions" }]) {
    await world.sandbox("POST", "faults", { path: teamPath, ...gone });
    for (let i = 0; i < 2; i++) expectLasting(t, (await slots(world)).error);
    const state = await stateOf(world);
    t.match(state, {
      state: "status" in gone ? "not_found" : "refused",
      calendar: team,
      status: "connected",
      message: new RegExp(`the calendar ${team}|no calendar ${team}`),
    });
    t.match(await world.call("luna", "get_business_info", {}), { answer: {} }, "its zone is known");
    t.match(
      await stateOf(world),
      { state: state.state },
      "a reading without it doesn't show that it is back",
    );
    await mend(world);
    t.match(await slots(world), { answer: {} });
    t.match(await stateOf(world), { state: "ok" });
  }
  t.strictSame(names(await changesOf(world)), ["not_found", "ok", "refused", "ok", "refused", "ok"]);

  await world.sandbox("POST", "faults", { path: teamPath, status: 404 });
  await slots(world);
  await putSchedule(world, {});
  t.match(await slots(world), { answer: {} });
  t.match(await stateOf(world), { state: "ok" });
});

t.test("a permission that is missing for all calendars is still a connection that is lost", async (t) => {
  const world = await createWorld(t);
  await connectedWithTeam(world);
  await world.sandbox("POST", "faults", { path: "/calendar/v3/", reason: "insufficientPermissions" });
  t.match(await slots(world), { error: { code: "reconnect_required" } });
  t.match(await stateOf(world), { status: "reconnect_required", state: "unknown", since: null });
});

t.test("a 404 that isn't Google's word says nothing of a named calendar", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna", { calendars: [{ id: team, events: [] }] });
  const page = { path: teamPath, status: 404, body: "<html>404. That's an error.</html>" };
  await world.sandbox("POST", "faults", page);
  t.match(await putSchedule(world, { busy_calendars: ["primary", team] }), { status: 200 });
  t.match(await slots(world), { error: { code: "calendar_unavailable", retryable: true } });
  await mend(world);
  t.match(await slots(world), { answer: { slots: Array } });
  t.strictSame(names(await changesOf(world)), []);
});

t.test("what is to be mended is what is in the way now", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const event = (id: string) => eventList([{ id, start: { dateTime: "2027-01-18" } }]);
  const ways: [fault: object, message: RegExp][] = [
    [{ reason: "accessNotConfigured" }, /isn't switched on/],
    [{ reason: "notACalendarUser" }, /doesn't use Google Calendar/],
    [event("first"), /event first/],
    [event("second"), /event second/],
  ];
  for (const [one, message] of ways) {
    world.clock.now += minute;
    await fault(world, one);
    for (let i = 0; i < 2; i++) await slots(world);
    t.match(await stateOf(world), { message });
    await mend(world);
  }
  t.strictSame(names(await changesOf(world)), ["refused", "refused", "unreadable", "unreadable"]);
  await fault(world, event("elsewhere"));
  await slots(world, "luna", laterMonday);
  t.match(await stateOf(world), { message: /event second/ }, "on other days it may be besides");
});

const unreadable: [name: string, items: unknown[], extra: object, message: RegExp][] = [
  ["an event without times", [{ id: "abc123" }], {}, /One event .*\(event abc123\)/],
  [
    "one that ends before it starts",
    [
      {
        id: "x1",
        start: { dateTime: "2027-01-18T10:00:00-05:00" },
        end: { dateTime: "2027-01-18T09:00:00-05:00" },
      },
    ],
    {},
    /\(event x1 on 2027-01-18\)/,
  ],
  ["one whose start is a number", [{ id: "x2", start: { dateTime: 5 }, end: {} }], {}, /\(event x2\)/],
  ["one that is no object", ["x"], {}, /\(event\)/],
  ["a time zone nobody knows", [], { timeZone: "Mars/Olympus" }, /time zone of the calendar/],
  ["pages without end", [], { nextPageToken: "more" }, /more events in the calendar than can be read/],
];

for (const [name, items, extra, message] of unreadable) {
  t.test(`what can't be read in a calendar lasts until somebody changes it: ${name}`, async (t) => {
    const world = await createWorld(t);
    await world.connected("luna");
    await fault(world, eventList(items, extra));
    for (let i = 0; i < 2; i++) expectLasting(t, (await slots(world)).error);
    t.match(await stateOf(world), { state: "unreadable", calendar: "primary", message });
    await mend(world);
    t.match(await slots(world), { answer: { slots: Array } });
    t.strictSame(names(await changesOf(world)), ["unreadable", "ok"]);
  });
}

t.test("an event that can't be read stays known while other days are asked for", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  for (let i = 0; i < 3; i++) {
    await fault(world, { ...eventList([{ id: "abc" }]), times: 1 });
    expectLasting(t, (await slots(world)).error);
    t.match(await slots(world, "luna", laterMonday), { answer: { slots: Array } });
    t.match(await stateOf(world), { state: "unreadable" });
  }
  t.match(await slots(world), { answer: { slots: Array } });
  t.match(await stateOf(world), { state: "ok" });
  t.strictSame(names(await changesOf(world)), ["unreadable", "ok"]);
});

const passing: [name: string, fault: object, state: string, message: RegExp][] = [
  ["a 503", { status: 503 }, "unreachable", /no usable answer .*\(503 backendError\)/],
  ["no answer", { drop: true }, "unreachable", /no usable answer/],
  ["a page in HTML", { status: 200, body: "<html>hello</html>" }, "unreachable", /unreadable answer/],
  ["a 404 page in HTML", { status: 404, body: "<html>404. That's an error.</html>" }, "unreachable", /404/],
  ["a 404 for the primary calendar", { status: 404 }, "not_found", /no primary calendar/],
  [
    "a refusal by a word that nobody knows",
    { status: 403, body: { error: { errors: [{ reason: "newWord" }] } } },
    "refused",
    /newWord/,
  ],
];

for (const [name, one, state, message] of passing) {
  t.test(`what may pass is a state only once it has lasted: ${name}`, async (t) => {
    const world = await createWorld(t);
    await world.connected("luna");
    await fault(world, one);
    const failed = { error: { code: "calendar_unavailable", retryable: true } };
    for (let i = 0; i < 5; i++) t.match(await slots(world), failed);
    t.match(await stateOf(world), { state: "ok" }, "a blip");
    await mend(world);
    await slots(world);
    world.clock.now += 10 * minute;
    await fault(world, one);
    await slots(world);
    t.match(await stateOf(world), { state: "ok" }, "another one, later");
    for (let i = 0; i < 3; i++) {
      world.clock.now += minute;
      t.match(await slots(world), failed, "it may pass all the same");
    }
    t.match(await stateOf(world), { state, message, since: "2027-01-17T23:10:00.000Z" }, "since it began");
    await slots(world);
    await mend(world);
    await slots(world);
    t.match(await stateOf(world), { state: "ok" });
    t.strictSame(names(await changesOf(world)), [state, "ok"]);
  });
}

t.test("limits, Google's or ours, say nothing of the calendar", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  for (const one of [{ status: 429 }, { reason: "quotaExceeded" }]) {
    await fault(world, one);
    for (let i = 0; i < 4; i++) {
      t.match(await slots(world), { error: { code: "rate_limited", retryable: true } });
      world.clock.now += 2 * minute;
    }
    await mend(world);
  }
  t.match(await stateOf(world), { state: "ok" });
  t.strictSame(await changesOf(world), []);
});

t.test("a new consent begins anew, also where another account is chosen", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await fault(world, { reason: "notACalendarUser" });
  await slots(world);
  world.clock.now += minute;
  const { body } = await world.connect("luna", { any_account: true });
  t.equal((await world.consent(body.shareable_link, { account: "anita@example.com" })).status, 200);
  t.match(await stateOf(world), { state: "ok", since: "2027-01-17T23:01:00.000Z" });
  t.notOk((await slots(world)).error);
});

t.test("a schedule that names a calendar that isn't there is refused with its name", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna", { calendars: [{ id: team, events: [] }] });
  const absent = (id: string) => `busy_calendars: there is no calendar ${id} that this account may read`;
  const named = {
    busy_calendars: ["primary", "gone@example.com", team, "lost@example.com"],
    horizon_days: 0,
  };
  const refused = await putSchedule(world, named);
  t.match(refused, { status: 400, body: { code: "invalid_schedule" } });
  t.match(refused.body.problems, [
    /^horizon_days must be/,
    absent("gone@example.com"),
    absent("lost@example.com"),
  ]);
  t.equal(refused.body.problems.length, 3, "with everything else that is wrong");

  for (const id of ["é", "日本語@example.com", "a?b#c", "../primary", "%2e%2e", "{calendarId}"])
    t.strictSame((await putSchedule(world, { busy_calendars: ["primary", id] })).body.problems, [absent(id)]);
  await world.sandbox("DELETE", "calls");
  for (const id of [".", "..", "\ud800"]) {
    const { body } = await putSchedule(world, { busy_calendars: ["primary", id] });
    t.strictSame(body.problems, [absent(id)], "no path can be made of it");
  }
  t.equal((await world.sandbox("GET", "calls")).total, 0, "so nothing is sent for it");
  t.match(await putSchedule(world, { busy_calendars: ["primary", team] }), { status: 200 });
  t.equal((await world.sandbox("GET", "calls")).total, 1, "each is asked once");
  t.match(await putSchedule(world, { busy_calendars: ["primary", team], horizon_days: 9 }), { status: 200 });
  t.equal((await world.sandbox("GET", "calls")).total, 1, "and not again while it stays");

  await putSchedule(world, {});
  await world.sandbox("POST", "faults", { path: teamPath, reason: "forbidden" });
  t.match((await putSchedule(world, { busy_calendars: ["primary", team] })).body.problems, [absent(team)]);
});

t.test("where it can't be known the schedule is taken, and noticed later", async (t) => {
  const world = await createWorld(t, { googleTimeoutMs: 200 });
  const body = { busy_calendars: ["primary", "gone@example.com"] };
  await world.connect("luna");
  t.match(await putSchedule(world, body), { status: 200 }, "nothing is connected");
  await world.connected("luna");
  t.match(await stateOf(world), { state: "not_found", calendar: "gone@example.com" });
  const faults = [
    { status: 503 },
    { drop: true },
    { latency_ms: 1_000 },
    { status: 429 },
    { reason: "domainPolicy" },
  ];
  for (const one of faults) {
    await putSchedule(world, {});
    await fault(world, one);
    t.match(await putSchedule(world, body), { status: 200 }, JSON.stringify(one));
    await mend(world);
  }
  await world.sandbox("POST", "revoke", { email: "luna@example.com" });
  await putSchedule(world, {});
  t.match(await putSchedule(world, body), { status: 200 }, "it was lost");
});

t.test("a clock that was set back keeps no state from being known", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await fault(world, { status: 503 });
  await slots(world);
  world.clock.now -= 60 * minute;
  for (let i = 0; i < 5; i++) {
    await slots(world);
    world.clock.now += minute;
  }
  t.match(await stateOf(world), { state: "unreachable", since: "2027-01-17T22:00:00.000Z" });
  await mend(world);
  await slots(world);
  t.match(await stateOf(world), { state: "ok" });
});

t.test("figures say how many calendars are in which state", async (t) => {
  const world = await createWorld(t);
  for (const customer of ["luna", "sol", "mar"]) await world.connected(customer);
  await fault(world, { reason: "domainPolicy" });
  await slots(world);
  const text = await (await fetch(`${world.mcpUrl}/metrics`)).text();
  t.match(text, 'cita_calendars{state="ok"} 2');
  t.match(text, 'cita_calendars{state="refused"} 1');
  for (const state of ["unreadable", "not_found", "unreachable", "unknown"])
    t.match(text, `cita_calendars{state="${state}"} 0`);
});

t.test("a reading is good although its state can't be kept", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await world.mcp.db.schema.alterTable("oauth_tokens").renameColumn("calendar_failures", "gone").execute();
  t.match(await slots(world), { answer: { slots: Array } });
  t.match(world.log.join(""), "the state of a calendar couldn't be kept");
});
