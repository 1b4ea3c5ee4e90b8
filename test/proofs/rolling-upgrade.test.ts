import { setTimeout as sleep } from "node:timers/promises";
import { openDatabase } from "@cita/database";
import { sql } from "kysely";
import t from "tap";
import { openAgreement } from "../support/agreement.ts";
import { comingMonday } from "../support/coming-monday.ts";
import { type CalendarProcess, createProcessWorld, type ProcessWorld } from "../support/process-world.ts";
import { unpackVersionBefore } from "../support/version-before.ts";

t.setTimeout(180_000);

const service = "apps/mcp-calendar/src/main.ts";
const customers = ["luna", "mar", "sol", "rio"];
const callers = 8;
/** Between two bookings of a caller, so that there are times left until the end. */
const pauseMs = 150;
const monday = comingMonday();

/** Every time of a week that the default hours offer, of each customer. */
async function listTimes(instance: CalendarProcess): Promise<{ customer: string; start_iso: string }[]> {
  const lists = await Promise.all(
    customers.map(async (customer) => {
      const { answer } = await instance.call(customer, "get_available_slots", { date_iso: monday, days: 7 });
      return answer.slots.map(({ start }: { start: string }) => ({ customer, start_iso: start }));
    }),
  );
  // In turn, so that all customers are booked all the while.
  return lists[0].flatMap((_: unknown, i: number) => lists.flatMap((list) => list[i] ?? []));
}

/** Agents that book until they are stopped, each call at the next of the instances, and repeated as agents do. */
function keepBooking(instances: CalendarProcess[], times: { customer: string; start_iso: string }[]) {
  const confirmed = new Map<string, string>();
  const refused: unknown[] = [];
  const counts = { retryable: 0, cut: 0 };
  let calls = 0;
  let isStopped = false;

  async function bookOnce(customer: string, request: { start_iso: string; idempotency_key: string }) {
    const instance = instances[calls++ % instances.length];
    try {
      return await instance?.call(customer, "book", { ...request, attendee_name: "Ana" });
    } catch {
      counts.cut += 1;
      return undefined;
    }
  }

  async function book({ customer, start_iso }: { customer: string; start_iso: string }): Promise<void> {
    const request = { start_iso, idempotency_key: `${customer} ${start_iso}` };
    for (let tries = 0; tries < 60; tries++) {
      const outcome = await bookOnce(customer, request);
      if (outcome?.answer !== undefined) {
        confirmed.set(outcome.answer.booking_id, customer);
        return;
      }
      if (outcome?.error !== undefined && !outcome.error.retryable) {
        refused.push({ customer, start_iso, ...outcome.error });
        return;
      }
      if (outcome !== undefined) counts.retryable += 1;
      await sleep(100);
    }
    refused.push({ customer, start_iso, code: "never answered" });
  }

  const agents = Array.from({ length: callers }, async () => {
    // A list of bookings has 50 of a customer at most.
    const isFull = () => confirmed.size >= 40 * customers.length;
    for (let next = times.shift(); next !== undefined && !isStopped && !isFull(); next = times.shift()) {
      await book(next);
      await sleep(pauseMs);
    }
  });
  return {
    ...{ confirmed, refused, counts },
    async stop() {
      isStopped = true;
      await Promise.all(agents);
    },
  };
}

async function expectAllKept(world: ProcessWorld, instance: CalendarProcess, confirmed: Map<string, string>) {
  const agreement = openAgreement(world);
  const { differences } = await agreement.untilAgreed(customers, 15_000);
  await agreement.close();
  t.strictSame(differences, [], "ledger and calendar agree");
  const bookings = (await Promise.all(customers.map((customer) => instance.bookings(customer)))).flat();
  const kept = new Set(bookings.map(({ booking_id }) => booking_id));
  t.strictSame(
    [...confirmed.keys()].filter((id) => !kept.has(id)),
    [],
    "what was confirmed is there",
  );
  t.equal(kept.size, confirmed.size, "and nothing else");
}

const before = unpackVersionBefore(t);

t.test(`instances of ${before.name} are replaced one by one while agents book`, async (t) => {
  const world = await createProcessWorld(t, { engine: "postgres" });
  const startOld = () => world.start(service, {}, before.tree);
  const startNew = () => world.start(service);
  const old = [await startOld(), await startOld()];
  const [first] = old;
  if (first === undefined) throw new TypeError("two were started");
  for (const customer of customers) await first.connect(customer);
  const instances = [...old];
  const booking = keepBooking(instances, await listTimes(first));
  for (const one of old) {
    await sleep(700);
    const next = await startNew();
    instances.push(next);
    await sleep(700);
    // A balancer stops sending before the instance is told to stop.
    instances.splice(instances.indexOf(one), 1);
    t.equal(await one.end(), 0);
  }
  await sleep(700);
  await booking.stop();
  t.comment(`${booking.confirmed.size} bookings, ${JSON.stringify(booking.counts)}`);
  t.ok(booking.confirmed.size > 20);
  t.strictSame(booking.refused, [], "every request is answered in the end, by repeating it");
  const [newest] = instances;
  if (newest === undefined) throw new TypeError("two are left");
  await expectAllKept(world, newest, booking.confirmed);
});

t.test("an instance goes on beside a newer schema, and doesn't start over one", async (t) => {
  const world = await createProcessWorld(t, { engine: "postgres" });
  const running = await world.start(service);
  await running.connect("luna");
  const db = openDatabase(world.databaseUrl);
  t.teardown(() => db.destroy());
  await sql`alter table bookings add column colour text`.execute(db);
  await sql`insert into bookings_migrations (name, timestamp) values ('9999-colours', '2027-01-01')`.execute(
    db,
  );
  const [time] = await listTimesOf(running, "luna");
  t.match(await running.call("luna", "book", { start_iso: time, attendee_name: "Ana" }), {
    answer: { status: "confirmed" },
  });
  // `start` quotes what the process has said at its end.
  await t.rejects(world.start(service), {
    message: /The database is newer than this version: [\s\S]*9999-colours/,
  });
  t.match(await running.call("luna", "list_bookings", {}), { answer: { bookings: [Object] } });
});

t.test("ten instances that start at once on an empty PostgreSQL are ten instances", async (t) => {
  const world = await createProcessWorld(t, { engine: "postgres" });
  const url = new URL(world.databaseUrl);
  url.searchParams.set("pool_size", "2");
  const instances = await Promise.all(
    Array.from({ length: 10 }, () => world.start(service, { DATABASE_URL: url.href })),
  );
  await instances[0]?.connect("luna");
  const answers = await Promise.all(
    instances.map((instance) => instance.call("luna", "get_available_slots", { date_iso: monday })),
  );
  for (const answer of answers) t.match(answer, { answer: { slots: Array } });
});

async function listTimesOf(instance: CalendarProcess, customer: string): Promise<string[]> {
  const { answer } = await instance.call(customer, "get_available_slots", { date_iso: monday });
  return answer.slots.map(({ start }: { start: string }) => start);
}
