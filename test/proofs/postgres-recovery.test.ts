import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Database, DatabaseError, openDatabase, watchCommits } from "@cita/database";
import { sql } from "kysely";
import t, { type Test } from "tap";
import { createProxy } from "../support/postgres/proxy.ts";
import { createServer } from "../support/postgres/server.ts";

async function startServer(t: Test) {
  const server = await createServer({ durable: true });
  t.teardown(() => server.remove());
  return server;
}

async function opened(t: Test, url: string): Promise<Database> {
  const db = openDatabase(`${url}?schema=recovery&pool_size=4&connect_timeout=1&statement_timeout=500`);
  t.teardown(() => db.destroy());
  return db;
}

const insert = (db: Database, id: number) => sql`insert into things values (${id})`.execute(db);

/** Writes one row after the other until it is stopped. */
function keepWriting(db: Database) {
  const codes = new Map<string, number>();
  const stored: number[] = [];
  let isStopped = false;
  const finished = (async () => {
    for (let id = 0; !isStopped; id++) {
      try {
        await db.transaction().execute((trx) => insert(trx, id));
        stored.push(id);
      } catch (error) {
        const code = error instanceof DatabaseError ? error.code : `${error}`;
        codes.set(code, (codes.get(code) ?? 0) + 1);
        await sleep(20);
      }
    }
  })();
  return {
    stored,
    codes,
    async stop() {
      isStopped = true;
      await finished;
    },
  };
}

async function storedIds(db: Database): Promise<Set<number>> {
  const { rows } = await sql<{ id: number }>`select id from things`.execute(db);
  return new Set(rows.map(({ id }) => id));
}

t.test("a server that is restarted, or crashes, is used again without a restart of ours", async (t) => {
  const server = await startServer(t);
  const db = await opened(t, server.url);
  await sql`create table things (id int8)`.execute(db);
  let calls = 0;
  const stopWatching = watchCommits(db, () => {
    calls += 1;
  });
  t.teardown(stopWatching);
  const writers = [1, 2, 3].map(() => keepWriting(db));
  for (const mode of ["fast", "immediate", "immediate"] as const) {
    await sleep(400);
    await server.stop(mode);
    await sleep(300);
    await server.start();
  }
  await sleep(500);
  for (const writer of writers) await writer.stop();
  const ids = await storedIds(db);
  for (const { stored, codes } of writers) {
    t.comment(`${stored.length} stored; ${[...codes].map(([code, times]) => `${code} ${times}`).join(", ")}`);
    // How many depends on the disk, which is waited for at each commit.
    t.ok(stored.length > 10);
    t.strictSame(
      stored.filter((id) => !ids.has(id)),
      [],
      "nothing that was said to be stored is lost",
    );
    for (const code of codes.keys()) t.match(code, /^POSTGRES_/, "each error is said in a sentence");
  }
  await sleep(1_500);
  const before = calls;
  await insert(db, -1);
  for (let i = 0; calls === before && i < 100; i++) await sleep(20);
  t.ok(calls > before, "who watches hears of commits again");
});

t.test("a network that cuts, delays, loses or refuses is survived", async (t) => {
  const server = await startServer(t);
  const proxy = await createProxy(t, server.port);
  const db = await opened(t, server.url.replace(`:${server.port}`, `:${proxy.port}`));
  await sql`create table things (id int8)`.execute(db);

  proxy.delayMs = 20;
  await insert(db, 1);
  proxy.delayMs = 0;

  const cut = db.transaction().execute(async (trx) => {
    await insert(trx, 2);
    proxy.cut();
    await sleep(50);
    await insert(trx, 3);
  });
  await t.rejects(cut, { code: "POSTGRES_CONNECTION_LOST" });
  await insert(db, 4);

  proxy.mode = "refuse";
  proxy.cut();
  await sleep(50);
  await t.rejects(insert(db, 5), { name: "DatabaseError", code: /POSTGRES_(UNREACHABLE|CONNECTION_LOST)/ });
  proxy.mode = "pass";
  await insert(db, 6);

  const begun = performance.now();
  const swallowed = db.transaction().execute(async (trx) => {
    await insert(trx, 7);
    proxy.mode = "swallow";
  });
  await t.rejects(swallowed, { code: "POSTGRES_COMMIT_UNKNOWN" });
  await t.rejects(insert(db, 8), { code: /POSTGRES_(UNREACHABLE|CONNECTION_LOST)/ });
  t.ok(performance.now() - begun < 5_000, "nothing hangs");
  proxy.cut();
  proxy.mode = "pass";
  await insert(db, 9);
  const ids = await storedIds(db);
  for (const id of [1, 4, 6, 9]) t.ok(ids.has(id));
  for (const id of [2, 3]) t.notOk(ids.has(id), "a transaction that was cut is undone");
});

t.test("a process that stands still in a transaction keeps its key for ten seconds only", async (t) => {
  const server = await startServer(t);
  const db = await opened(t, server.url);
  await sql`create table things (id int8)`.execute(db);
  const frozen = db.transaction().execute(async (trx) => {
    await insert(trx, 1);
    await sleep(11_000);
    await insert(trx, 2);
  });
  await t.rejects(frozen, { code: "POSTGRES_CONNECTION_LOST" });
  await insert(db, 3);
  t.strictSame([...(await storedIds(db))], [3]);
});

t.test("a replica is refused, and used once it is the primary", async (t) => {
  const server = await startServer(t);
  const db = await opened(t, server.url);
  await sql`create table things (id int8)`.execute(db);
  await server.stop("fast");
  const signal = join(server.dataFolder, "standby.signal");
  writeFileSync(signal, "");
  await server.start();
  await t.rejects(sql`select * from things`.execute(db), {
    code: "POSTGRES_READ_ONLY",
    message: /is read-only: a replica, or set so\. Name the primary server in the database URL\.$/,
  });
  await server.stop("fast");
  rmSync(signal);
  await server.start();
  await insert(db, 1);
});

t.test("closing doesn't wait for a server that doesn't answer", async (t) => {
  const server = await startServer(t);
  const proxy = await createProxy(t, server.port);
  const db = openDatabase(`postgres://postgres@127.0.0.1:${proxy.port}/postgres?schema=recovery`);
  await sql`select 1`.execute(db);
  proxy.mode = "swallow";
  const begun = performance.now();
  await db.destroy();
  t.ok(performance.now() - begun < 4_000);
});
