import t from "tap";
import {
  addFault,
  eventList,
  expectLasting,
  laterMonday,
  minuteMs,
  readChanges,
  readSlots,
  readState,
  removeFaults,
  statesOf,
} from "./support/calendar-states.ts";
import { createWorld } from "./support/world.ts";

t.test(
  "after a consent the calendar is known to answer, and before it there is nothing to say",
  async (t) => {
    const world = await createWorld(t);
    await world.connect("luna");
    t.match(await readState(world), { status: "pending", listed: null });
    t.equal((await world.api("GET", "/v1/customer-calendars/luna")).body.calendar_state, null);
    await world.connected("luna");
    const ok = { state: "ok", since: "2027-01-17T23:00:00.000Z", message: "The calendar can be read." };
    t.match(await readState(world), { ...ok, status: "connected", listed: ok });
    world.clock.now += 5 * minuteMs;
    await readSlots(world);
    t.match(await readState(world), ok, "since it was first so");
    t.strictSame(await readChanges(world), [], "that was to be expected");
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
    await addFault(world, refusal);
    world.clock.now += minuteMs;
    for (let i = 0; i < 3; i++) expectLasting(t, (await readSlots(world)).error);
    const booking = { start_iso: "2027-01-18T09:00:00-05:00", attendee_name: "Ana" };
    expectLasting(t, (await world.call("luna", "book", booking)).error);
    const state = await readState(world);
    t.match(state, { state: "refused", since: "2027-01-17T23:01:00.000Z", message, status: "connected" });
    t.match(state.message, /It has been so since 2027-01-17 23:01 UTC\.$/);
    t.match(state.listed, { state: "refused", message: state.message });
    t.strictSame(
      await readChanges(world),
      [{ provider: "google", state: "refused", message: state.message }],
      "recorded once",
    );
    t.match(await readState(world, "sol"), { state: "ok" });

    await removeFaults(world);
    world.clock.now += minuteMs;
    t.match(await readSlots(world), { answer: { slots: Array } });
    t.match(await readState(world), { state: "ok", since: "2027-01-17T23:02:00.000Z" });
    t.strictSame(statesOf(await readChanges(world)), ["refused", "ok"]);
  });
}

t.test("a client of ours that Google doesn't accept for long is named as ours to mend", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  world.clock.now += 61 * minuteMs;
  await world.sandbox("POST", "faults", { path: "/token", status: 401, body: { error: "invalid_client" } });
  for (let i = 0; i < 4; i++) {
    t.match(await readState(world), { state: "ok" });
    t.match(await readSlots(world), { error: { code: "calendar_unavailable", retryable: true } });
    world.clock.now += minuteMs;
  }
  t.match(await readState(world), {
    state: "refused",
    status: "connected",
    message: /our own OAuth client\. Check GOOGLE_CLIENT_ID/,
  });
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
    world.clock.now += minuteMs;
    await addFault(world, one);
    for (let i = 0; i < 2; i++) await readSlots(world);
    t.match(await readState(world), { message });
    await removeFaults(world);
  }
  t.strictSame(statesOf(await readChanges(world)), ["refused", "refused", "unreadable", "unreadable"]);
  await addFault(world, event("elsewhere"));
  await readSlots(world, "luna", laterMonday);
  t.match(await readState(world), { message: /event second/ }, "on other days it may be besides");
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
    await addFault(world, eventList(items, extra));
    for (let i = 0; i < 2; i++) expectLasting(t, (await readSlots(world)).error);
    t.match(await readState(world), { state: "unreadable", calendar: "primary", message });
    await removeFaults(world);
    t.match(await readSlots(world), { answer: { slots: Array } });
    t.strictSame(statesOf(await readChanges(world)), ["unreadable", "ok"]);
  });
}

t.test("an event that can't be read stays known while other days are asked for", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  for (let i = 0; i < 3; i++) {
    await addFault(world, { ...eventList([{ id: "abc" }]), times: 1 });
    expectLasting(t, (await readSlots(world)).error);
    t.match(await readSlots(world, "luna", laterMonday), { answer: { slots: Array } });
    t.match(await readState(world), { state: "unreadable" });
  }
  t.match(await readSlots(world), { answer: { slots: Array } });
  t.match(await readState(world), { state: "ok" });
  t.strictSame(statesOf(await readChanges(world)), ["unreadable", "ok"]);
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
    await addFault(world, one);
    const failed = { error: { code: "calendar_unavailable", retryable: true } };
    for (let i = 0; i < 5; i++) t.match(await readSlots(world), failed);
    t.match(await readState(world), { state: "ok" }, "a blip");
    await removeFaults(world);
    await readSlots(world);
    world.clock.now += 10 * minuteMs;
    await addFault(world, one);
    await readSlots(world);
    t.match(await readState(world), { state: "ok" }, "another one, later");
    for (let i = 0; i < 3; i++) {
      world.clock.now += minuteMs;
      t.match(await readSlots(world), failed, "it may pass all the same");
    }
    t.match(await readState(world), { state, message, since: "2027-01-17T23:10:00.000Z" }, "since it began");
    await readSlots(world);
    await removeFaults(world);
    await readSlots(world);
    t.match(await readState(world), { state: "ok" });
    t.strictSame(statesOf(await readChanges(world)), [state, "ok"]);
  });
}

t.test("limits, Google's or ours, say nothing of the calendar", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  for (const one of [{ status: 429 }, { reason: "quotaExceeded" }]) {
    await addFault(world, one);
    for (let i = 0; i < 4; i++) {
      t.match(await readSlots(world), { error: { code: "rate_limited", retryable: true } });
      world.clock.now += 2 * minuteMs;
    }
    await removeFaults(world);
  }
  t.match(await readState(world), { state: "ok" });
  t.strictSame(await readChanges(world), []);
});

t.test("a new consent begins anew, also where another account is chosen", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await addFault(world, { reason: "notACalendarUser" });
  await readSlots(world);
  world.clock.now += minuteMs;
  const { body } = await world.connect("luna", { any_account: true });
  t.equal((await world.consent(body.shareable_link, { account: "anita@example.com" })).status, 200);
  t.match(await readState(world), { state: "ok", since: "2027-01-17T23:01:00.000Z" });
  t.notOk((await readSlots(world)).error);
});

t.test("a clock that was set back keeps no state from being known", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await addFault(world, { status: 503 });
  await readSlots(world);
  world.clock.now -= 60 * minuteMs;
  for (let i = 0; i < 5; i++) {
    await readSlots(world);
    world.clock.now += minuteMs;
  }
  t.match(await readState(world), { state: "unreachable", since: "2027-01-17T22:00:00.000Z" });
  await removeFaults(world);
  await readSlots(world);
  t.match(await readState(world), { state: "ok" });
});

t.test("figures say how many calendars are in which state", async (t) => {
  const world = await createWorld(t);
  for (const customer of ["luna", "sol", "mar"]) await world.connected(customer);
  await addFault(world, { reason: "domainPolicy" });
  await readSlots(world);
  const text = await (await fetch(`${world.mcpUrl}/metrics`)).text();
  t.match(text, 'cita_calendars{provider="google",state="ok"} 2');
  t.match(text, 'cita_calendars{provider="google",state="refused"} 1');
  for (const state of ["unreadable", "not_found", "unreachable", "unknown"])
    t.match(text, `cita_calendars{provider="google",state="${state}"} 0`);
});

t.test("a reading is good although its state can't be kept", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await world.mcp.db.schema.alterTable("oauth_tokens").renameColumn("calendar_failures", "gone").execute();
  t.match(await readSlots(world), { answer: { slots: Array } });
  t.match(world.log.join(""), "the state of a calendar couldn't be kept");
});
