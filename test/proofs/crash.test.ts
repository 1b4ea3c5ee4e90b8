import t from "tap";
import { testedProvider, testOtherProviders } from "../support/calendar-providers.ts";
import { comingMonday } from "../support/coming-monday.ts";
import { killAndRestart, startWithShortHolds } from "../support/kill-and-restart.ts";
import type { Moment } from "../support/kill-during.ts";
import { createProcessWorld } from "../support/process-world.ts";
import type { ProviderCalls } from "../support/provider-calls.ts";

const provider = testedProvider(import.meta.url);

const start_iso = `${comingMonday()}T10:00:00-05:00`;
const request = { start_iso, attendee_name: "Ana", idempotency_key: "k1" };

/** No answer to the insert or to its repetitions: then it is taken back. */
function insertsUnanswered(calls: ProviderCalls): void {
  for (const nth of [1, 2, 3]) calls.after("insert", async () => undefined, { nth, lost: true });
}

/** With how many events each leaves in the calendar. */
const moments: Record<string, Moment & { leaves: number }> = {
  "the first reading": { call: "list", fate: "lost", leaves: 0 },
  "the insert, which Google never gets": { call: "insert", fate: "lost", leaves: 0 },
  "the insert, which Google does after the kill": { call: "insert", fate: "late", leaves: 1 },
  "the insert, which Google has done": { call: "insert", fate: "unheard", leaves: 1 },
  "the second reading": { call: "list", nth: 2, fate: "lost", leaves: 1 },
  "taking back an insert without answer, which Google never gets": {
    trouble: insertsUnanswered,
    call: "delete",
    fate: "lost",
    leaves: 1,
  },
  "taking back an insert without answer, which Google has done": {
    trouble: insertsUnanswered,
    call: "delete",
    fate: "unheard",
    leaves: 0,
  },
};

const world = await createProcessWorld(t, { provider });

/** After each moment one agent repeats its request, and another wants the time where nobody does. */
const cases = Object.entries(moments).flatMap(([name, moment], i) => [
  { name, moment, customer: `repeated-${i}` },
  { name, moment, customer: `left-${i}` },
]);

const first = await startWithShortHolds(world);
await Promise.all(["calm", ...cases.map(({ customer }) => customer)].map((name) => first.connect(name)));

world.providerCalls.take();
const confirmed = await first.call("calm", "book", request);
const steps = world.providerCalls.take();
const { answered, left, second, bookOnceFree } = await killAndRestart(
  world,
  first,
  cases.map(({ customer, moment }) => ({ customer, moment, tool: "book", args: request })),
);
const outcomes = await Promise.all(
  cases.map(({ customer }) =>
    customer.startsWith("repeated")
      ? second.call(customer, "book", request)
      : bookOnceFree(customer, [start_iso]),
  ),
);

t.test("each was killed in the middle of a booking, and has left what was written so far", async (t) => {
  t.strictSame(steps, ["list", "insert", "list"], "these are the steps of a booking");
  t.equal(answered, 0);
  t.strictSame(
    left.map((events) => events.length),
    cases.map(({ moment }) => moment.leaves),
  );
});

t.test("a booking that was confirmed before the kill stands", async (t) => {
  t.match(confirmed, { answer: { status: "confirmed" } });
  t.strictSame(await second.call("calm", "book", request), confirmed);
  t.match(await world.events("calm"), [{ id: confirmed.answer.event_id }]);
});

for (const [i, { name, customer }] of cases.entries()) {
  const who = customer.startsWith("repeated")
    ? "the same request again books"
    : "the time is free after the hold";
  t.test(`killed during ${name}: ${who}, and nothing is doubled`, async (t) => {
    const { answer } = outcomes[i] ?? {};
    t.match(answer, { status: "confirmed" });
    t.match(await world.events(customer), [{ id: answer?.event_id, start: Date.parse(start_iso) }]);
    const { answer: list } = await second.call(customer, "list_bookings", {});
    t.match(list.bookings, [{ booking_id: answer?.booking_id, start: start_iso }]);
    t.equal(list.bookings.length, 1);
    t.equal((await world.events(customer)).length, 1);
    const late = await second.call(customer, "book", { start_iso, attendee_name: "Eva" });
    t.match(late, { error: { code: "slot_taken" } });
  });
}

testOtherProviders(import.meta.url);
