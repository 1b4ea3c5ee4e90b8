import { createRenewConnection } from "@cita/providers";
import { createAccessTokens } from "@cita/token-store";
import t, { type Test } from "tap";
import { createWorld } from "../../../test/support/world.ts";
import { CalendarError, type CallOptions, type NewEvent } from "../src/calendars/calendar.ts";
import { openGoogleCalendar } from "../src/calendars/google/google-calendar.ts";
import type { UpstreamPolicyOptions } from "../src/calendars/upstream/upstream-policy.ts";

const timeZone = "America/Bogota";
const start = Date.parse("2027-01-18T09:00:00-05:00");
const span = { start, end: start + 3_600_000 };
const question = { customerId: "luna", span, calendars: ["primary"] };
const event: NewEvent = {
  ...span,
  bookingId: "0123456789abcdef0123456789abcdef",
  timeZone,
  title: "Ana · Appointment",
  description: "",
  withMeetLink: false,
};
const eventId = "cita0123456789abcdef0123456789abcdef";
const key = { bookingId: event.bookingId, eventId };
const unversioned = { eventId, version: "*" };
const nothing = async () => undefined;

/** A calendar of its own over a connected customer's account. */
async function calendarOf(t: Test, upstream: Partial<UpstreamPolicyOptions> = {}) {
  const world = await createWorld(t);
  await world.connected("luna");
  await world.connected("sol");
  const { now } = world;
  const { connections } = world.mcp.store;
  const renewConnection = createRenewConnection(world.mcp.clients);
  const accessTokens = createAccessTokens({ connections, renewConnection, now });
  const { calendar } = openGoogleCalendar({
    config: { GOOGLE_API_URL: world.googleUrl, GOOGLE_USER_QUOTA: 600, GOOGLE_PROJECT_QUOTA: 10_000 },
    agents: { accessTokens },
    checks: { accessTokens },
    upstream: { repeatAfterMs: 5, ...upstream },
    now,
  });
  const fault = (one: object) => world.sandbox("POST", "faults", { path: "/calendar/v3", ...one });
  world.providerCalls.take();
  return { world, calendar, fault, calls: world.providerCalls };
}

/** @param stopAt the how-manieth question is answered by an error */
function questioned(stopAt = Number.POSITIVE_INFINITY, error: unknown = new Error("the hold is lost")) {
  const seen = { asked: 0 };
  const options: CallOptions = {
    async beforeAttempt() {
      seen.asked += 1;
      if (seen.asked >= stopAt) throw error;
    },
  };
  return { seen, options, error };
}

async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (error: unknown) => error,
  );
}

t.test("each attempt of a write is asked about right before it is sent", async (t) => {
  const { world, calendar, calls } = await calendarOf(t);
  const inserting = questioned();
  calls.before("insert", nothing, { lost: true });
  calls.before("insert", nothing, { nth: 2, lost: true });
  await calendar.insertEvent("luna", event, inserting.options);
  t.equal(inserting.seen.asked, 3);

  // A token that isn't taken any more is renewed, and the call repeated with the new one.
  await world.sandbox("POST", "expire-access-tokens");
  const moving = questioned();
  const found = await calendar.findEvent("luna", key, timeZone, moving.options);
  t.equal(moving.seen.asked, 0, "a read isn't asked about");
  if (found.kind !== "found") throw new Error(found.kind);
  await world.sandbox("POST", "expire-access-tokens");
  const move = { eventId, version: found.version, timeZone, start: span.end, end: span.end + 3_600_000 };
  t.equal(await calendar.moveEvent("luna", move, moving.options), true);
  t.equal(moving.seen.asked, 2);

  const removing = questioned();
  calls.after("delete", nothing, { lost: true });
  const moved = await calendar.findEvent("luna", key, timeZone);
  if (moved.kind !== "found") throw new Error(moved.kind);
  const removal = await calendar.removeEvent("luna", moved, removing.options);
  t.equal(removal, "absent", "the first of the two has removed it");
  t.equal(removing.seen.asked, 2);
  await calendar.readBusy(question, removing.options);
  t.equal(removing.seen.asked, 2);
});

t.test("what it throws stops the write, and reaches the caller as it is", async (t) => {
  // What is lost on its way counts, and here it is lost often.
  const { world, calendar, calls } = await calendarOf(t, { failuresInARow: 100, unansweredInARow: 100 });
  const errors = [
    new Error("the hold is lost"),
    new CalendarError("rate_limited", "one of the caller's own"),
    Object.assign(new Error("as of Google"), { response: { status: 401 } }),
    Object.assign(new Error("as of Google"), { response: { status: 503 } }),
    "not even an error",
  ];
  for (const thrown of errors) {
    for (const stopAt of [1, 2]) {
      const { options, seen } = questioned(stopAt, thrown);
      if (stopAt === 2) calls.before("insert", nothing, { lost: true });
      const failure = await failureOf(calendar.insertEvent("luna", event, options));
      t.equal(failure, thrown);
      t.equal(seen.asked, stopAt, "it isn't repeated");
      t.equal(calls.take().length, stopAt === 2 ? 1 : 0);
    }
  }
  const { events } = await world.sandbox("GET", "events?email=luna@example.com");
  t.strictSame(events, []);
});

t.test("after a renewal of the access it stops the write as well", async (t) => {
  const { world, calendar, calls } = await calendarOf(t);
  await world.sandbox("POST", "expire-access-tokens");
  const { options, error } = questioned(2);
  t.equal(await failureOf(calendar.insertEvent("luna", event, options)), error);
  t.strictSame(calls.take(), ["insert", "token"]);
});

t.test("it is no evidence for a breaker", async (t) => {
  const { calendar } = await calendarOf(t, { failuresInARow: 1, unansweredInARow: 1, failingCustomers: 1 });
  for (let i = 0; i < 3; i++) {
    const { options, error } = questioned(1);
    t.equal(await failureOf(calendar.removeEvent("luna", unversioned, options)), error);
  }
  t.equal(await calendar.removeEvent("luna", unversioned), "absent");
});

t.test("what was set aside is there when the budget has run out, for repetitions too", async (t) => {
  const { calendar, calls } = await calendarOf(t, { perCustomer: 10, perProject: 100 });
  const reservation = await calendar.reserve("luna", { readings: 0, ofEvents: 6 });
  for (let i = 0; i < 4; i++) await calendar.readBusy(question);
  t.match(await failureOf(calendar.readBusy(question)), { code: "rate_limited" });
  t.match(await failureOf(calendar.reserve("luna", { readings: 0, ofEvents: 1 })), { code: "rate_limited" });

  await calendar.readBusy(question, { reservation });
  calls.before("insert", nothing, { lost: true });
  calls.after("insert", nothing, { lost: true });
  await calendar.insertEvent("luna", { ...event, withMeetLink: true }, { reservation });
  const uses = calls.take().filter((call) => call !== "list");
  t.strictSame(uses, ["insert", "insert", "insert", "get"]);
  await calendar.readBusy(question, { reservation });
  t.match(await failureOf(calendar.readBusy(question, { reservation })), { code: "rate_limited" });
  await calendar.readBusy({ ...question, customerId: "sol" }, { reservation });
  reservation.release();
});

t.test("requests are not set aside while the provider is down or has asked for a pause", async (t) => {
  const { calendar, fault, world } = await calendarOf(t, { failuresInARow: 1 });
  await fault({ status: 429, times: 1, headers: { "retry-after": "30" } });
  await failureOf(calendar.readBusy(question));
  t.match(await failureOf(calendar.reserve("luna", { readings: 0, ofEvents: 3 })), { code: "rate_limited" });
  await fault({ status: 503 });
  await failureOf(calendar.readBusy({ ...question, customerId: "sol" }));
  t.match(await failureOf(calendar.reserve("sol", { readings: 0, ofEvents: 3 })), {
    code: "calendar_unavailable",
  });
  await world.sandbox("DELETE", "faults");
  world.providerCalls.take();
  t.match(await failureOf(calendar.reserve("sol", { readings: 0, ofEvents: 3 })), {
    code: "calendar_unavailable",
  });
  t.strictSame(world.providerCalls.take(), [], "nothing is sent for it");
});

t.test("a pause and an open breaker hold for what was set aside too", async (t) => {
  const { calendar, fault } = await calendarOf(t, { failuresInARow: 1 });
  const [luna, sol] = [
    await calendar.reserve("luna", { readings: 0, ofEvents: 3 }),
    await calendar.reserve("sol", { readings: 0, ofEvents: 3 }),
  ];
  await fault({ status: 503, times: 1, headers: { "retry-after": "30" } });
  await failureOf(calendar.readBusy(question, { reservation: luna }));
  t.match(await failureOf(calendar.readBusy(question, { reservation: luna })), {
    code: "calendar_unavailable",
  });
  await fault({ status: 503 });
  const ofSol = { ...question, customerId: "sol" };
  await failureOf(calendar.readBusy(ofSol, { reservation: sol }));
  t.match(await failureOf(calendar.readBusy(ofSol, { reservation: sol })), { code: "calendar_unavailable" });
});
