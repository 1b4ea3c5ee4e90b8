import { setTimeout as sleep } from "node:timers/promises";
import { openDatabase } from "@cita/database";
import { createLogger } from "@cita/process";
import { sql } from "kysely";
import t, { type Test } from "tap";
import { createProxy } from "../../../test/support/postgres/proxy.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/support/test-database.ts";
import { openSharedCounts, type SharedCountsTiming, type SharedTotal } from "../src/index.ts";

const quick = { exchangeMs: 20, retryMs: 50 };

async function openInstance(
  t: Test,
  { url }: Pick<TestDatabase, "url">,
  timing: Partial<SharedCountsTiming> = quick,
) {
  const db = openDatabase(url);
  t.teardown(() => db.destroy());
  const log: string[] = [];
  const logger = createLogger("info", { write: (line) => log.push(line) });
  const counts = await openSharedCounts({ db, logger, timing });
  t.teardown(() => counts.stop());
  const totals = new Map<string, SharedTotal>();
  const add = (key: string, times = 1) => {
    for (let i = 0; i < times; i++) counts.add(key, (total) => totals.set(key, total));
  };
  return { db, log, add, totals };
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; !(await condition()) && i < 500; i++) await sleep(10);
}

t.test("instances learn what they have counted together", async (t) => {
  const database = await createTestDatabase(t, "postgres");
  const [a, b] = [await openInstance(t, database), await openInstance(t, database)];
  a.add("luna", 3);
  a.add("sol", 1);
  b.add("luna", 2);
  await until(() => a.totals.size === 2 && b.totals.size === 1);
  a.add("luna");
  await until(() => a.totals.get("luna")?.requests === 6);
  t.match(a.totals.get("luna"), { requests: 6 });
  t.match(a.totals.get("sol"), { requests: 1 });
  b.add("luna");
  await until(() => b.totals.get("luna")?.requests === 7);
  t.match(b.totals.get("luna"), { requests: 7 });
  t.ok((b.totals.get("luna")?.ageMs ?? -1) >= 0);
});

t.test("many at once at several instances lose none and don't wait for each other", async (t) => {
  const database = await createTestDatabase(t, "postgres");
  const instances = [];
  for (let i = 0; i < 3; i++) instances.push(await openInstance(t, database));
  const keys = Array.from({ length: 700 }, (_, i) => `caller ${i}`);
  for (let round = 0; round < 5; round++) {
    for (const [i, { add }] of instances.entries())
      for (const key of i === 1 ? keys.toReversed() : keys) add(key);
    await sleep(25);
  }
  const { db } = await openInstance(t, database);
  const sum = async () =>
    (await sql<{ sum: number }>`select sum(requests)::int8 as sum from shared_counts`.execute(db)).rows[0]
      ?.sum;
  await until(async () => (await sum()) === 3 * 5 * 700);
  t.equal(await sum(), 3 * 5 * 700);
  for (const { log } of instances) t.strictSame(log, []);
});

t.test("a window ends, the next one begins with nothing, and old rows are removed", async (t) => {
  const database = await createTestDatabase(t, "postgres");
  const { db, add, totals } = await openInstance(t, database, { ...quick, windowMs: 300 });
  add("luna", 9);
  await until(() => totals.has("luna"));
  t.match(totals.get("luna"), { requests: 9 });
  await sleep(310);
  add("luna");
  await until(() => totals.get("luna")?.requests === 1);
  t.match(totals.get("luna"), { requests: 1 });
  const rows = async () => (await sql`select key from shared_counts`.execute(db)).rows;
  await until(async () => (await rows()).length === 0);
  t.strictSame(await rows(), []);
});

t.test("what is counted isn't stored in the clear, and does not outlive a crash of the server", async (t) => {
  const database = await createTestDatabase(t, "postgres");
  const { db, add, totals } = await openInstance(t, database);
  add("wrong keys 203.0.113.7");
  await until(() => totals.size > 0);
  const { rows } = await sql`select * from shared_counts`.execute(db);
  t.equal(rows.length, 1);
  t.notMatch(JSON.stringify(rows), /203|wrong/);
  const persistence = sql<{ relpersistence: string }>`
    select relpersistence from pg_class where oid = 'shared_counts'::regclass`;
  t.match((await persistence.execute(db)).rows, [{ relpersistence: "u" }]);
});

t.test(
  "where the database is away each counts alone, says so once, and goes on with the others later",
  async (t) => {
    const database = await createTestDatabase(t, "postgres");
    const address = new URL(database.url);
    const proxy = await createProxy(t, Number(address.port));
    address.port = `${proxy.port}`;
    const { log, add, totals } = await openInstance(t, { url: address.href });
    add("luna");
    await until(() => totals.size > 0);
    proxy.mode = "refuse";
    proxy.cut();
    add("luna");
    await until(() => log.length > 0);
    for (let i = 0; i < 10; i++) {
      add("luna");
      await sleep(20);
    }
    t.equal(log.length, 1);
    t.match(log[0], "limits are counted by this instance alone for now");
    proxy.mode = "pass";
    totals.clear();
    await until(() => {
      add("luna");
      return totals.size > 0;
    });
    t.match(totals.get("luna"), { requests: Number });
  },
);

t.test("in SQLite nothing is exchanged", async (t) => {
  const { add, totals } = await openInstance(t, await createTestDatabase(t, "sqlite"));
  add("luna");
  await sleep(60);
  t.equal(totals.size, 0);
});
