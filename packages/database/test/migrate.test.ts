import { fork } from "node:child_process";
import { once } from "node:events";
import { type Kysely, sql } from "kysely";
import t from "tap";
import { forEachDatabase } from "../../../test/support/test-database.ts";
import {
  type Database,
  DatabaseUrlError,
  type MigrationSet,
  migrate,
  migrationState,
  openDatabase,
} from "../src/index.ts";

const first: MigrationSet["migrations"] = {
  "0001-things": {
    up: async (db: Kysely<unknown>) => {
      await db.schema.createTable("things").addColumn("name", "text").execute();
    },
  },
};

const hasTable = (db: Database, name: string) =>
  sql`select 1 from ${sql.table(name)}`.execute(db).then(
    () => true,
    () => false,
  );

forEachDatabase(
  t,
  "a failing step leaves the schema as it was, and the next run succeeds",
  async (t, database) => {
    const db = database.open();
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
    t.notOk(await hasTable(db, "half"));
    t.notOk(await hasTable(db, "things"), "the step before it was rolled back too");

    await migrate(db, { owner: "test", migrations: first });
    await migrate(db, { owner: "test", migrations: first });
    t.ok(await hasTable(db, "things"));
  },
);

forEachDatabase(t, "a statement that fails is the error that is thrown", async (t, database) => {
  const db = database.open();
  const failing = {
    "0001-a": { up: async (db: Kysely<unknown>) => void (await sql`select nothing`.execute(db)) },
  };
  await t.rejects(migrate(db, { owner: "test", migrations: failing }), { message: /nothing/ });
  await migrate(db, { owner: "test", migrations: first });
});

forEachDatabase(t, "a database newer than the code is refused, and stays as it was", async (t, database) => {
  const db = database.open();
  await migrate(db, { owner: "test", migrations: { ...first, "0003-later": { up: async () => undefined } } });
  const ours = { owner: "test", migrations: { ...first, "0002-ours": { up: async () => undefined } } };
  await t.rejects(migrate(db, ours), {
    name: "DatabaseError",
    code: "DATABASE_NEWER",
    message:
      "The database is newer than this version: it has been migrated by one that knows 0003-later. Start that version or a newer one, or restore a backup made before it.",
  });
  t.strictSame(await migrationState(db, ours), { pending: ["0002-ours"], unknown: ["0003-later"] });
});

forEachDatabase(t, "owners have histories of their own", async (t, database) => {
  const db = database.open();
  await migrate(db, { owner: "one", migrations: first });
  t.strictSame(await migrationState(db, { owner: "other", migrations: first }), {
    pending: ["0001-things"],
    unknown: [],
  });
});

forEachDatabase(t, "ten processes that start at once migrate once", async (t, database) => {
  const script = new URL("./fixtures/migrate-process.ts", import.meta.url).pathname;
  const processes = Array.from({ length: 10 }, () => fork(script, [database.url], { execArgv: [] }));
  const exits = await Promise.all(processes.map((child) => once(child, "exit")));
  t.strictSame(
    exits.map(([code]) => code),
    Array(10).fill(0),
  );
  const { rows } = await sql`select * from things`.execute(database.open());
  t.equal(rows.length, 1, "the step that inserts a row ran once");
});

t.test("only URLs of an engine are opened", async (t) => {
  t.throws(() => openDatabase("mysql://localhost/x"), { code: "database_url", name: DatabaseUrlError.name });
});
