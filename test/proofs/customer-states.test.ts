import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { type CustomerState, foldEvent } from "../../apps/admin-api/src/customer-states/fold-event.ts";
import { generateHistory } from "../support/event-histories.ts";
import {
  addCustomers,
  appendEvents,
  createFeedWorld,
  readCursor,
  readEvents,
  readStates,
  type StoredEvent,
} from "../support/feed-world.ts";
import { machineSlowness } from "../support/machine-pace.ts";
import { createProcessWorld } from "../support/process-world.ts";

const customers = Array.from({ length: 5_000 }, (_, i) => `customer-${String(i).padStart(4, "0")}`);
const total = 100_000;

const world = await createProcessWorld(t);
const calendar = await world.start("apps/mcp-calendar/src/main.ts");
const { startAdmin, events, admin } = await createFeedWorld(t, world, calendar);
await addCustomers(admin, customers);

/** The events of all customers' histories, in turns. */
function* interleave() {
  const choices = () => Array.from({ length: 40 }, () => Math.floor(Math.random() * 100));
  const histories = customers.map((customerId) => ({ customerId, history: generateHistory(choices()) }));
  for (;;)
    for (const { customerId, history } of histories) {
      const { value: body } = history.next();
      if (body !== undefined) yield { customerId, body };
    }
}

async function appendMany(): Promise<StoredEvent[]> {
  const happened = interleave().take(total).toArray();
  for (let i = 0; i < total; i += 5_000) await appendEvents(events, happened.slice(i, i + 5_000));
  return readEvents(events);
}

/** What the states have to be after the events up to one of them. */
function expectStates(all: readonly StoredEvent[], cursor: number): string[] {
  const states = new Map<string, CustomerState | undefined>();
  for (const event of all) {
    if (event.id > cursor) break;
    states.set(event.customer_id, foldEvent(states.get(event.customer_id), event));
  }
  return [...states]
    .map(([id, state]) => `${id} ${state?.status} ${state?.calendarState} ${state?.eventId}`)
    .sort();
}

async function expectAgreement(t: Pick<import("tap").Test, "strictSame">, all: readonly StoredEvent[]) {
  const { cursor = 0, states } = await readStates(admin);
  const found = states.map((row) => `${row.customer_id} ${row.status} ${row.calendar_state} ${row.event_id}`);
  t.strictSame(found, expectStates(all, cursor), `the states are those of the events up to ${cursor}`);
  return cursor;
}

/** Each costs a start of the service. */
const maxKills = 20;

t.test("killed at any point, it has the states of exactly the events it has read", async (t) => {
  const all = await appendMany();
  const last = all.at(-1)?.id;
  let stops = 0;
  for (let cursor = 0; cursor !== last; ) {
    const process = startAdmin();
    await process.printed("Server listening");
    // Until it has read something more, and then a moment that falls anywhere within a page.
    const deadline = performance.now() + 20_000;
    const isKilledOnTheWay = stops < maxKills;
    const isDue = (reached: number | undefined) => (isKilledOnTheWay ? reached !== cursor : reached === last);
    while (!isDue(await readCursor(admin)) && performance.now() < deadline) await sleep(1);
    if (isKilledOnTheWay) await sleep(Math.random() * 60);
    await process.end("SIGKILL");
    const before = cursor;
    cursor = await expectAgreement(t, all);
    if (cursor !== last && cursor !== before) stops++;
  }
  t.comment(`killed ${stops} times on the way`);
  t.ok(stops >= 2);
});

t.test("100,000 events are caught up with in 10 s", async (t) => {
  const all = await appendMany();
  const last = all.at(-1)?.id;
  const process = startAdmin();
  await process.printed("Server listening");
  const begun = performance.now();
  while ((await readCursor(admin)) !== last && performance.now() - begun < 60_000) await sleep(20);
  const tookMs = performance.now() - begun;
  const slowness = machineSlowness();
  t.comment(
    `${total} events in ${(tookMs / 1_000).toFixed(2)} s, machine ${slowness.toFixed(1)} times slower`,
  );
  t.ok(tookMs <= 10_000 * slowness);
  await process.end();
  const { cursor } = await readStates(admin);
  t.equal(cursor, last);
});
