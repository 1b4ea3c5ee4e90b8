import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "@cita/database";
import { createLogger } from "@cita/process";
import { sql } from "kysely";
import t from "tap";
import {
  createTestDatabase,
  forEachDatabase,
  type TestDatabase,
} from "../../../test/support/test-database.ts";
import { type AppendEvent, type EventLog, type NewEvent, openEventLog, pollEvents } from "../src/index.ts";

const logger = createLogger("silent");
const { signal } = new AbortController();
const counted = (count: number, once?: string): NewEvent => ({
  ...{ customerId: "luna", kind: "bookings_stranded", data: { count } },
  ...(once !== undefined && { once }),
});
const add = (log: EventLog, count: number) => log.transaction((_, append) => append(counted(count)));
const follow = (log: EventLog, after: string, waitMs = 20_000) =>
  pollEvents(log, { after, limit: 5, waitMs, signal });

/** Two processes, as far as the database knows. */
async function openTwice(database: TestDatabase) {
  const [db, other] = [database.open(), database.open()];
  return { db, log: await openEventLog({ db, logger }), other: await openEventLog({ db: other, logger }) };
}

/** A transaction that has appended and goes on. @returns ends it. */
async function appendAndStay(log: EventLog, count: number) {
  const appended = Promise.withResolvers<void>();
  const end = Promise.withResolvers<"commit" | "roll back">();
  const transaction = log.transaction(async (_, append) => {
    await append(counted(count));
    appended.resolve();
    if ((await end.promise) === "roll back") throw new Error("rolled back");
  });
  await appended.promise;
  return async (how: "commit" | "roll back") => {
    end.resolve(how);
    if (how === "commit") await transaction;
    else await t.rejects(transaction, { message: "rolled back" });
  };
}

forEachDatabase(t, "an event that another process appends wakes who waits", async (t, database) => {
  const log = await openEventLog({ db: database.open(), logger });
  const script = new URL("./fixtures/appending-process.ts", import.meta.url);
  const child = fork(script, [database.url], { execArgv: [] });
  t.teardown(() => child.kill());
  await once(child, "message");
  let after = await log.now();
  for (let i = 1; i <= 10; i++) {
    const waiting = follow(log, after);
    await sleep(Math.random() * 60);
    child.send(i);
    const begun = performance.now();
    const page = await waiting;
    t.match(page.events, [{ data: { count: i } }]);
    // Far below the waiting time on a busy machine too. How fast it is, test/proofs/event-feed measures.
    t.ok(performance.now() - begun < 5_000);
    after = page.cursor;
  }
});

forEachDatabase(t, "of twenty at once with one name the first is stored", async (t, database) => {
  const { log, other } = await openTwice(database);
  const appends = Array.from({ length: 20 }, (_, i) =>
    (i % 2 === 0 ? log : other).transaction((_, append) => append(counted(i, "once"))),
  );
  t.equal((await Promise.all(appends)).filter(Boolean).length, 1);
  t.equal((await log.page({ limit: 50 })).length, 1);
});

/** Appends one or two events, some time apart, or gives up. */
async function appendSlowly(append: AppendEvent, count: number): Promise<void> {
  await append(counted(count));
  await sleep(Math.random() * 4);
  if (count % 10 === 9) throw new Error("given up");
  if (count % 3 === 0) await append(counted(count + 1_000));
  await sleep(Math.random() * 4);
}

forEachDatabase(t, "who follows misses nothing that is committed in whatever order", async (t, database) => {
  const { log, other } = await openTwice(database);
  const start = await log.now();
  const writing = Array.from({ length: 8 }, async (_, writer) => {
    for (let i = 0; i < 20; i++) {
      const count = writer * 20 + i;
      const deed = (writer % 2 === 0 ? log : other).transaction((_, append) => appendSlowly(append, count));
      await deed.catch((error: Error) => t.equal(error.message, "given up"));
    }
  });
  const ended = Promise.all(writing).then(() => add(log, -1));
  const read: { id: number; count: unknown }[] = [];
  for (let after = start; read.at(-1)?.count !== -1; ) {
    const page = await follow(other, after);
    read.push(...page.events.map(({ id, data }) => ({ id, count: data.count })));
    after = page.cursor;
  }
  await ended;
  const stored = (await log.page({ limit: 500 })).reverse();
  t.strictSame(
    read,
    stored.map(({ id, data }) => ({ id, count: data.count })),
  );
  t.equal(stored.length, 8 * 18 + 54 - 6 + 1);
});

/** What follows can't be in SQLite, where the second transaction waits for the first. */
const openPostgresTwice = async (t: Parameters<typeof createTestDatabase>[0]) =>
  openTwice(await createTestDatabase(t, "postgres"));

t.test("an event isn't read before one with a lower id that may come", async (t) => {
  const { log, other } = await openPostgresTwice(t);
  const start = await log.now();
  const end = await appendAndStay(other, 1);
  await add(log, 2);
  const nothing = { events: [], cursor: start };
  t.strictSame(await log.readAfter(start, 5), nothing);
  t.equal(await log.now(), start, "nor is it behind whoever begins now");
  const waiting = follow(log, start);
  await add(log, 3);
  t.strictSame(await follow(log, start, 50), nothing);
  await end("commit");
  t.match((await waiting).events, [{ data: { count: 1 } }, { data: { count: 2 } }, { data: { count: 3 } }]);
});

t.test("nor after the transaction of that one was rolled back longer than it has to", async (t) => {
  const { log, other } = await openPostgresTwice(t);
  await add(log, 0);
  const start = await log.now();
  const [first, second] = [await appendAndStay(other, 1), await appendAndStay(log, 2)];
  await add(log, 3);
  const waiting = follow(log, start);
  await first("roll back");
  await sleep(20);
  t.strictSame((await log.readAfter(start, 5)).events, [], "there is another one");
  const begun = performance.now();
  await second("roll back");
  t.match((await waiting).events, [{ data: { count: 3 } }]);
  t.ok(performance.now() - begun < 5_000, "no commit tells of it");
});

t.test("events before the lowest id that may come are read meanwhile", async (t) => {
  const { log, other } = await openPostgresTwice(t);
  const start = await log.now();
  await add(log, 1);
  const end = await appendAndStay(other, 2);
  await add(log, 3);
  const page = await follow(log, start);
  t.match(page.events, [{ data: { count: 1 } }]);
  t.equal(page.events.length, 1);
  t.equal(await log.now(), page.cursor);
  await end("commit");
  t.match((await log.readAfter(page.cursor, 5)).events, [{ data: { count: 2 } }, { data: { count: 3 } }]);
});

t.test("ids beyond 31 bits are told apart", async (t) => {
  const { db, log, other } = await openPostgresTwice(t);
  for (const last of [2 ** 31 - 2, 3 * 2 ** 31 - 1]) {
    await sql`select setval('events_id_seq', ${last})`.execute(db);
    const start = await add(log, 0).then(() => log.now());
    const end = await appendAndStay(other, 1);
    await add(log, 2);
    t.strictSame((await log.readAfter(start, 5)).events, []);
    await end("commit");
    t.match((await log.readAfter(start, 5)).events, [{ data: { count: 1 } }, { data: { count: 2 } }]);
  }
});

t.test("what others have open in the same server holds up nothing", async (t) => {
  const { log } = await openPostgresTwice(t);
  const elsewhere = await createTestDatabase(t, "postgres");
  const busy: Database = elsewhere.open();
  const neighbour = await openEventLog({ db: elsewhere.open(), logger });
  const end = await appendAndStay(neighbour, 1);
  await busy.transaction().execute(async (trx) => {
    await sql`create table things (name text)`.execute(trx);
    const start = await log.now();
    await add(log, 2);
    t.match((await log.readAfter(start, 5)).events, [{ data: { count: 2 } }]);
  });
  await end("commit");
});
