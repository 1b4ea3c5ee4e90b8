import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { sql } from "kysely";
import t from "tap";
import { createTestDatabase } from "../../../test/support/test-database.ts";
import { backUpDatabase, openDatabase } from "../src/index.ts";

t.test("a backup is the database of one moment, although it is written to all the while", async (t) => {
  const folder = t.testdir();
  const url = `file:${join(folder, "live.db")}`;
  const db = openDatabase(url);
  t.teardown(() => db.destroy());
  await sql`create table pairs (a integer, b integer)`.execute(db);
  await sql`create table filling (text text)`.execute(db);
  for (let i = 0; i < 100; i++) await sql`insert into filling values (${"x".repeat(40_000)})`.execute(db);

  let writing = true;
  let written = 0;
  const writer = (async () => {
    for (; writing; written++) {
      await db.transaction().execute(async (transaction) => {
        await sql`insert into pairs values (${written}, 0)`.execute(transaction);
        await sql`update pairs set b = ${written} where a = ${written}`.execute(transaction);
      });
      await new Promise(setImmediate);
    }
  })();
  const file = join(folder, "copy.db");
  await backUpDatabase(url, file);
  const during = written;
  writing = false;
  await writer;
  t.ok(during > 0, "it was written to meanwhile");

  t.strictSame(
    readdirSync(folder).filter((name) => name.startsWith("copy")),
    ["copy.db"],
    "one file",
  );
  t.equal(statSync(file).mode & 0o777, 0o600);
  const copy = openDatabase(`file:${file}`);
  t.teardown(() => copy.destroy());
  const { rows } = await sql<{ a: number; b: number }>`select a, b from pairs order by a`.execute(copy);
  t.strictSame(
    rows.map(({ a, b }) => [a, b]),
    rows.map((_, i) => [i, i]),
    "no half transaction, and none left out",
  );
  t.ok(rows.length <= during);
});

t.test("a backup replaces nothing, and leaves nothing half", async (t) => {
  const folder = t.testdir({ "copy.db": "something else" });
  const url = `file:${join(folder, "live.db")}`;
  await openDatabase(url).destroy();
  await t.rejects(backUpDatabase(url, join(folder, "copy.db")), { code: "backup_exists" });
  const failing = backUpDatabase(url, join(folder, "other.db"), async () => {
    throw new Error("it can't be prepared");
  });
  await t.rejects(failing, { message: "it can't be prepared" });
  await t.rejects(backUpDatabase(`file:${folder}/none.db`, join(folder, "third.db")), {
    code: "SQLITE_CANTOPEN",
  });
  writeFileSync(join(folder, "text.db"), "This is not a database. ".repeat(50));
  await t.rejects(backUpDatabase(`file:${folder}/text.db`, join(folder, "third.db")), {
    code: "SQLITE_NOTADB",
  });
  t.notOk(existsSync(join(folder, "none.db")));
  t.strictSame(
    readdirSync(folder).filter((name) => /other|third/.test(name)),
    [],
  );
});

t.test("a schema of PostgreSQL is dumped by its own tools, or their absence is said", async (t) => {
  const database = await createTestDatabase(t, "postgres");
  const db = database.open();
  await sql`create table things (name text)`.execute(db);
  const folder = t.testdir();
  const file = join(folder, "copy.dump");
  const failure = await backUpDatabase(database.url, file).then(
    () => undefined,
    (error: Error) => error,
  );
  if (failure === undefined) {
    t.equal(statSync(file).mode & 0o777, 0o600);
    t.match(readFileSync(file, "latin1"), /^PGDMP[\s\S]+CREATE TABLE test_\w+\.things/);
    await t.rejects(backUpDatabase(database.url, file), { code: "backup_exists" });
  } else {
    t.match(failure, {
      name: "BackupError",
      code: "backup_failed",
      message: /^pg_dump is(n't installed| older than the server)\. Install PostgreSQL's client programs/,
    });
    t.strictSame(readdirSync(folder), [], "nothing half is left");
  }
});

t.test("a dump that fails says why, and shows no password", async (t) => {
  const folder = t.testdir();
  const url = "postgres://cita:s3cret@127.0.0.1:1/cita?schema=a";
  const failure = await backUpDatabase(url, join(folder, "copy.dump")).then(
    () => new Error("made"),
    (error: Error) => error,
  );
  t.match(failure, {
    code: "backup_failed",
    message: /^pg_dump (has failed: connection to server|isn't installed)/,
  });
  t.notMatch(inspect(failure, { depth: 10, showHidden: true }), "s3cret");
  t.strictSame(readdirSync(folder), []);
});
