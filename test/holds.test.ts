import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import t, { type Test } from "tap";
import { testedProvider, testOtherProviders } from "./support/calendar-providers.ts";
import { createWorld, sundayEvening, type World } from "./support/world.ts";

const provider = testedProvider(import.meta.url);

const at = (time: string) => `2027-01-18T${time}:00-05:00`;
const monday = { date_iso: "2027-01-18" };
const request = { start_iso: at("10:00"), attendee_name: "Ana", idempotency_key: "k1" };
const bea = { start_iso: at("10:00"), attendee_name: "Bea" };
const nothing = async () => undefined;
const hour = 3_600_000;

const timing = {
  ...{ holdMs: 5_000, sweepIntervalMs: 50, settleAgainMs: 200 },
  ...{ beatIntervalMs: 300, missedBeats: 4 },
};

async function connected(t: Test, options: Parameters<typeof createWorld>[1] = {}): Promise<World> {
  const world = await createWorld(t, { provider, timing, ...options });
  await world.connected("luna");
  return world;
}

/** The ids of events with our mark that stand. */
async function marked(world: World): Promise<string[]> {
  const events = await world.readEvents("luna@example.com");
  return events.filter(({ bookingId }) => bookingId !== null).map(({ id }) => id);
}

async function unsettled(world: World): Promise<unknown[]> {
  const { rows } = await sql`select id, status from bookings
    where status in ('held', 'abandoned') or cancelling_instance_id is not null`.execute(world.mcp.db);
  return rows;
}

async function untilSettled(world: World): Promise<void> {
  for (let i = 0; i < 250 && (await unsettled(world)).length > 0; i++) await sleep(20);
}

t.test(
  "an event of a released hold is removed, also where its key is another booking's by now",
  async (t) => {
    const world = await connected(t);
    const { answer: first } = await world.call("luna", "book", request);
    await sql`update bookings set status = 'released', updated_at = '2027-01-01T00:00:00.000Z'`.execute(
      world.mcp.db,
    );
    const { answer: second } = await world.call("luna", "book", { ...request, start_iso: at("12:00") });
    t.match(second, { status: "confirmed" });
    t.match(await world.call("luna", "get_available_slots", monday), { answer: { slots: Array } });
    await untilSettled(world);
    t.strictSame(await marked(world), [second.event_id]);
    t.not(first.event_id, second.event_id);
    t.match(await world.call("luna", "book", bea), { answer: { status: "confirmed" } });
  },
);

t.test("a booking whose calendar is disconnected midway leaves nothing once it is back", async (t) => {
  const world = await connected(t, { clockRuns: true });
  const disconnect = () => world.api("DELETE", "/v1/customer-calendars/luna");
  world.providerCalls.after("insert", disconnect);
  t.match(await world.call("luna", "book", request), { error: { code: /not_connected|unavailable/ } });
  await untilSettled(world);
  t.strictSame(await unsettled(world), []);
  const { body } = await world.connect("luna");
  await world.consent(body.shareable_link);
  await world.call("luna", "get_available_slots", monday);
  await untilSettled(world);
  t.strictSame(await marked(world), []);
  t.match(await world.call("luna", "book", request), { answer: { status: "confirmed" } });
});

t.test("who stops while a hold is being settled waits for it, or leaves it to the next start", async (t) => {
  const world = await connected(t, { requestTimeoutMs: 400, clockRuns: true });
  for (const nth of [1, 2, 3]) world.providerCalls.after("insert", nothing, { nth, lost: true });
  for (const nth of [1, 2, 3]) world.providerCalls.before("delete", nothing, { nth, lost: true });
  const settling = Promise.withResolvers<void>();
  // The fourth removal is the sweeper's.
  const stopped = Promise.withResolvers<void>();
  world.providerCalls.before(
    "delete",
    () => {
      settling.resolve();
      return stopped.promise;
    },
    { nth: 4 },
  );
  t.match(await world.call("luna", "book", request), { error: { code: "calendar_unavailable" } });
  await settling.promise;
  const restarted = world.restart();
  await sleep(600);
  stopped.resolve();
  await restarted;
  await untilSettled(world);
  t.strictSame(await unsettled(world), []);
  t.strictSame(await marked(world), []);
  t.match(await world.call("luna", "book", bea), { answer: { status: "confirmed" } });
});

for (const [name, offMs] of [
  ["ahead", hour],
  ["behind", -hour],
] as const) {
  t.test(`a hold that a clock an hour ${name} has made ends with its call`, async (t) => {
    const world = await connected(t, { now: sundayEvening + offMs });
    world.providerCalls.after("insert", async () => {
      await world.fault("list", { status: 503 });
      world.clock.now = sundayEvening;
    });
    t.match(await world.call("luna", "book", request), { error: { code: "calendar_unavailable" } });
    await world.sandbox("DELETE", "faults");
    t.strictSame(await unsettled(world), []);
    t.match(await world.call("luna", "book", bea), { answer: { status: "confirmed" } });
    t.equal((await marked(world)).length, 1);
  });

  t.test(`what a clock an hour ${name} has given up is settled as soon as it is right`, async (t) => {
    const world = await connected(t, { now: sundayEvening + offMs });
    for (const nth of [1, 2, 3]) world.providerCalls.after("insert", nothing, { nth, lost: true });
    world.providerCalls.after("insert", nothing);
    await world.fault("delete", { status: 503 });
    t.match(await world.call("luna", "book", request), { error: { code: "calendar_unavailable" } });
    await sleep(300);
    t.equal((await unsettled(world)).length, 1, "it was tried in the wrong time, and failed");
    world.clock.now = sundayEvening;
    await world.sandbox("DELETE", "faults");
    const begun = performance.now();
    await untilSettled(world);
    t.strictSame(await unsettled(world), []);
    t.ok(performance.now() - begun < 3_000);
    t.match(await world.call("luna", "book", bea), { answer: { status: "confirmed" } });
  });
}

testOtherProviders(import.meta.url);
