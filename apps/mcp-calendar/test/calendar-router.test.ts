import t from "tap";
import type { Calendar, CalendarError } from "../src/calendars/calendar.ts";
import { createCalendarRouter } from "../src/calendars/calendar-router.ts";

const span = { start: 0, end: 60_000 };
const key = { bookingId: "b1", eventId: "e1" };
const version = { eventId: "e1", version: "1" };

/** A calendar that answers each call with its own name. */
function createNamed(name: string): Calendar {
  const answer = async () => name as never;
  return {
    ...{ findCapabilities: answer, reserve: answer, readBusy: answer, findFailures: answer },
    ...{ insertEvent: answer, inviteAttendee: answer, findEvent: answer, moveEvent: answer },
    ...{ touchEvent: answer, removeEvent: answer, retireEvent: answer, keepAccess: answer },
  };
}

/** Every call of a calendar. */
const calls: Record<string, (calendar: Calendar, customerId: string) => Promise<unknown>> = {
  findCapabilities: (calendar, id) => calendar.findCapabilities(id),
  reserve: (calendar, id) => calendar.reserve(id, { readings: 0, ofEvents: 1 }),
  readBusy: (calendar, customerId) => calendar.readBusy({ customerId, span, calendars: ["primary"] }),
  findFailures: (calendar, id) => calendar.findFailures(id, ["primary"]),
  insertEvent: (calendar, id) =>
    calendar.insertEvent(id, {
      ...{ ...span, bookingId: "b1", timeZone: "UTC", title: "", description: "", withMeetLink: false },
    }),
  inviteAttendee: (calendar, id) =>
    calendar.inviteAttendee(id, { ...key, email: "ana@example.com", name: "Ana" }),
  findEvent: (calendar, id) => calendar.findEvent(id, key, "UTC"),
  moveEvent: (calendar, id) => calendar.moveEvent(id, { ...version, ...span, timeZone: "UTC" }),
  touchEvent: (calendar, id) => calendar.touchEvent(id, version),
  removeEvent: (calendar, id) => calendar.removeEvent(id, version),
  retireEvent: (calendar, id) => calendar.retireEvent(id, { ...key, ...span, timeZone: "UTC" }),
  keepAccess: (calendar, id) => calendar.keepAccess(id),
};

const providers: Record<string, string> = { luna: "one", sol: "two", mar: "unconfigured" };
const findProvider = async (customerId: string) => providers[customerId];
const [one, two] = [createNamed("one"), createNamed("two")];

t.test("each call goes to the provider that the customer is connected with", async (t) => {
  const router = createCalendarRouter(new Map([...Object.entries({ one, two })]), findProvider);
  t.strictSame(Object.keys(router).sort(), Object.keys(calls).sort(), "these are all of them");
  for (const [name, call] of Object.entries(calls)) {
    t.equal(await call(router, "luna"), "one", name);
    t.equal(await call(router, "sol"), "two", name);
    for (const customerId of ["mar", "nobody"])
      await t.rejects(call(router, customerId), { code: "not_connected" } as CalendarError, name);
  }
});

t.test("with one provider no connection is looked up for a call", async (t) => {
  const router = createCalendarRouter(new Map([["one", one]]), () => {
    throw new Error("it was looked up");
  });
  for (const [name, call] of Object.entries(calls)) t.equal(await call(router, "nobody"), "one", name);
});
