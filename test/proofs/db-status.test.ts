import { join } from "node:path";
import { openDatabase } from "@cita/database";
import { sql } from "kysely";
import t from "tap";
import { serviceDatabases } from "../../scripts/db/service-databases.ts";
import { listTables } from "../support/list-tables.ts";
import { runDb } from "../support/run-db.ts";
import { forEachDatabase } from "../support/test-database.ts";

const urlVariables: Readonly<Record<string, string>> = {
  "mcp-calendar": "DATABASE_URL",
  "admin-api": "ADMIN_DATABASE_URL",
  integrations: "INTEGRATIONS_DATABASE_URL",
};

for (const { name, owners } of serviceDatabases) {
  const variable = urlVariables[name] ?? "";

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

t.test("a service that may be left out is passed over where it isn't run", async (t) => {
  const folder = t.testdir();
  const urlOf = (name: string) => `file:${join(folder, `${name}.db`)}`;
  const needed = { DATABASE_URL: urlOf("calendar"), ADMIN_DATABASE_URL: urlOf("admin") };
  const migrated = await runDb(t, ["migrate"], needed);
  t.match(migrated, { code: 0 });
  t.notMatch(migrated.text, "integrations");
  t.match(await runDb(t, ["status"], needed), { code: 0 });
  const ALLOWED_REDIRECT_URIS = "https://app.example.com/connected";
  t.match(
    await runDb(t, ["status"], { ...needed, ALLOWED_REDIRECT_URIS }),
    { code: 1, text: /integrations: there is no database .* yet/ },
    "it is configured",
  );
  const all = { ...needed, INTEGRATIONS_DATABASE_URL: urlOf("integrations") };
  t.match(await runDb(t, ["migrate"], all), { code: 0, text: /integrations: the .* brought up to date/ });
  t.match(await runDb(t, ["status"], all), { code: 0, text: /integration_sync_logs +0 rows/ });
});
