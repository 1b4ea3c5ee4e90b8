import { cpSync, existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Database, databasePath, openDatabase, openLocked } from "@cita/database";
import { generateFernetKey } from "@cita/token-store";
import { sql } from "kysely";
import t, { type Test } from "tap";
import { claimTarget } from "../../scripts/db/copy-progress.ts";
import { serviceDatabases } from "../../scripts/db/service-databases.ts";
import { readTables } from "../../scripts/db/tables.ts";
import { fillDatabase } from "../support/filled-database.ts";
import { runCopy, runDb, startDb } from "../support/run-db.ts";
import { createPostgresUrl } from "../support/test-database.ts";
import { makeTestFolder } from "../support/test-folder.ts";

const encryptionKey = generateFernetKey();

/** So many that a copy takes longer than to be killed. */
const manyCustomers = 1_500;

/** A source with so many customers, and an empty target. */
async function createHouses(t: Test, customers = 3) {
  t.testdir();
  const to = await createPostgresUrl(t);
  const from = `file:${join(makeTestFolder(t), "calendar.db")}`;
  await fillDatabase(from, { encryptionKey, customers, links: 2 });
  return { from, to, copy: () => runCopy(t, from, to) };
}

async function change(url: string, act: (db: Database) => Promise<unknown>): Promise<void> {
  const db = openDatabase(url, { acceptUnfinishedCopy: true });
  try {
    await act(db);
  } finally {
    await db.destroy();
  }
}

const refused = (text: RegExp) => ({ code: 1, text });

t.test("a copy that is killed goes on, and no service starts over it before it is complete", async (t) => {
  const { from, to, copy } = await createHouses(t, manyCustomers);
  const before = readFileSync(databasePath(from));
  const killed = startDb(t, ["copy", "--from", from, "--to", to]);
  await killed.printed(" rows\n");
  await killed.end("SIGKILL");
  t.notMatch(killed.output(), "Complete");
  const start = openDatabase(to, { service: "mcp-calendar" });
  await t.rejects(sql`select 1`.execute(start), { code: "POSTGRES_COPY_UNFINISHED" });
  await start.destroy();
  t.match(await runDb(t, ["status", "mcp-calendar"], { DATABASE_URL: to }), refused(/copy +not complete/));
  t.match(await copy(), {
    code: 0,
    text: /Going on after \d+ rows\.[\s\S]*bookings +3000 rows[\s\S]*Complete/,
  });
  t.ok(before.equals(readFileSync(databasePath(from))));
  t.notOk(existsSync(`${databasePath(from)}-wal`));
  t.match(await runDb(t, ["status", "mcp-calendar"], { DATABASE_URL: to }), { code: 0 });
});

t.test("a copy that is complete stays so when the command is repeated", async (t) => {
  const { copy } = await createHouses(t);
  t.match(await copy(), { code: 0, text: /Complete/ });
  t.match(await copy(), { code: 0, text: /was complete already, and nothing was changed\.\nComplete/ });
});

t.test("a source that has changed since is copied anew", async (t) => {
  const { from, to, copy } = await createHouses(t, manyCustomers);
  const killed = startDb(t, ["copy", "--from", from, "--to", to]);
  await killed.printed(" rows\n");
  await killed.end("SIGKILL");
  await change(from, (db) => sql`delete from bookings where customer_id = 'quiet-1'`.execute(db));
  t.match(await copy(), { code: 0, text: /begun anew[\s\S]*bookings +2998 rows[\s\S]*Complete/ });
});

t.test("what a crashed service has left beside its file is copied too", async (t) => {
  const { from, to } = await createHouses(t);
  const folder = makeTestFolder(t);
  const crashed = join(folder, "calendar.db");
  await change(from, async (db) => {
    await sql`insert into schedules values ('late', '{}', '')`.execute(db);
    for (const suffix of ["", "-wal"]) cpSync(`${databasePath(from)}${suffix}`, `${crashed}${suffix}`);
  });
  t.not(statSync(`${crashed}-wal`).size, 0);
  t.match(await runCopy(t, `file:${crashed}`, to), { code: 0, text: /schedules +4 rows/ });
});

t.test("of two copies into one database the later goes on", async (t) => {
  const { from, to } = await createHouses(t);
  const [service] = serviceDatabases;
  if (service === undefined) throw new Error("no service");
  t.match(await runDb(t, ["migrate", service.name], { DATABASE_URL: to }), { code: 0 });
  const [source, target] = [openLocked(from), openDatabase(to, { acceptUnfinishedCopy: true })];
  t.teardown(() => Promise.all([source.destroy(), target.destroy()]));
  const tables = await readTables(service, source, target);
  const claim = () => claimTarget(target, { service, tables, source: "the same" });
  const [first, second] = [await claim(), await claim()];
  await second.save(target, {});
  await t.rejects(first.save(target, {}), { message: /Another copy into this database was started/ });
  await t.rejects(first.finish(target), { message: /Another copy/ });
});

t.test("rows that aren't the copy's are neither overwritten nor overlooked", async (t) => {
  const { to, copy } = await createHouses(t);
  t.match(await runDb(t, ["migrate", "mcp-calendar"], { DATABASE_URL: to }), { code: 0 });
  const insert = sql`insert into schedules values ('other', '{}', '')`;
  await change(to, (db) => insert.execute(db));
  t.match(
    await copy(),
    refused(/already has rows that aren't this copy's, in schedules\. Nothing was copied/),
  );
  await change(to, (db) => sql`delete from schedules`.execute(db));
  await change(to, (db) =>
    sql`create function add_one() returns trigger language plpgsql as $$ begin
      insert into schedules values ('quiet-1', '{}', ''); return null; end $$`.execute(db),
  );
  await change(to, (db) =>
    sql`create trigger meanwhile after insert on events for each statement execute function add_one()`.execute(
      db,
    ),
  );
  await change(to, (db) => sql`alter table schedules drop constraint schedules_pkey`.execute(db));
  t.match(
    await copy(),
    refused(/The row of schedules whose customer_id is quiet-1 isn't the same in both/),
    "what others write meanwhile",
  );
});

t.test("a source that isn't as this code knows it is refused", async (t) => {
  const { from, to, copy } = await createHouses(t);
  const step = (act: (db: Database) => Promise<unknown>) => change(from, act);
  await step((db) => sql`delete from bookings_migrations where name = '0010-versions'`.execute(db));
  t.match(await copy(), refused(/calendar\.db is older than this code: 0010-versions is still to be done/));
  await step((db) =>
    sql`insert into bookings_migrations values ('0010-versions', ''), ('9999-later', '')`.execute(db),
  );
  t.match(await copy(), refused(/calendar\.db is newer than this code: 9999-later is not known here/));
  const other = `file:${join(makeTestFolder(t), "other.db")}`;
  await change(other, (db) => sql`create table something (id text)`.execute(db));
  t.match(await runCopy(t, other, to), refused(/other\.db has no tables of any service/));
  t.match(await runCopy(t, "file:./missing.db", to), refused(/missing\.db can't be opened/));
});

t.test("a target that can't take the copy is said in one sentence, without the password", async (t) => {
  const { from, to, copy } = await createHouses(t);
  const variant = (edit: (url: URL) => void) => {
    const url = new URL(to);
    url.password = "hunter2-hunter2";
    edit(url);
    return runCopy(t, from, url.href);
  };
  const outcomes = {
    port: await variant((url) => {
      url.port = "1";
    }),
    database: await variant((url) => {
      url.pathname = "/nothing";
    }),
    user: await variant((url) => {
      url.username = "nobody";
    }),
    parameter: await variant((url) => url.searchParams.set("colour", "red")),
  };
  t.match(outcomes.port, refused(/can't be reached\. .* Once that is mended, repeat the command/));
  t.match(outcomes.database, refused(/doesn't exist\. Create it/));
  t.match(outcomes.user, refused(/refuses the user nobody/));
  t.match(outcomes.parameter, { code: 2, text: /--to can't be used: After its question mark/ });
  for (const [name, { text }] of Object.entries(outcomes)) t.notMatch(text, "hunter2", name);
  t.match(await runCopy(t, to, from), { code: 2, text: /--from must be a SQLite database/ });
  t.match(await runDb(t, ["copy", "--from", from]), { code: 2, text: /npm run db -- copy --from/ });
  const admin = openDatabase(to, { service: "admin-api" });
  await sql`select 1`.execute(admin);
  await admin.destroy();
  t.match(await copy(), refused(/belongs to admin-api, not to mcp-calendar/));
});

t.test("a disk that is full, and what PostgreSQL can't store, stop the copy where it is", async (t) => {
  const { from, to, copy } = await createHouses(t);
  t.match(await runDb(t, ["migrate", "mcp-calendar"], { DATABASE_URL: to }), { code: 0 });
  await change(to, (db) =>
    sql`create function fill() returns trigger language plpgsql as $$ begin
      raise exception 'could not extend file' using errcode = '53100'; end $$`.execute(db),
  );
  await change(to, (db) =>
    sql`create trigger full_disk before insert on events for each row execute function fill()`.execute(db),
  );
  t.match(await copy(), refused(/can't take more: its disk or memory is full[^\n]*repeat the command/));
  await change(to, (db) => sql`drop trigger full_disk on events`.execute(db));
  const unstorable = sql`update events set data = '{"secret-of":"' || char(0) || '"}' where id = 5`;
  await change(from, (db) => unstorable.execute(db));
  const { code, text } = await copy();
  t.match({ code, text }, refused(/can't store the row of events whose id is 5 \(SQLSTATE 22P05\)/));
  t.notMatch(text, "secret-of");
  await change(from, (db) => sql`update events set data = '{}' where id = 5`.execute(db));
  t.match(await copy(), { code: 0, text: /Complete/ });
});
