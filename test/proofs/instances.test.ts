import { setTimeout as sleep } from "node:timers/promises";
import { type Database, engineName, openDatabase } from "@cita/database";
import { sql } from "kysely";
import t, { type Test } from "tap";
import { openAgreement } from "../support/agreement.ts";
import { testedProvider, testOtherProviders } from "../support/calendar-providers.ts";
import { comingMonday } from "../support/coming-monday.ts";
import { createProcessWorld, type ToolOutcome } from "../support/process-world.ts";
import type { ProviderCall } from "../support/provider-calls.ts";

const provider = testedProvider(import.meta.url);

const hour = 3_600_000;
const agreeMs = 15_000;
const monday = comingMonday();
const [oldTime, newTime] = [`${monday}T09:00:00-05:00`, `${monday}T10:00:00-05:00`];
const request = { start_iso: oldTime, attendee_name: "Ana", idempotency_key: "k1" };
const bea = { start_iso: oldTime, attendee_name: "Bea" };

t.setTimeout(120_000);

/** Two processes over one database, and a hand on what they ask of Google and of the database. */
async function openPair(t: Test, variables: Record<string, string> = {}) {
  const world = await createProcessWorld(t, { provider });
  const start = () =>
    world.start("test/fixtures/hasty-calendar-service.ts", {
      ...{ HOLD_MS: "60000", BEAT_INTERVAL_MS: "400" },
      ...variables,
    });
  const services = await Promise.all([start(), start()]);
  const agreement = openAgreement(world);
  const database = openDatabase(world.databaseUrl);
  t.teardown(() => Promise.all([agreement.close(), database.destroy()]));
  return {
    ...{ world, services, agreement, database, start },
    /** Resolves when a call to Google is about to be done, which waits until it may go on. */
    held(call: ProviderCall, when: "before" | "after" = "before") {
      const reached = Promise.withResolvers<void>();
      const goesOn = Promise.withResolvers<void>();
      world.providerCalls[when](call, () => {
        reached.resolve();
        return goesOn.promise;
      });
      return { reached: reached.promise, goOn: goesOn.resolve };
    },
    async expectAgreement(t: Test, customers: readonly string[]) {
      const { ms, differences } = await agreement.untilAgreed(customers, agreeMs);
      t.strictSame(differences, [], `agreed after ${ms} ms`);
      for (const customer of customers) {
        const starts = (await agreement.marked(customer)).map(({ start }) => start);
        t.equal(new Set(starts).size, starts.length, `${customer}: none is doubled`);
      }
    },
  };
}

function expectTrue(t: Test, outcomes: readonly ToolOutcome[], confirmed: readonly string[]) {
  for (const { answer, error } of outcomes) {
    if (error) t.match(error, { next_step: /\w/ });
    else if (answer.status === "confirmed") t.ok(confirmed.includes(answer.booking_id));
  }
}

/** What another program may do: in PostgreSQL its transaction is ended after ten seconds. @returns lets it go. */
async function lock(database: Database): Promise<() => Promise<void>> {
  const trx = await database.startTransaction().execute();
  if (engineName(database) === "postgres")
    await sql`lock table bookings, instances in exclusive mode`.execute(trx);
  return () =>
    trx
      .rollback()
      .execute()
      .catch(() => undefined);
}

t.test("two processes that take each other for gone lose what they held, and go on", async (t) => {
  const { services, agreement, database, held, expectAgreement } = await openPair(t);
  const [one, two] = services;
  await one.connect("luna");
  await two.connect("sol");
  const insertOfOne = held("insert");
  const first = one.call("luna", "book", request);
  await insertOfOne.reached;
  const insertOfTwo = held("insert", "after");
  const second = two.call("sol", "book", request);
  await insertOfTwo.reached;
  // Again and again: with its next beat each is known again.
  for (let i = 0; i < 500 && (await agreement.unsettled()).length > 0; i++) {
    await sql`delete from instances`.execute(database);
    await sleep(10);
  }
  t.strictSame(await agreement.unsettled(), []);
  const known = sql`select id from instances`;
  for (let i = 0; i < 500 && (await known.execute(database)).rows.length < 2; i++) await sleep(10);
  const others = await Promise.all([two.call("luna", "book", bea), one.call("sol", "book", bea)]);
  t.match(others, [{ answer: { status: "confirmed" } }, { answer: { status: "confirmed" } }]);
  insertOfOne.goOn();
  insertOfTwo.goOn();
  const outcomes = await Promise.all([first, second]);
  t.match(outcomes, [{ error: { next_step: /\w/ } }, { error: { next_step: /\w/ } }]);
  await expectAgreement(t, ["luna", "sol"]);
  for (const service of services) {
    t.match(await service.call("luna", "cancel_booking", { booking_id: others[0]?.answer?.booking_id }), {
      answer: { status: "cancelled" },
    });
  }
  t.match(await one.call("luna", "book", request), { answer: { status: "confirmed" } });
});

t.test("a program that locks the database for ten seconds makes nobody seem gone", async (t) => {
  const { services, agreement, database, held, expectAgreement } = await openPair(t);
  const [one, two] = services;
  const customers = ["luna", "sol", "mar"];
  for (const customer of customers) await one.connect(customer);
  const insert = held("insert", "after");
  const booking = one.call("luna", "book", request);
  await insert.reached;
  const removal = held("delete", "after");
  const { answer: ofSol } = await two.call("sol", "book", request);
  const cancelling = two.call("sol", "cancel_booking", { booking_id: ofSol.booking_id });
  await removal.reached;
  const { answer: ofMar } = await two.call("mar", "book", request);
  const change = held("patch", "after");
  const moving = one.call("mar", "reschedule_booking", {
    booking_id: ofMar.booking_id,
    start_iso: newTime,
  });
  await change.reached;
  const unlock = await lock(database);
  for (const { goOn } of [insert, removal, change]) goOn();
  const refused = Promise.all(services.map((service) => service.call("luna", "book", bea)));
  await sleep(10_000);
  await unlock();
  const outcomes = [...(await Promise.all([booking, cancelling, moving])), ...(await refused)];
  await expectAgreement(t, customers);
  const confirmed = (await agreement.rows()).filter(({ status }) => status === "confirmed");
  expectTrue(
    t,
    outcomes,
    confirmed.map(({ id }) => id),
  );
  for (const service of services) {
    t.notMatch(service.output(), /instances have stopped/);
    for (const customer of customers)
      t.match(await service.call(customer, "get_available_slots", { date_iso: monday }), { answer: {} });
  }
  t.match(
    await one.call("sol", "cancel_booking", { booking_id: ofSol.booking_id }),
    { answer: { status: "cancelled" } },
    "said again, it is said to be done",
  );
  t.match(await two.call("sol", "book", bea), { answer: { status: "confirmed" } }, "both go on");
});

t.test("a hold that was made by a clock an hour ahead ends with its process", async (t) => {
  const { services, held, expectAgreement } = await openPair(t);
  const [one, two] = services;
  await two.connect("luna");
  one.stepClock(hour);
  await sleep(100);
  const insert = held("insert", "after");
  const cut = one.call("luna", "book", request).catch(() => "cut off");
  await insert.reached;
  await one.end("SIGKILL");
  const endedAt = performance.now();
  insert.goOn();
  t.equal(await cut, "cut off");
  for (;;) {
    const outcome = await two.call("luna", "book", bea);
    if (outcome.error === undefined || performance.now() - endedAt > agreeMs) {
      t.match(outcome, { answer: { status: "confirmed" } });
      break;
    }
    await sleep(50);
  }
  await expectAgreement(t, ["luna"]);
});

t.test("what a process was settling when it ended is settled by the next one at once", async (t) => {
  // A calendar that doesn't answer is asked again after a minute; one that a process has stopped asking isn't such a one.
  const { services, held, start, expectAgreement } = await openPair(t, { SETTLE_AGAIN_MS: "60000" });
  const [one, two] = services;
  await one.connect("luna");
  const insert = held("insert", "after");
  const cut = one.call("luna", "book", request).catch(() => "cut off");
  await insert.reached;
  const settling = held("delete");
  await one.end("SIGKILL");
  insert.goOn();
  t.equal(await cut, "cut off");
  await settling.reached;
  const three = await start();
  await two.end("SIGKILL");
  const endedAt = performance.now();
  settling.goOn();
  let outcome = await three.call("luna", "book", bea);
  while (outcome.error !== undefined && performance.now() - endedAt < agreeMs) {
    await sleep(50);
    outcome = await three.call("luna", "book", bea);
  }
  t.match(outcome, { answer: { status: "confirmed" } });
  await expectAgreement(t, ["luna"]);
});

t.test("two processes that cancel, or cancel and move, one booking at once say one truth", async (t) => {
  const { services, agreement, expectAgreement } = await openPair(t);
  const [one, two] = services;
  const customers = Array.from({ length: 12 }, (_, i) => `customer-${i}`);
  const outcomes = await Promise.all(
    customers.map(async (customer, i) => {
      await one.connect(customer);
      const { answer } = await one.call(customer, "book", request);
      const { booking_id } = answer;
      const cancel = { tool: "cancel_booking", args: { booking_id } };
      const move = { tool: "reschedule_booking", args: { booking_id, start_iso: newTime } };
      const [here, there] = i % 2 === 0 ? [cancel, cancel] : [move, cancel];
      const both = await Promise.all([
        one.call(customer, here.tool, here.args),
        sleep(i * 3).then(() => two.call(customer, there.tool, there.args)),
      ]);
      return { customer, both, isTwice: i % 2 === 0 };
    }),
  );
  await expectAgreement(t, customers);
  for (const { customer, both, isTwice } of outcomes) {
    const [here, there] = both;
    const events = await agreement.marked(customer);
    if (isTwice) t.match(both, [{ answer: { status: "cancelled" } }, { answer: { status: "cancelled" } }]);
    for (const { error } of both) if (error) t.match(error, { next_step: /\w/ });
    if (there.answer?.status === "cancelled") t.strictSame(events, []);
    else t.match(events, [{ start: Date.parse(newTime) }], `${JSON.stringify(here)}`);
  }
});

testOtherProviders(import.meta.url);
