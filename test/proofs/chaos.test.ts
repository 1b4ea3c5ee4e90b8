import t from "tap";
import { openAgreement } from "../support/agreement.ts";
import { isRepeated, testedProvider, testOtherProviders } from "../support/calendar-providers.ts";
import { createAgents } from "../support/chaos/agents.ts";
import { editByHand, type Seat, troubleProcess, troubleProvider } from "../support/chaos/trouble.ts";
import { comingMonday } from "../support/coming-monday.ts";
import { createRandom } from "../support/fuzzing/random.ts";
import { createProcessWorld } from "../support/process-world.ts";

const provider = testedProvider(import.meta.url);

/** Another run each time; with CHAOS_SEED the choices of an earlier one are made again. */
const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);
const chaosMs = isRepeated(provider) ? 12_000 : 25_000;
const agreeMs = 15_000;
const mostCustomers = 10;

t.setTimeout(120_000);
t.comment(`CHAOS_SEED=${seed}`);

const monday = comingMonday();
const starts = ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"].map(
  (time) => `${monday}T${time}:00-05:00`,
);
const customers = Array.from({ length: mostCustomers }, (_, i) => `customer-${i}`);

const world = await createProcessWorld(t, { provider });
const start = () =>
  world.start("test/fixtures/hasty-calendar-service.ts", {
    HOLD_MS: "60000",
    GOOGLE_TIMEOUT_MS: "1000",
    GOOGLE_PROJECT_QUOTA: "100000",
  });
const seats: Seat[] = [{ current: await start() }, { current: await start() }];
const services = () => seats.map(({ current }) => current);
for (const customer of customers) await services()[0]?.connect(customer);
const owners = await Promise.all(customers.map((customer) => world.signInOwner(customer)));
const agreement = openAgreement(world);
t.teardown(() => agreement.close());

let index = 0;
const nextRandom = () => createRandom(seed, index++);
const agents = createAgents();
const until = performance.now() + chaosMs;
const edits = owners.map((owner, i) =>
  editByHand(agreement, customers[i] ?? "", { random: nextRandom(), until, owner, starts }),
);
await Promise.all([
  ...[...customers, ...customers].map((customer) =>
    agents.run({ random: nextRandom(), customer, starts, services, until }),
  ),
  ...seats.map((seat) => troubleProcess(seat, { random: nextRandom(), until, start })),
  troubleProvider(world, { random: nextRandom(), until }),
]);
const touched = new Set((await Promise.all(edits)).flatMap((ids) => [...ids]));
await world.sandbox("DELETE", "faults");
for (const { current } of seats) current.stepClock(0);

/** Looking is what lets the ledger follow a person's edits. */
const begun = performance.now();
let differences: string[] = ["not looked at"];
while (differences.length > 0 && performance.now() - begun < agreeMs) {
  for (const service of services()) {
    await Promise.all(customers.map((customer) => service.call(customer, "list_bookings", {})));
    await Promise.all(
      customers.map((customer) => service.call(customer, "get_available_slots", { date_iso: monday })),
    );
  }
  differences = await agreement.differences(customers);
}
const agreedMs = Math.round(performance.now() - begun);

const { stories, speechless, counts } = agents.told;

t.test("ledger and calendar agree within 15 s of the last fault", async (t) => {
  t.comment(`they agreed after ${agreedMs} ms`);
  t.comment(JSON.stringify(counts));
  t.strictSame(differences, []);
  t.strictSame(await agreement.unsettled(), []);
  t.ok((counts["book: done"] ?? 0) > chaosMs / 1_250, "much was booked");
});

t.test("two appointments of ours overlap only where a person has put one", async (t) => {
  for (const customer of customers) {
    const events = await agreement.marked(customer);
    const overlapping = events.filter((event) =>
      events.some((one) => one.id !== event.id && one.start < event.end && event.start < one.end),
    );
    const alone = overlapping.filter(
      (event) =>
        !touched.has(event.id) &&
        overlapping.some(({ id, start, end }) => {
          return id !== event.id && !touched.has(id) && start < event.end && event.start < end;
        }),
    );
    t.strictSame(alone, [], customer);
  }
});

t.test("what was said to be confirmed is there, unless a person or an agent took it away", async (t) => {
  const rows = new Map((await agreement.rows()).map((row) => [row.id, row]));
  for (const { bookingId, eventId, customer, starts, wantedCancelled, cancelled } of stories.values()) {
    const row = rows.get(bookingId);
    const byHand = touched.has(eventId);
    const shown = (await agreement.marked(customer)).find(({ id }) => id === eventId);
    if (cancelled) t.match(row, { status: "cancelled" }, `${bookingId} was cancelled`);
    if (shown === undefined) t.ok(byHand || wantedCancelled, `${bookingId} of ${customer} was taken away`);
    else t.ok(byHand || starts.has(shown.start), `${bookingId} of ${customer} is where somebody wanted it`);
  }
});

t.test("every error says what to do next", async (t) => {
  t.strictSame(speechless, []);
});

testOtherProviders(import.meta.url);
