import fc from "fast-check";
import t from "tap";
import { createWorld } from "../support/world.ts";

/**
 * Calendars full of every kind of event, over a change of the clocks: what is offered is compared with a
 * look at each minute of each day, by the wall clock and the events as they were written.
 */
const zone = "America/New_York";
const now = Date.parse("2027-03-08T05:00:00Z");
const from = Temporal.PlainDate.from("2027-03-09");
const days = 14;

type Written = { summary: string; start: string; end: string; [member: string]: unknown };
/** What an event does with the minutes it covers: `unsettled` ones block where the schedule says so. */
type Effect = "blocks" | "unsettled" | "nothing";
type Made = { event: Written; effect: Effect; weekly: number };

const invited = (answer: string, organizer = "stranger@example.com") => ({
  organizer: { email: organizer },
  attendees: [
    { email: "guest@example.com", responseStatus: "declined" },
    { email: "luna@example.com", responseStatus: answer },
  ],
});
const ownInvitation = (answer: string) => invited(answer, "luna@example.com");

/** Each way an event can be, and what it does (the rules are Google's own, see google-event.ts). */
const kinds: [extra: object, effect: Effect][] = [
  [{}, "blocks"],
  [{ status: "tentative" }, "unsettled"],
  [{ status: "cancelled" }, "nothing"],
  [{ transparency: "transparent" }, "nothing"],
  [invited("declined"), "nothing"],
  [invited("tentative"), "unsettled"],
  [invited("needsAction"), "unsettled"],
  [invited("accepted"), "blocks"],
  [ownInvitation("declined"), "nothing"],
  [ownInvitation("tentative"), "unsettled"],
  [ownInvitation("needsAction"), "blocks"],
  [ownInvitation("accepted"), "blocks"],
  [{ ...invited("needsAction"), status: "cancelled" }, "nothing"],
  [{ ...invited("needsAction"), transparency: "transparent" }, "nothing"],
  [{ ...invited("accepted"), status: "tentative" }, "unsettled"],
  [{ eventType: "outOfOffice" }, "blocks"],
  [{ eventType: "focusTime" }, "blocks"],
  [{ eventType: "workingLocation", visibility: "public", transparency: "transparent" }, "nothing"],
];

const day = fc.integer({ min: 0, max: days - 1 }).map((offset) => from.add({ days: offset }));
const kind = fc.constantFrom(...kinds);
const weekly = fc.constantFrom(1, 1, 2, 3);
const recurring = (weekly: number) =>
  weekly === 1 ? {} : { recurrence: [`RRULE:FREQ=WEEKLY;COUNT=${weekly}`] };
const timed = fc
  .record({
    date: day,
    minute: fc.integer({ min: 5 * 60, max: 20 * 60 }),
    length: fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 1, max: 200 }) }, fc.constant(0)),
    kind,
    weekly,
  })
  .map(({ date, minute, length, kind: [extra, effect], weekly }): Made => {
    const start = date.toPlainDateTime().add({ minutes: minute });
    const times = { start: `${start}`, end: `${start.add({ minutes: length })}` };
    return { event: { summary: "x", ...times, ...extra, ...recurring(weekly) }, effect, weekly };
  });
/** One of no length ends on the date it starts, as imports write a single day. */
const allDay = fc
  .record({ date: day, length: fc.integer({ min: 0, max: 3 }), kind, weekly })
  .map(({ date, length, kind: [extra, effect], weekly }): Made => {
    // Those that last all day say where somebody is, or that they are away, in another way.
    const [plain, done]: [object, Effect] = "eventType" in extra ? [{}, "blocks"] : [extra, effect];
    const times = { start: `${date}`, end: `${date.add({ days: length })}` };
    return { event: { summary: "x", ...times, ...plain, ...recurring(weekly) }, effect: done, weekly };
  });

/** Whether an event, as it was written, covers a minute of the wall clock. */
function covers({ event, weekly }: Made, minute: Temporal.PlainDateTime): boolean {
  const plain = (text: string) => Temporal.PlainDateTime.from(text);
  const isOneDate = event.start.length === "2027-03-09".length && event.end === event.start;
  return Array.from({ length: weekly }, (_, week) => week).some((weeks) => {
    const start = plain(event.start).add({ weeks });
    const end = plain(event.end).add({ weeks, days: isOneDate ? 1 : 0 });
    return (
      Temporal.PlainDateTime.compare(start, minute) <= 0 && Temporal.PlainDateTime.compare(minute, end) < 0
    );
  });
}

function expectedStarts(made: readonly Made[], unsettledBlocks: boolean): string[] {
  const blocking = made.filter(
    ({ effect }) => effect === "blocks" || (effect === "unsettled" && unsettledBlocks),
  );
  const starts: string[] = [];
  for (let offset = 0; offset < days; offset++) {
    const date = from.add({ days: offset });
    if (date.dayOfWeek > 5) continue;
    for (let half = 18; half < 34; half++) {
      const start = date.toPlainDateTime().add({ minutes: half * 30 });
      const minutes = Array.from({ length: 30 }, (_, i) => start.add({ minutes: i }));
      if (minutes.some((minute) => blocking.some((one) => covers(one, minute)))) continue;
      starts.push(start.toZonedDateTime(zone).toString({ timeZoneName: "never", smallestUnit: "second" }));
    }
  }
  return starts;
}

/** Both readings of what isn't settled: one customer each. */
const schedules = { luna: true, sol: false };

t.test("events of every kind block exactly the minutes they cover", async (t) => {
  const world = await createWorld(t, { now });
  for (const [customer, tentative_is_busy] of Object.entries(schedules)) {
    await world.connected(customer, { time_zone: zone });
    const path = `/v1/customer-calendars/${customer}/schedule`;
    const { status } = await world.api("PUT", path, { tentative_is_busy });
    t.equal(status, 200);
  }
  let compared = 0;
  const calendars = fc.array(fc.oneof(timed, timed, allDay), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(
      calendars,
      fc.constantFrom(...Object.entries(schedules)),
      async (made, [customer, blocks]) => {
        const email = `${customer}@example.com`;
        const events = JSON.parse(
          JSON.stringify(made.map(({ event }) => event)).replaceAll("luna@example.com", email),
        );
        await world.sandbox("POST", "accounts", { email, time_zone: zone, events });
        const { answer } = await world.call(customer, "get_available_slots", { date_iso: `${from}`, days });
        const offered = answer.slots.map(({ start }: { start: string }) => start);
        const expected = expectedStarts(made, blocks);
        compared += expected.length;
        if (offered.join() !== expected.join()) {
          throw new Error(`offered ${offered.length}, expected ${expected.length}`);
        }
      },
    ),
    { numRuns: 36 },
  );
  t.ok(compared > 500, `${compared} free times were compared`);
});
