import t, { type Test } from "tap";
import { testedProvider, testOtherProviders } from "../support/calendar-providers.ts";
import { comingMonday } from "../support/coming-monday.ts";
import { killAndRestart, startWithShortHolds } from "../support/kill-and-restart.ts";
import type { Moment } from "../support/kill-during.ts";
import { createProcessWorld } from "../support/process-world.ts";
import type { ProviderCalls } from "../support/provider-calls.ts";

const provider = testedProvider(import.meta.url);

const monday = comingMonday();
const [oldTime, newTime] = [`${monday}T09:00:00-05:00`, `${monday}T10:00:00-05:00`];

/** The event is moved, and then the calendar can't be read: then it is moved back. */
function secondReadingFails(calls: ProviderCalls): void {
  for (const nth of [2, 3, 4]) calls.before("list", async () => undefined, { nth, lost: true });
}

/** With where each leaves the event. */
const moves: Record<string, Moment & { leaves: string }> = {
  "the fetch of the event": { call: "get", fate: "lost", leaves: oldTime },
  "the fresh reading": { call: "list", fate: "lost", leaves: oldTime },
  "the change, which Google never gets": { call: "patch", fate: "lost", leaves: oldTime },
  "the change, which Google does after the kill": { call: "patch", fate: "late", leaves: newTime },
  "the change, which Google has done": { call: "patch", fate: "unheard", leaves: newTime },
  "the second reading": { call: "list", nth: 2, fate: "lost", leaves: newTime },
  "moving it back, which Google never gets": {
    trouble: secondReadingFails,
    call: "patch",
    nth: 2,
    fate: "lost",
    leaves: newTime,
  },
  "moving it back, which Google has done": {
    trouble: secondReadingFails,
    call: "patch",
    nth: 2,
    fate: "unheard",
    leaves: oldTime,
  },
};

const cancellations: Record<string, Moment & { leaves: string | undefined }> = {
  "the removal, which Google never gets": { call: "delete", fate: "lost", leaves: oldTime },
  "the removal, which Google does after the kill": { call: "delete", fate: "late", leaves: undefined },
  "the removal, which Google has done": { call: "delete", fate: "unheard", leaves: undefined },
};

const world = await createProcessWorld(t, { provider });
const first = await startWithShortHolds(world);

/** A customer with an appointment at the old time. */
async function withBooking(customer: string) {
  await first.connect(customer);
  const { answer } = await first.call(customer, "book", { start_iso: oldTime, attendee_name: "Ana" });
  return { customer, eventId: answer.event_id as string, bookingId: answer.booking_id as string };
}

type Change = "reschedule_booking" | "cancel_booking";
const argsOf = { reschedule_booking: { start_iso: newTime }, cancel_booking: {} };

async function prepare(tool: Change, moments: Record<string, Moment & { leaves: string | undefined }>) {
  const cases = Object.entries(moments).flatMap(([name, moment], i) =>
    ["repeated", "left alone"].map(async (after) => {
      const booked = await withBooking(`${tool}-${after.slice(0, 4)}-${i}`);
      const args = { booking_id: booked.bookingId, ...argsOf[tool] };
      return { ...booked, name, moment, tool, args, repeated: after === "repeated" };
    }),
  );
  return Promise.all(cases);
}

const calm = await withBooking("calm");
const calmMove = { booking_id: calm.bookingId, start_iso: newTime };
const cases = [
  ...(await prepare("reschedule_booking", moves)),
  ...(await prepare("cancel_booking", cancellations)),
];
world.providerCalls.take();
const moved = await first.call("calm", "reschedule_booking", calmMove);
const steps = world.providerCalls.take();
const { answered, left, second, bookOnceFree } = await killAndRestart(world, first, cases);
/** Where the request isn't repeated, another attendee asks for the old and for the new time. */
const outcomes = await Promise.all(
  cases.map(({ customer, tool, args, repeated }) =>
    repeated ? second.call(customer, tool, args) : bookOnceFree(customer, [oldTime, newTime]),
  ),
);

/** What the calendar shows and what is listed, as pairs of event or booking and start. */
async function expectAgreement(t: Test, customer: string, ids: Record<string, string>): Promise<void> {
  const events = await world.events(customer);
  const { answer } = await second.call(customer, "list_bookings", {});
  t.strictSame(
    events.map(({ id, start }) => [id, start]),
    answer.bookings.map(({ booking_id, start }: { booking_id: string; start: string }) => [
      ids[booking_id],
      Date.parse(start),
    ]),
  );
}

t.test("each was killed in the middle, and has left what was written so far", async (t) => {
  t.strictSame(steps, ["get", "list", "patch", "list"], "these are the steps of a move");
  t.equal(answered, 0);
  t.strictSame(
    left.map((events) => events.map(({ id, start }) => ({ id, start }))),
    cases.map(({ eventId, moment }) =>
      moment.leaves === undefined ? [] : [{ id: eventId, start: Date.parse(moment.leaves) }],
    ),
  );
});

t.test("a move that was confirmed before the kill stands", async (t) => {
  t.match(moved, { answer: { status: "confirmed", start: newTime } });
  await expectAgreement(t, "calm", { [calm.bookingId]: calm.eventId });
  t.strictSame(await second.call("calm", "reschedule_booking", calmMove), moved);
});

for (const [i, { name, tool, customer, bookingId, eventId, repeated }] of cases.entries()) {
  const outcome = outcomes[i];
  const ids = { [bookingId]: eventId };
  if (tool === "cancel_booking" && repeated) {
    t.test(`killed during ${name}: the same request again cancels`, async (t) => {
      t.match(outcome, { answer: { status: "cancelled", booking_id: bookingId } });
      t.strictSame(await world.events(customer), []);
      await expectAgreement(t, customer, ids);
      t.match(await second.call(customer, "book", { start_iso: oldTime, attendee_name: "Bea" }), {
        answer: { status: "confirmed" },
      });
    });
  } else if (repeated) {
    t.test(`killed during ${name}: the same request again moves the appointment`, async (t) => {
      t.match(outcome, { answer: { status: "confirmed", booking_id: bookingId, start: newTime } });
      t.match(await world.events(customer), [{ id: eventId, start: Date.parse(newTime) }]);
      await expectAgreement(t, customer, ids);
      t.match(await second.call(customer, "book", { start_iso: oldTime, attendee_name: "Bea" }), {
        answer: { status: "confirmed" },
      });
    });
  } else {
    t.test(`killed during ${name}: the calendar decides, and what is free can be booked`, async (t) => {
      t.match(outcome, { answer: { status: "confirmed" } });
      const { booking_id, event_id } = outcome?.answer ?? {};
      await expectAgreement(t, customer, { ...ids, [booking_id]: event_id });
      const [own, ...others] = (await world.events(customer)).filter(({ id }) => id === eventId);
      t.strictSame(others, []);
      t.ok(own !== undefined || tool === "cancel_booking");
      t.equal(outcome?.answer.start, own?.start === Date.parse(oldTime) ? newTime : oldTime);
    });
  }
}

testOtherProviders(import.meta.url);
