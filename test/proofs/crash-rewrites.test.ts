import t from "tap";
import { testedProvider, testOtherProviders } from "../support/calendar-providers.ts";
import { comingMonday } from "../support/coming-monday.ts";
import { killAndRestart, startWithShortHolds } from "../support/kill-and-restart.ts";
import type { Moment } from "../support/kill-during.ts";
import { createProcessWorld } from "../support/process-world.ts";

const provider = testedProvider(import.meta.url);

const monday = comingMonday();
const [oldTime, newTime] = [`${monday}T09:00:00-05:00`, `${monday}T10:00:00-05:00`];

/** With how many events each leaves in the calendar that is connected now. */
const moments: Record<string, Moment & { leaves: number }> = {
  "the fresh reading": { call: "list", fate: "lost", leaves: 0 },
  "the insert, which Google never gets": { call: "insert", fate: "lost", leaves: 0 },
  "the insert, which Google does after the kill": { call: "insert", fate: "late", leaves: 1 },
  "the insert, which Google has done": { call: "insert", fate: "unheard", leaves: 1 },
  "the second reading": { call: "list", nth: 2, fate: "lost", leaves: 1 },
};

const world = await createProcessWorld(t, { provider });
const first = await startWithShortHolds(world);

/** A customer with an appointment in the calendar of an account that isn't connected any more. */
async function withStranded(customer: string) {
  await first.connect(customer);
  const { answer } = await first.call(customer, "book", { start_iso: oldTime, attendee_name: "Ana" });
  await first.changeAccount(customer);
  return { customer, bookingId: answer.booking_id as string };
}

const cases = await Promise.all(
  Object.entries(moments).flatMap(([name, moment], i) =>
    ["repeated", "left alone"].map(async (after) => {
      const stranded = await withStranded(`${after.slice(0, 4)}-${i}`);
      const args = { booking_id: stranded.bookingId, start_iso: newTime };
      return { ...stranded, name, moment, tool: "reschedule_booking", args, repeated: after === "repeated" };
    }),
  ),
);
const { answered, left, second, bookOnceFree } = await killAndRestart(world, first, cases);
/** Where the request isn't repeated, another attendee asks for the new time. */
const outcomes = await Promise.all(
  cases.map(({ customer, tool, args, repeated }) =>
    repeated ? second.call(customer, tool, args) : bookOnceFree(customer, [newTime]),
  ),
);

async function listed(customer: string) {
  const { answer } = await second.call(customer, "list_bookings", {});
  return answer.bookings.map(({ attendee_name, start }: { attendee_name: string; start: string }) => [
    attendee_name,
    start,
  ]);
}

t.test("each was killed in the middle, and has left what was written so far", async (t) => {
  t.equal(answered, 0);
  t.strictSame(
    left.map(({ length }) => length),
    cases.map(({ moment }) => moment.leaves),
  );
});

for (const [i, { name, customer, bookingId, repeated }] of cases.entries()) {
  const outcome = outcomes[i];
  if (repeated) {
    t.test(`killed during ${name}: the same request again writes the appointment anew, once`, async (t) => {
      t.match(outcome, { answer: { status: "confirmed", booking_id: bookingId, start: newTime } });
      t.match(await world.events(customer), [{ start: Date.parse(newTime) }]);
      t.strictSame(await listed(customer), [["Ana", newTime]]);
      t.match(await second.call(customer, "book", { start_iso: oldTime, attendee_name: "Bea" }), {
        answer: { status: "confirmed" },
      });
    });
  } else {
    t.test(`killed during ${name}: it is where it was promised, and the new time is free`, async (t) => {
      t.match(outcome, { answer: { status: "confirmed" } });
      t.match(await world.events(customer), [{ id: outcome?.answer.event_id, start: Date.parse(newTime) }]);
      t.strictSame(await listed(customer), [
        ["Ana", oldTime],
        ["Bea", newTime],
      ]);
      t.match(await second.call(customer, "book", { start_iso: oldTime, attendee_name: "Cris" }), {
        error: { code: "slot_taken" },
      });
    });
  }
}

testOtherProviders(import.meta.url);
