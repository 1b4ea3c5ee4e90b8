import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { defaultTiming } from "../apps/mcp-calendar/src/bookings/sweeper.ts";
import { createWorld, type World } from "./support/world.ts";

const monday = (time: string) => `2027-01-18T${time}:00-05:00`;
const customer = "/v1/customer-calendars/luna";
const events = "/calendar/v3/calendars/primary/events";

/** What Google answers to an event that invites somebody. */
const ofInvitations = { path: events, query: { sendUpdates: "all" } };
const noMoreToday = { ...ofInvitations, reason: "quotaExceeded" };
const noMoreForAWhile = { ...noMoreToday, headers: { "retry-after": "3600" } };
const badAddress = {
  ...ofInvitations,
  status: 400,
  body: googleError(400, "invalid", "Invalid attendee email."),
};

function googleError(code: number, reason: string, message: string) {
  return { error: { code, message, errors: [{ domain: "global", reason, message }] } };
}

async function openBusiness(t: Parameters<typeof createWorld>[0], schedule: object = {}): Promise<World> {
  // What a failing calendar left is settled as soon as it answers.
  const world = await createWorld(t, { timing: { ...defaultTiming, sweepIntervalMs: 20, settleAgainMs: 0 } });
  await world.connected("luna");
  const { status } = await world.api("PUT", `${customer}/schedule`, { invite_attendees: true, ...schedule });
  if (status !== 200) throw new Error("the schedule wasn't taken");
  await world.sandbox("DELETE", "calls");
  return world;
}

const book = (world: World, time: string, args: object = {}) =>
  world.call("luna", "book", {
    start_iso: monday(time),
    attendee_name: "Ana Ruiz",
    attendee_email: "ana@example.com",
    ...args,
  });

type GoogleEvent = { id: string; status: string; start: { dateTime: string }; attendees?: unknown[] };

async function eventsLeft(world: World): Promise<GoogleEvent[]> {
  const found = await world.sandbox("GET", "events?email=luna@example.com");
  return found.events.filter(({ status }: GoogleEvent) => status !== "cancelled");
}

async function invitations(world: World): Promise<(string | null)[]> {
  const { body } = await world.api("GET", `${customer}/bookings`);
  return body.bookings.map(({ invitation }: { invitation: string | null }) => invitation);
}

/** How many requests, refused ones too. */
async function sent(world: World, method: string, eventId?: string): Promise<number> {
  const { by } = await world.sandbox("GET", "calls");
  return by[`${method} ${events}${eventId === undefined ? "" : `/${eventId}`}`] ?? 0;
}

async function isOffered(world: World, time: string): Promise<boolean> {
  const { answer } = await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" });
  return answer.slots.some(({ start }: { start: string }) => start === monday(time));
}

const note = /no se pudo enviar la invitación/;

t.test("an appointment stands without its invitation, and agent and admin are told", async (t) => {
  for (const [name, fault] of Object.entries({ noMoreToday, noMoreForAWhile, badAddress })) {
    for (const add_meet_link of [false, true]) {
      const world = await openBusiness(t, { add_meet_link });
      await world.sandbox("POST", "faults", fault);
      const request = { idempotency_key: "key 1" };
      const { answer } = await book(world, "09:00", request);
      t.match(answer, { status: "confirmed", note }, `${name}, with a Meet link: ${add_meet_link}`);
      t.equal(typeof answer.meet_link === "string", add_meet_link);
      t.equal(await sent(world, "POST"), 1, "the event itself isn't refused");
      t.equal(await sent(world, "PATCH", answer.event_id), 1);
      const made = await eventsLeft(world);
      t.match(made, [{ id: answer.event_id, attendees: undefined }]);
      t.strictSame((await book(world, "09:00", request)).answer, answer, "and again when it is repeated");
      t.strictSame(await invitations(world), ["refused"]);
    }
  }
});

t.test("who was invited, or wasn't to be, is told without a note", async (t) => {
  const world = await openBusiness(t);
  const invited = (await book(world, "09:00")).answer;
  t.equal(invited.note, undefined);
  t.match(await eventsLeft(world), [{ attendees: [{ email: "ana@example.com" }] }]);
  await world.sandbox("POST", "faults", noMoreToday);
  const alone = (await book(world, "10:00", { attendee_email: undefined })).answer;
  t.equal(alone.note, undefined);
  t.strictSame(await invitations(world), ["sent", null]);
});

t.test("it is the same appointment where the first answer was lost", async (t) => {
  for (const drop of [true, "answer"]) {
    for (const refusal of [noMoreToday, badAddress]) {
      const world = await openBusiness(t, { add_meet_link: true });
      await world.sandbox("POST", "faults", { method: "POST", path: events, drop, times: 1 });
      await world.sandbox("POST", "faults", refusal);
      const { answer } = await book(world, "09:00");
      t.match(answer, { status: "confirmed", note, meet_link: /^https:/ });
      t.match(await eventsLeft(world), [{ id: answer.event_id }]);
    }
  }
});

t.test("a move and a cancellation are made without mail where there is none left", async (t) => {
  const world = await openBusiness(t);
  const { booking_id, event_id } = (await book(world, "09:00")).answer;
  await world.sandbox("DELETE", "calls");
  await world.sandbox("POST", "faults", noMoreToday);
  const moved = await world.call("luna", "reschedule_booking", { booking_id, start_iso: monday("11:00") });
  t.match(moved.answer, { status: "confirmed", start: monday("11:00") });
  t.match(await eventsLeft(world), [{ id: event_id, start: { dateTime: monday("11:00") } }]);
  t.equal(await sent(world, "PATCH", event_id), 2);
  const admins = await world.api("POST", `${customer}/bookings/${booking_id}/reschedule`, {
    start_iso: monday("12:00"),
  });
  t.match(admins, { status: 200, body: { start: monday("12:00"), invitation: "sent" } });
  t.match((await world.call("luna", "cancel_booking", { booking_id })).answer, { status: "cancelled" });
  t.strictSame(await eventsLeft(world), []);
  t.equal(await isOffered(world, "12:00"), true);
});

t.test("another refusal is not taken for one of the invitation, and leaves nothing behind", async (t) => {
  const world = await openBusiness(t, { add_meet_link: true });
  const ofInserts = { method: "POST", path: events };
  const conference = googleError(400, "invalid", "Invalid conference type value.");
  const refusals: [name: string, faults: object[], code: string][] = [
    ["a bad request, once", [{ ...ofInserts, status: 400, times: 1 }], "calendar_unavailable"],
    ["a bad request", [{ ...ofInserts, status: 400 }], "calendar_unavailable"],
    [
      "a value that isn't the address",
      [{ ...ofInserts, status: 400, body: conference }],
      "calendar_unavailable",
    ],
    ["no permission, once", [{ ...ofInserts, reason: "forbidden", times: 1 }], "calendar_unavailable"],
    ["no permission", [{ ...ofInserts, reason: "forbidden" }], "calendar_unavailable"],
    ["a quota that isn't the mail's", [{ ...ofInserts, reason: "quotaExceeded" }], "rate_limited"],
    ["requests too often", [{ ...ofInserts, status: 403 }], "rate_limited"],
    ["no answer to the second", [noMoreToday, { ...ofInserts, status: 503 }], "calendar_unavailable"],
    [
      "one that may have been done, and a refusal of the second",
      [{ ...ofInserts, drop: "answer", times: 1 }, noMoreToday, { ...ofInserts, status: 400 }],
      "calendar_unavailable",
    ],
  ];
  for (const [name, faults, code] of refusals) {
    for (const fault of faults) await world.sandbox("POST", "faults", fault);
    t.match(await book(world, "09:00"), { error: { code } }, name);
    await world.sandbox("DELETE", "faults");
    while (!(await isOffered(world, "09:00"))) await sleep(20);
    t.strictSame(await eventsLeft(world), [], `${name}: nothing stands, and the time is free`);
  }
  t.strictSame(await invitations(world), []);
});
