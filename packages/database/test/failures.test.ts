import { closeSync, openSync, readdirSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type Kysely, sql } from "kysely";
import t, { type Test } from "tap";
import { type Database, findDamage, migrate, migrationState, openDatabase } from "../src/index.ts";

async function opened(t: Test): Promise<{ db: Database; path: string }> {
  const path = join(t.testdir(), "test.db");
  const db = openDatabase(`file:${path}`);
  t.teardown(() => db.destroy());
  await sql`create table things (name text)`.execute(db);
  return { db, path };
}

const insert = (db: Database) => sql`insert into things values (${"x".repeat(10_000)})`.execute(db);
const count = async (db: Database) =>
  (await sql<{ count: number }>`select count(*) as count from things`.execute(db)).rows[0]?.count;

t.test("what is made is for nobody else to read", async (t) => {
  const { db, path } = await opened(t);
  await insert(db);
  const folder = join(path, "..");
  const files = readdirSync(folder);
  t.ok(files.includes("test.db-wal"), "what is beside it too");
  t.strictSame(
    files.map((file) => statSync(join(folder, file)).mode & 0o777),
    files.map(() => 0o600),
  );
});

t.test("a full disk is said in a sentence, and what was stored stays", async (t) => {
  const { db, path } = await opened(t);
  await insert(db);
  await sql`pragma max_page_count = 1`.execute(db);
  const full = {
    name: "DatabaseError",
    code: "SQLITE_FULL",
    message: `The database ${path} can't take more`,
  };
  await t.rejects(insert(db), full);
  await t.rejects(
    db.transaction().execute((transaction) => insert(transaction)),
    full,
    "SQLite has rolled back by itself: that is not the error",
  );
  const failing = { "0001-more": { up: async (db: Kysely<unknown>) => void (await insert(db as Database)) } };
  await t.rejects(migrate(db, { owner: "test", migrations: failing }), full);
  t.equal(await count(db), 1);

  await sql`pragma max_page_count = 1000`.execute(db);
  await insert(db);
  t.equal(await count(db), 2, "with room it goes on");
});

t.test("a database that can't be written can still be read", async (t) => {
  const { db } = await opened(t);
  await insert(db);
  await sql`pragma query_only = on`.execute(db);
  await t.rejects(insert(db), {
    code: "SQLITE_READONLY",
    message: /can't be written\. The file, its folder/,
  });
  t.equal(await count(db), 1);
});

t.test("a file that isn't a database, or isn't there, is named", async (t) => {
  const folder = t.testdir();
  const path = join(folder, "text.db");
  writeFileSync(path, "This is not a database. ".repeat(50));
  t.throws(() => openDatabase(`file:${path}`), {
    code: "SQLITE_NOTADB",
    message: `${path} is not a SQLite database`,
  });
  t.throws(() => openDatabase(`file:${folder}/none.db`, { mustExist: true }), { code: "SQLITE_CANTOPEN" });
});

t.test("other errors stay what they are", async (t) => {
  const { db } = await opened(t);
  const failure = await sql`select * from nowhere`.execute(db).catch((error: Error) => error);
  t.match(failure, { message: "no such table: nowhere" });
  t.not((failure as Error).name, "DatabaseError");
});

t.test("damage is found", async (t) => {
  const { db, path } = await opened(t);
  for (let i = 0; i < 20; i++) await insert(db);
  t.equal(await findDamage(db), undefined);
  await sql`pragma wal_checkpoint(truncate)`.execute(db);
  await db.destroy();
  const file = openSync(path, "r+");
  writeSync(file, Buffer.alloc(4096, 7), 0, 4096, 4096);
  closeSync(file);
  const damaged = openDatabase(`file:${path}`);
  t.teardown(() => damaged.destroy());
  const finding = await findDamage(damaged).catch((error: Error) => error.message);
  t.match(finding, /./);
});

t.test("which migrations are still to be done is told without doing them", async (t) => {
  const { db } = await opened(t);
  const noop = { up: async () => undefined };
  const set = { owner: "test", migrations: { "0001-a": noop, "0002-b": noop } };
  t.strictSame(await migrationState(db, set), { pending: ["0001-a", "0002-b"], unknown: [] });
  await migrate(db, set);
  t.strictSame(await migrationState(db, set), { pending: [], unknown: [] });
  t.strictSame(await migrationState(db, { ...set, migrations: { "0001-a": noop } }), {
    pending: [],
    unknown: ["0002-b"],
  });
});
