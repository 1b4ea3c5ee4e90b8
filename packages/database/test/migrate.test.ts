import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type Kysely, sql } from "kysely";
import t from "tap";
import { type Database, DatabaseUrlError, type MigrationSet, migrate, openDatabase } from "../src/index.ts";

const first: MigrationSet["migrations"] = {
  "0001-things": {
    up: async (db: Kysely<unknown>) => {
      await db.schema.createTable("things").addColumn("name", "text").execute();
    },
  },
};

const tableNames = async (db: Database): Promise<string[]> => {
  const { rows } = await sql<{ name: string }>`select name from sqlite_master where type = 'table'`.execute(
    db,
  );
  return rows.map((row) => row.name);
};

t.test("a failing step leaves the schema as it was, and the next run succeeds", async (t) => {
  const db = openDatabase(`file:${join(t.testdir(), "deep", "er", "test.db")}`);
  t.teardown(() => db.destroy());
  const broken = {
    ...first,
    "0002-broken": {
      up: async (db: Kysely<unknown>) => {
        await db.schema.createTable("half").addColumn("name", "text").execute();
        throw new Error("the disk is full");
      },
    },
  };
  await t.rejects(migrate(db, { owner: "test", migrations: broken }), { message: "the disk is full" });
  t.notOk((await tableNames(db)).includes("half"));
  t.notOk((await tableNames(db)).includes("things"), "the step before it was rolled back too");

  await migrate(db, { owner: "test", migrations: first });
  await migrate(db, { owner: "test", migrations: first });
  t.ok((await tableNames(db)).includes("things"));
});

t.test("a database newer than the code is refused", async (t) => {
  const db = openDatabase(`file:${join(t.testdir(), "test.db")}`);
  t.teardown(() => db.destroy());
  await migrate(db, { owner: "test", migrations: first });
  await t.rejects(migrate(db, { owner: "test", migrations: {} }), /corrupted migrations/);
});

t.test("four processes starting at once migrate once", async (t) => {
  const url = `file:${join(t.testdir(), "test.db")}`;
  const script = new URL("./fixtures/migrate-process.ts", import.meta.url).pathname;
  const processes = Array.from({ length: 4 }, () => fork(script, [url], { execArgv: [] }));
  const exits = await Promise.all(processes.map((child) => once(child, "exit")));
  t.strictSame(
    exits.map(([code]) => code),
    [0, 0, 0, 0],
  );
});

t.test("only file: URLs are opened", async (t) => {
  t.throws(() => openDatabase("mysql://localhost/x"), { code: "database_url", name: DatabaseUrlError.name });
});
