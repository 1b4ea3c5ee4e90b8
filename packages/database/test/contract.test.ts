import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { type Kysely, sql } from "kysely";
import t, { type Test } from "tap";
import { forEachDatabase, type TestDatabase } from "../../../test/support/test-database.ts";
import { type Database, exclusively, type MigrationSet, migrate, valueList } from "../src/index.ts";

const tables: MigrationSet = {
  owner: "contract",
  migrations: {
    "0001-tables": {
      up: async (db: Kysely<unknown>) => {
        await db.schema
          .createTable("things")
          .addColumn("id", "integer", (c) => c.primaryKey().autoIncrement())
          .addColumn("name", "text", (c) => c.unique())
          .addColumn("number", "integer")
          .addColumn("ratio", "real")
          .addColumn("bytes", "blob")
          .execute();
        await db.schema.createTable("counts").addColumn("total", "integer").execute();
        await sql`insert into counts values (0)`.execute(db);
      },
    },
  },
};

async function opened(database: TestDatabase): Promise<Database> {
  const db = database.open();
  await migrate(db, tables);
  return db;
}

const add = (db: Database, name: string) => sql`insert into things (name) values (${name})`.execute(db);
const namesIn = async (db: Database) =>
  (await sql<{ name: string }>`select name from things order by name`.execute(db)).rows.map(
    ({ name }) => name,
  );
const totalIn = async (db: Database) =>
  (await sql<{ total: number }>`select total from counts`.execute(db)).rows[0]?.total ?? -1;

/** Reads, lets others go on, and writes: wrong unless it is alone. */
async function increment(db: Database): Promise<void> {
  await exclusively(db, "counts", async (trx) => {
    const total = await totalIn(trx);
    await sleep(1);
    await sql`update counts set total = ${total + 1}`.execute(trx);
  });
}

function startProcess(t: Test, fixture: string, args: string[]) {
  const child = fork(new URL(`./fixtures/${fixture}.ts`, import.meta.url).pathname, args);
  t.teardown(() => child.kill("SIGKILL"));
  return child;
}

forEachDatabase(
  t,
  "what holders of one key have read doesn't change until they commit",
  async (t, database) => {
    const db = await opened(database);
    const processes = Array.from({ length: 3 }, () =>
      startProcess(t, "counting-process", [database.url, "20"]),
    );
    const exits = Promise.all(processes.map((child) => once(child, "exit")));
    await Promise.all(Array.from({ length: 40 }, () => increment(db)));
    for (const [code] of await exits) t.equal(code, 0);
    t.equal(await totalIn(db), 100, "no count that somebody else had read was written over");
  },
);

forEachDatabase(
  t,
  "what a key's transaction has thrown is undone, and the next one has the key",
  async (t, database) => {
    const db = await opened(database);
    const failing = exclusively(db, "things", async (trx) => {
      await add(trx, "undone");
      throw new Error("undone");
    });
    await t.rejects(failing, { message: "undone" });
    t.equal(await exclusively(db, "things", async (trx) => (await namesIn(trx)).length), 0);
  },
);

forEachDatabase(
  t,
  "however many want one key, whoever wants another doesn't wait for them",
  async (t, database) => {
    const db = await opened(database);
    const ended: string[] = [];
    const crowd = Array.from({ length: 300 }, (_, i) =>
      exclusively(db, "crowded", (trx) => add(trx, `crowded ${i}`)).then(() => ended.push("crowded")),
    );
    const others = ["one", "another"].map((key) =>
      exclusively(db, key, (trx) => add(trx, key)).then(() => ended.push(key)),
    );
    await Promise.all(others);
    t.ok(ended.length < 150, `${ended.length - 2} of the crowd were served before`);
    await Promise.all(crowd);
    t.equal((await namesIn(db)).length, 302);
  },
);

forEachDatabase(
  t,
  "whoever waits too long for a key is told so, and the others go on",
  async (t, database) => {
    await opened(database);
    const db = database.open({ lockTimeoutMs: 100 });
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
    const { promise: holding, resolve: hold } = Promise.withResolvers<void>();
    const holder = exclusively(db, "key", () => {
      hold();
      return held;
    });
    await holding;
    const begun = performance.now();
    const waiting = Array.from({ length: 20 }, () => exclusively(db, "key", async () => undefined));
    const codes = (await Promise.allSettled(waiting)).map((one) =>
      one.status === "rejected" ? one.reason.code : "had the key",
    );
    // In PostgreSQL the next ones wait at the server, with a connection.
    t.strictSame(
      codes.filter((code) => !["KEY_BUSY", "POSTGRES_LOCKED"].includes(code)),
      [],
    );
    t.ok(codes.filter((code) => code === "KEY_BUSY").length > 10);
    t.ok(performance.now() - begun < 3_000, "all at once");
    letGo();
    await holder;
    await exclusively(db, "key", (trx) => add(trx, "after"));
    t.strictSame(await namesIn(db), ["after"]);
  },
);

forEachDatabase(t, "a transaction takes a key for the rest of it", async (t, database) => {
  const db = await opened(database);
  const order: string[] = [];
  const first = db.transaction().execute(async (trx) => {
    await exclusively(trx, "things", (trx) => add(trx, "first"));
    order.push("first has the key");
    await sleep(50);
    order.push("first ends");
  });
  await sleep(20);
  await exclusively(db, "things", async (trx) => {
    order.push("second has the key");
    t.strictSame(await namesIn(trx), ["first"]);
  });
  await first;
  t.strictSame(order, ["first has the key", "first ends", "second has the key"]);
});

forEachDatabase(
  t,
  "what a transaction has written is seen by others once it is committed",
  async (t, database) => {
    const db = await opened(database);
    const undone = db.transaction().execute(async (trx) => {
      await add(trx, "undone");
      t.strictSame(await namesIn(db), [], "a read beside it doesn't wait for it");
      throw new Error("undone");
    });
    await t.rejects(undone, { message: "undone" });
    await Promise.all(["a", "b", "c"].map((name) => add(db, name)));
    t.strictSame(await namesIn(db), ["a", "b", "c"]);
  },
);

forEachDatabase(t, "a transaction that nobody ends ends with its connection", async (t, database) => {
  const db = await opened(database);
  await db.connection().execute(async (connection) => {
    const trx = await connection.startTransaction().execute();
    await add(trx, "left open");
  });
  await add(db, "left open");
  t.strictSame(await namesIn(db), ["left open"]);
});

forEachDatabase(t, "a row that is there already decides, whoever wrote it", async (t, database) => {
  const db = await opened(database);
  const tries = Array.from({ length: 20 }, () =>
    sql`insert into things (name) values ('one') on conflict do nothing`.execute(db),
  );
  const changed = (await Promise.all(tries)).filter(({ numAffectedRows }) => numAffectedRows === 1n);
  t.equal(changed.length, 1);
});

forEachDatabase(t, "values are read as they were written", async (t, database) => {
  const db = await opened(database);
  const atMs = Date.parse("2027-01-18T12:00:00Z");
  const bytes = Buffer.from([0, 1, 255]);
  await sql`insert into things (name, number, ratio, bytes) values ('a', ${atMs}, 0.1, ${bytes})`.execute(db);
  await sql`insert into things (name, number) values ('b', ${Number.MAX_SAFE_INTEGER - atMs})`.execute(db);
  const { rows } = await sql<{ id: number }>`select * from things order by id`.execute(db);
  t.match(rows[0], { id: Number, name: "a", number: atMs, ratio: 0.1, bytes });
  t.ok((rows[1]?.id ?? 0) > (rows[0]?.id ?? 0), "ids rise");
  const sums = sql`select count(*) as count, sum(number) as sum, max(number) > 5 as large,
    exists (select 1 from counts) as found from things`;
  t.strictSame(
    (await sums.execute(db)).rows.map((row) => ({ ...(row as object) })),
    [{ count: 2, sum: Number.MAX_SAFE_INTEGER, large: 1, found: 1 }],
  );
});

forEachDatabase(t, "texts are sorted by their bytes", async (t, database) => {
  const db = await opened(database);
  const names = ["b", "B", "á", "a", "_", "Z", "10", "9", "a b", "ab"];
  for (const name of names) await add(db, name);
  t.strictSame(
    await namesIn(db),
    names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
  );
});

forEachDatabase(t, "lists of any length are one parameter", async (t, database) => {
  const db = await opened(database);
  for (const name of ["a", "b", "c,\"'}"]) await add(db, name);
  const named = async (names: string[]) => {
    const list = valueList(db, "text", names);
    const { rows } = await sql<{
      id: number;
    }>`select id from things where name in ${list} order by id`.execute(db);
    return rows.map(({ id }) => id);
  };
  const [a, , c] = await named(["a", "b", "c,\"'}"]);
  t.strictSame(await named(["c,\"'}", "a", "none"]), [a, c]);
  t.strictSame(await named([]), []);
  for (const ids of [[a ?? 0], []]) {
    const list = valueList(db, "integer", ids);
    const { rows } = await sql`select asked.value as id from ${list} as asked
      where exists (select 1 from things where id = asked.value)`.execute(db);
    t.match(
      rows,
      ids.map((id) => ({ id })),
    );
    t.equal(rows.length, ids.length);
  }
});
