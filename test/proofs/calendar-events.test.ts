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
type Made = { event: Written; blocks: boolean; weekly: number };

const member = (guest: string) => ({
  attendees: [
    { email: "guest@example.com", responseStatus: "declined" },
    { email: "luna@example.com", self: true, responseStatus: guest },
  ],
});

/** Each way an event can be, and whether it blocks (the rules are Google's own, see google-event.ts). */
const kinds: [extra: object, blocks: boolean][] = [
  [{}, true],
  [{ status: "tentative" }, true],
  [{ status: "cancelled" }, false],
  [{ transparency: "transparent" }, false],
  [member("declined"), false],
  [member("tentative"), true],
  [member("needsAction"), true],
  [member("accepted"), true],
  [{ eventType: "outOfOffice" }, true],
  [{ eventType: "focusTime" }, true],
  [{ eventType: "workingLocation", visibility: "public", transparency: "transparent" }, false],
];

const day = fc.integer({ min: 0, max: days - 1 }).map((offset) => from.add({ days: offset }));
const kind = fc.constantFrom(...kinds);
const timed = fc
  .record({
    date: day,
    minute: fc.integer({ min: 5 * 60, max: 20 * 60 }),
    length: fc.integer({ min: 1, max: 200 }),
    kind,
    weekly: fc.constantFrom(1, 1, 2, 3),
  })
  .map(({ date, minute, length, kind: [extra, blocks], weekly }): Made => {
    const start = date.toPlainDateTime().add({ minutes: minute });
    const recurrence = weekly === 1 ? {} : { recurrence: [`RRULE:FREQ=WEEKLY;COUNT=${weekly}`] };
    const times = { start: `${start}`, end: `${start.add({ minutes: length })}` };
    return { event: { summary: "x", ...times, ...extra, ...recurrence }, blocks, weekly };
  });
const allDay = fc
  .record({ date: day, length: fc.integer({ min: 1, max: 3 }), kind })
  .map(({ date, length, kind: [extra, blocks] }): Made => {
    // Those that last all day say where somebody is, or that they are away, in another way.
    const plain = "eventType" in extra ? {} : extra;
    const times = { start: `${date}`, end: `${date.add({ days: length })}` };
    return { event: { summary: "x", ...times, ...plain }, blocks: "eventType" in extra || blocks, weekly: 1 };
  });

/** Whether an event, as it was written, covers a minute of the wall clock. */
function covers({ event, weekly }: Made, minute: Temporal.PlainDateTime): boolean {
  const plain = (text: string) => Temporal.PlainDateTime.from(text);
  return Array.from({ length: weekly }, (_, week) => week).some((weeks) => {
    const [start, end] = [plain(event.start).add({ weeks }), plain(event.end).add({ weeks })];
    return (
      Temporal.PlainDateTime.compare(start, minute) <= 0 && Temporal.PlainDateTime.compare(minute, end) < 0
    );
  });
}

function expectedStarts(made: readonly Made[]): string[] {
  const blocking = made.filter(({ blocks }) => blocks);
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

t.test("events of every kind block exactly the minutes they cover", async (t) => {
  const world = await createWorld(t, { now });
  await world.connected("luna", { time_zone: zone });
  let compared = 0;
  const calendars = fc.array(fc.oneof(timed, timed, allDay), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(calendars, async (made) => {
      const events = made.map(({ event }) => event);
      await world.sandbox("POST", "accounts", { email: "luna@example.com", time_zone: zone, events });
      const { answer } = await world.call("luna", "get_available_slots", { date_iso: `${from}`, days });
      const offered = answer.slots.map(({ start }: { start: string }) => start);
      const expected = expectedStarts(made);
      compared += expected.length;
      if (offered.join() !== expected.join()) {
        throw new Error(`offered ${offered.length}, expected ${expected.length}`);
      }
    }),
    { numRuns: 18 },
  );
  t.ok(compared > 500, `${compared} free times were compared`);
});
