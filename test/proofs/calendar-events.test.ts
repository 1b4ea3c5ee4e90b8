import fc from "fast-check";
import t from "tap";
import { testedProvider, testOtherProviders } from "../support/calendar-providers.ts";
import type { EventVariant, WallEvent } from "../support/tested-provider.ts";
import { createWorld } from "../support/world.ts";

/**
 * Calendars full of every kind of event, over a change of the clocks: what is offered is compared with a
 * look at each minute of each day, by the wall clock and the events as they were written.
 */
const provider = testedProvider(import.meta.url);

const zone = "America/New_York";
const now = Date.parse("2027-03-08T05:00:00Z");
const from = Temporal.PlainDate.from("2027-03-09");
const days = 14;

const { variants, hasDaysWithoutLength, write } = provider.variedEvents;

type Made = { event: WallEvent; variant: EventVariant };

const day = fc.integer({ min: 0, max: days - 1 }).map((offset) => from.add({ days: offset }));
const weekly = fc.constantFrom(1, 1, 2, 3);
const timed = fc
  .record({
    date: day,
    minute: fc.integer({ min: 5 * 60, max: 20 * 60 }),
    length: fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 1, max: 200 }) }, fc.constant(0)),
    variant: fc.constantFrom(...variants),
    weekly,
  })
  .map(({ date, minute, length, variant, weekly }): Made => {
    const start = date.toPlainDateTime().add({ minutes: minute });
    return { event: { start: `${start}`, end: `${start.add({ minutes: length })}`, weekly }, variant };
  });
const allDay = fc
  .record({
    date: day,
    // Google alone has days of no length, which end on the date they start.
    length: fc.integer({ min: hasDaysWithoutLength ? 0 : 1, max: 3 }),
    variant: fc.constantFrom(...variants.filter(({ isTimed }) => !isTimed)),
    weekly,
  })
  .map(({ date, length, variant, weekly }): Made => {
    return { event: { start: `${date}`, end: `${date.add({ days: length })}`, weekly }, variant };
  });

/** Whether an event, as it was written, covers a minute of the wall clock. */
function covers(event: WallEvent, minute: Temporal.PlainDateTime): boolean {
  const plain = (text: string) => Temporal.PlainDateTime.from(text);
  const isOneDate = event.start.length === "2027-03-09".length && event.end === event.start;
  return Array.from({ length: event.weekly }, (_, week) => week).some((weeks) => {
    const start = plain(event.start).add({ weeks });
    const end = plain(event.end).add({ weeks, days: isOneDate ? 1 : 0 });
    return (
      Temporal.PlainDateTime.compare(start, minute) <= 0 && Temporal.PlainDateTime.compare(minute, end) < 0
    );
  });
}

function expectedStarts(made: readonly Made[], unsettledBlocks: boolean): string[] {
  const blocking = made.filter(
    ({ variant: { effect } }) => effect === "blocks" || (effect === "unsettled" && unsettledBlocks),
  );
  const starts: string[] = [];
  for (let offset = 0; offset < days; offset++) {
    const date = from.add({ days: offset });
    if (date.dayOfWeek > 5) continue;
    for (let half = 18; half < 34; half++) {
      const start = date.toPlainDateTime().add({ minutes: half * 30 });
      const minutes = Array.from({ length: 30 }, (_, i) => start.add({ minutes: i }));
      if (minutes.some((minute) => blocking.some(({ event }) => covers(event, minute)))) continue;
      starts.push(start.toZonedDateTime(zone).toString({ timeZoneName: "never", smallestUnit: "second" }));
    }
  }
  return starts;
}

/** Both readings of what isn't settled: one customer each. */
const schedules = { luna: true, sol: false };

t.test("events of every kind block exactly the minutes they cover", async (t) => {
  const world = await createWorld(t, { provider, now });
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
        const account = { email, timeZone: zone };
        const events = made.map(({ event, variant }) => write(event, variant, account));
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

testOtherProviders(import.meta.url);
