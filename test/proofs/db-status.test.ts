import { join } from "node:path";
import { openDatabase } from "@cita/database";
import { sql } from "kysely";
import t from "tap";
import { serviceDatabases } from "../../scripts/db/service-databases.ts";
import { listTables } from "../support/list-tables.ts";
import { runDb } from "../support/run-db.ts";
import { forEachDatabase } from "../support/test-database.ts";

for (const { name, owners } of serviceDatabases) {
  const variable = name === "mcp-calendar" ? "DATABASE_URL" : "ADMIN_DATABASE_URL";

  forEachDatabase(
    t,
    `${name}: migrated by several at once, and every table is somebody's`,
    async (t, { url, engine }) => {
      t.testdir();
      const run = (command: string) => runDb(t, [command, name], { [variable]: url });
      t.match(await run("status"), { code: 1, text: /yet\. npm run db -- migrate makes it/ });
      const outcomes = await Promise.all([1, 2].map(() => run("migrate")));
      for (const outcome of outcomes)
        t.match(outcome, { code: 0, text: /(up to date|brought up to date .*)\.\n$/ });
      const engineText = engine === "sqlite" ? /engine +SQLite 3\./ : /engine +PostgreSQL \d/;
      const status = await run("status");
      t.match(status, { code: 0, text: engineText });
      t.match(status.text, /schema +up to date/);

      const db = openDatabase(url);
      t.teardown(() => db.destroy());
      const found = (await listTables(db)).map((table) => table.name);
      const own = ["service", "sqlite_sequence", ...owners.map(({ owner }) => `${owner}_migrations`)];
      const owned = owners.flatMap(({ tables }) => Object.keys(tables));
      t.strictSame(found.filter((table) => !own.includes(table)).sort(), owned.sort());
      // What is said of one service is said of all.
      if (name !== "admin-api") return;
      const [first] = owners;
      const history = sql.table(`${first?.owner}_migrations`);
      await sql`insert into ${history} (name, timestamp) values ('9999-later', '')`.execute(db);
      t.match(await run("status"), { code: 1, text: /newer than this code: 9999-later is not known here/ });
      t.match(await run("migrate"), { code: 1, text: /is newer than this version/ });
      await sql`delete from ${history}`.execute(db);
      t.match(await run("status"), { code: 1, text: /pending, for npm run db -- migrate: 0001-/ });
    },
  );
}

t.test("a command that isn't known is answered with those that are", async (t) => {
  t.testdir();
  for (const args of [[], ["drop"], ["status", "nobody"], ["migrate", "admin-api", "more"]]) {
    t.match(await runDb(t, args), { code: 2, text: /npm run db -- migrate/ });
  }
  const ADMIN_DATABASE_URL = `file:${join(t.testdirName, "missing.db")}`;
  t.match(await runDb(t, ["status", "admin-api"], { ADMIN_DATABASE_URL }), {
    code: 1,
    text: /there is no database/,
  });
});
