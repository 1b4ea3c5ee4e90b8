import { stat } from "node:fs";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { sql } from "kysely";
import t, { type Test } from "tap";
import { openDatabase, prepareQuery, rememberRows } from "../src/index.ts";

type Things = { things: { id: string; owner: string; size: number } };

async function opened(t: Test) {
  const url = `file:${t.testdir()}/things.db`;
  const database = openDatabase(url);
  const other = openDatabase(url);
  t.teardown(() => Promise.all([database.destroy(), other.destroy()]));
  await sql`create table things (id text, owner text, size integer, primary key (id, owner))`.execute(
    database,
  );
  const db = database.withTables<Things>();
  const rows = db.selectFrom("things").selectAll();
  const find = rememberRows(
    database.changes,
    prepareQuery(db, rows.where("id", "=", "").where("owner", "=", "")),
  );
  const values = { id: "a", owner: "b", size: 1 };
  return { db, changes: database.changes, find, other: other.withTables<Things>(), values };
}

t.test("a row is read once, as long as nobody writes", async (t) => {
  const { db, find, values } = await opened(t);
  await db.insertInto("things").values(values).execute();
  const first = await find("a", "b");
  t.same(first, values);
  await nextTurn();
  t.equal(await find("a", "b"), first, "the same object, also in another turn of the event loop");
  await db.selectFrom("things").selectAll().execute();
  t.equal(await find("a", "b"), first, "a question changes nothing");
});

t.test("what is written here is seen at once, however it is written", async (t) => {
  const { db, find, values } = await opened(t);
  t.equal(await find("a", "b"), undefined);
  await db.insertInto("things").values(values).execute();
  t.match(await find("a", "b"), { size: 1 });
  await db.updateTable("things").set({ size: 2 }).returningAll().execute();
  t.match(await find("a", "b"), { size: 2 }, "a write that answers with rows");
  await sql`with one as (select 3 as size) update things set size = (select size from one)`.execute(db);
  t.match(await find("a", "b"), { size: 3 }, "one that begins like a question");
  await db.transaction().execute((trx) => trx.updateTable("things").set({ size: 4 }).execute());
  t.match(await find("a", "b"), { size: 4 });
  await db.deleteFrom("things").execute();
  t.equal(await find("a", "b"), undefined);
});

t.test("what another process writes is seen in the next turn of the event loop", async (t) => {
  const { find, other, values } = await opened(t);
  t.equal(await find("a", "b"), undefined);
  await other.insertInto("things").values(values).execute();
  await nextTurn();
  t.same(await find("a", "b"), values);
  await nextTurn();
  await other.updateTable("things").set({ size: 5 }).execute();
  await nextTurn();
  t.match(await find("a", "b"), { size: 5 });
});

t.test("who comes after another process has written sees it, also when a timer has just asked", async (t) => {
  const { find, other, values } = await opened(t);
  await sleep(1);
  t.equal(await find("a", "b"), undefined, "asked by a timer");
  const arrived = promisify(stat)(t.testdirName);
  await other.insertInto("things").values(values).execute();
  const ready = performance.now() + 20;
  while (performance.now() < ready);
  await arrived;
  t.same(await find("a", "b"), values);
});

t.test("what a transaction undoes was never there", async (t) => {
  const { db, find, values } = await opened(t);
  await db.insertInto("things").values(values).execute();
  await find("a", "b");
  let seen: unknown;
  const undone = db.transaction().execute(async (trx) => {
    await trx.updateTable("things").set({ size: 6 }).execute();
    seen = find("a", "b");
    await nextTurn();
    throw new Error("undone");
  });
  await t.rejects(undone, { message: "undone" });
  t.match(await seen, { size: 1 }, "asked while it was under way");
  t.match(await find("a", "b"), { size: 1 });
});

t.test("who asks while another is still reading gets what holds then", async (t) => {
  const { db, find, values } = await opened(t);
  const before = find("a", "b");
  const written = db.insertInto("things").values(values).execute();
  await Promise.all([before, written]);
  t.same(await find("a", "b"), values);
});

t.test("a row that was read before a change is never taken for one of after it", async (t) => {
  const { db, changes, values } = await opened(t);
  const find = rememberRows(changes, async () => {
    const row = await db.selectFrom("things").selectAll().executeTakeFirst();
    if (row === undefined) await db.insertInto("things").values(values).execute();
    return row;
  });
  t.equal(await find(), undefined);
  t.same(await find(), values);
});

t.test("parameters that look alike when put together are told apart", async (t) => {
  const { db, find } = await opened(t);
  for (const between of [",", '","']) {
    await db
      .insertInto("things")
      .values({ id: `a${between}b`, owner: "c", size: 7 })
      .execute();
    t.match(await find(`a${between}b`, "c"), { size: 7 });
    t.equal(await find("a", `b${between}c`), undefined);
  }
});

t.test("a database that can't be read is never one without rows", async (t) => {
  const url = `file:${t.testdir()}/things.db`;
  const database = openDatabase(url);
  await sql`create table things (id text, owner text, size integer)`.execute(database);
  const db = database.withTables<Things>();
  const find = rememberRows(
    database.changes,
    prepareQuery(db, db.selectFrom("things").selectAll().where("id", "=", "")),
  );
  t.equal(await find("a"), undefined);
  await database.destroy();
  await nextTurn();
  await t.rejects(find("a"));
});
