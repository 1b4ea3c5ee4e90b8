import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { sql } from "kysely";
import t, { type Test } from "tap";
import { type Database, migrate, type OpenOptions, openDatabase } from "../src/index.ts";

async function opened(t: Test, options: OpenOptions = {}) {
  const path = join(t.testdir(), "test.db");
  const db = openDatabase(`file:${path}`, options);
  t.teardown(() => db.destroy());
  await sql`create table things (name text)`.execute(db);
  await sql`create table counts (total integer)`.execute(db);
  await sql`insert into counts values (0)`.execute(db);
  return { db, path };
}

const late = { owner: "late", migrations: { "0001-late": { up: async () => undefined } } };

const add = (db: Database, name: string) => sql`insert into things values (${name})`.execute(db);
const namesIn = async (db: Database) =>
  (await sql<{ name: string }>`select name from things order by name`.execute(db)).rows.map(
    ({ name }) => name,
  );

function startProcess(t: Test, fixture: string, args: string[]): ChildProcess {
  const script = new URL(`./fixtures/${fixture}.ts`, import.meta.url).pathname;
  const child = fork(script, args);
  t.teardown(() => child.kill("SIGKILL"));
  return child;
}

/** Another program that holds the write lock. @returns lets it go. */
async function lockFromOutside(t: Test, path: string): Promise<() => Promise<void>> {
  const holder = startProcess(t, "lock-holder", [path]);
  await once(holder, "message");
  return async () => {
    const exit = once(holder, "exit");
    holder.send("let go");
    await exit;
  };
}

t.test("while another program holds the write lock, reads answer and the event loop goes on", async (t) => {
  const { db, path } = await opened(t);
  await add(db, "before");
  const letGo = await lockFromOutside(t, path);
  const delay = monitorEventLoopDelay({ resolution: 2 });
  delay.enable();
  let written = 0;
  const count = () => void written++;
  const writes = [
    add(db, "plain").then(count),
    db
      .transaction()
      .execute((transaction) => add(transaction, "transaction"))
      .then(count),
    sql`insert into things values ('returned') returning name`.execute(db).then(count),
    sql`with new as (select 'common' as name) insert into things select name from new`
      .execute(db)
      .then(count),
    migrate(db, late).then(count),
  ];

  const reads: number[] = [];
  for (const end = performance.now() + 1_500; performance.now() < end; await sleep(5)) {
    const begun = performance.now();
    t.strictSame(await namesIn(db), ["before"]);
    reads.push(performance.now() - begun);
  }
  delay.disable();
  t.equal(written, 0, "nothing is written yet");
  t.ok(reads.length > 50, `${reads.length} reads`);
  t.ok((reads.toSorted((a, b) => a - b)[reads.length >> 1] ?? 99) < 50, "the median read takes milliseconds");
  t.ok(Math.max(...reads) < 1_000, `the slowest read took ${Math.max(...reads)} ms`);
  t.ok(delay.max / 1e6 < 1_000, `the event loop stood still for ${delay.max / 1e6} ms`);

  await letGo();
  await Promise.all(writes);
  t.strictSame(await namesIn(db), ["before", "common", "plain", "returned", "theirs", "transaction"]);
});

t.test("a lock that isn't freed in time is said in a sentence, to all who wait at once", async (t) => {
  const { db, path } = await opened(t, { lockTimeoutMs: 400 });
  const letGo = await lockFromOutside(t, path);
  const begun = performance.now();
  const busy = {
    name: "DatabaseError",
    code: "SQLITE_BUSY",
    message: `The database ${path} has been locked by another program for several seconds.`,
  };
  await Promise.all([
    ...Array.from({ length: 10 }, () => t.rejects(add(db, "late"), busy)),
    t.rejects(
      db.transaction().execute((transaction) => add(transaction, "late")),
      busy,
    ),
    t.rejects(migrate(db, late), busy),
  ]);
  const took = performance.now() - begun;
  t.ok(took >= 400, "none gives up before");
  t.ok(took < 2_000, `twelve of them don't wait one after the other: ${took} ms`);
  await letGo();
  await add(db, "after");
  t.strictSame(await namesIn(db), ["after", "theirs"], "nothing is left of those that failed");
});

t.test("who waits for a lock gives up in time, however much is read meanwhile", async (t) => {
  const { db, path } = await opened(t, { lockTimeoutMs: 400 });
  const letGo = await lockFromOutside(t, path);
  const begun = performance.now();
  const reading = setInterval(() => void namesIn(db), 20);
  t.teardown(() => clearInterval(reading));
  await t.rejects(add(db, "late"), { code: "SQLITE_BUSY" });
  const took = performance.now() - begun;
  t.ok(took < 2_000, `${took} ms`);
  await letGo();
});

t.test("many writers at once in two processes lose nothing, and none is kept waiting", async (t) => {
  const { db, path } = await opened(t);
  const writes = 150;
  const processes = ["a", "b"].map((name) =>
    startProcess(t, "writing-process", [`file:${path}`, name, `${writes}`]),
  );
  const slowest = await Promise.all(processes.map(async (child) => (await once(child, "message"))[0]));
  t.equal((await namesIn(db)).length, 2 * writes);
  const { rows } = await sql`select total from counts`.execute(db);
  t.same(rows, [{ total: 2 * writes }], "no count that somebody else had read was written over");
  t.ok(Math.max(...slowest) < 20_000, `the slowest write took ${Math.max(...slowest)} ms`);
});

t.test("a transaction that reads first can still write, although others write all the while", async (t) => {
  const { db, path } = await opened(t);
  const other = openDatabase(`file:${path}`);
  t.teardown(() => other.destroy());
  let theirs: Promise<unknown> = Promise.resolve();
  await db.transaction().execute(async (transaction) => {
    t.strictSame(await namesIn(transaction), []);
    theirs = add(other, "theirs");
    await sleep(20);
    await add(transaction, "ours");
    t.strictSame(await namesIn(transaction), ["ours"]);
  });
  await theirs;
  t.strictSame(await namesIn(db), ["ours", "theirs"]);
});

t.test("what a transaction has written is seen by others once it is committed, and not before", async (t) => {
  const { db } = await opened(t);
  const undone = db.transaction().execute(async (transaction) => {
    await add(transaction, "undone");
    t.strictSame(await namesIn(db), [], "a read beside it doesn't wait for it");
    throw new Error("undone");
  });
  await t.rejects(undone, { message: "undone" });
  await Promise.all(["a", "b", "c"].map((name) => add(db, name)));
  t.strictSame(await namesIn(db), ["a", "b", "c"], "and others can write after it");
});

t.test("a transaction that nobody ends ends with its connection", async (t) => {
  const { db } = await opened(t);
  await db.connection().execute(async (connection) => {
    const transaction = await connection.startTransaction().execute();
    await add(transaction, "left open");
  });
  await add(db, "after");
  t.strictSame(await namesIn(db), ["after"]);
});

t.test("a database in memory has one connection, whose transactions stay alone all the same", async (t) => {
  const db = openDatabase("file::memory:");
  t.teardown(() => db.destroy());
  await sql`create table things (name text)`.execute(db);
  let beside: Promise<string[]> = Promise.resolve([]);
  const undone = db.transaction().execute(async (transaction) => {
    await add(transaction, "undone");
    beside = namesIn(db);
    await sleep(5);
    throw new Error("undone");
  });
  await t.rejects(undone, { message: "undone" });
  t.strictSame(await beside, []);
  await add(db, "after");
  t.strictSame(await namesIn(db), ["after"]);
});

t.test("a new database that several processes open at the same moment opens for all of them", async (t) => {
  const threads = 4;
  const workerData = {
    ...{ folder: t.testdir(), databases: 60, threads },
    arrived: new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT),
  };
  const script = new URL("./fixtures/opening-thread.ts", import.meta.url);
  const failures = await Promise.all(
    Array.from(
      { length: threads },
      async () => (await once(new Worker(script, { workerData }), "message"))[0],
    ),
  );
  t.strictSame(failures.flat(), []);
});
