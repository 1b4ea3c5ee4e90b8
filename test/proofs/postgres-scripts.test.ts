import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { basename } from "node:path";
import { openDatabase } from "@cita/database";
import { sql } from "kysely";
import t, { type Test } from "tap";
import { runScript } from "../support/command.ts";
import { createDoctorVariables } from "../support/doctor-variables.ts";
import { readAllTables } from "../support/list-tables.ts";
import { createPostgresUrl } from "../support/test-database.ts";
import { createWorld, type World } from "../support/world.ts";

// The same commands over SQLite: doctor.test.ts, backup-under-load.test.ts and keys.test.ts.

function variablesOf(world: World) {
  return {
    ...createDoctorVariables(world.google, { mcp: 1, admin: 1 }),
    TOKEN_ENCRYPTION_KEY: world.encryptionKey,
    DATABASE_URL: world.databases.mcp,
    ADMIN_DATABASE_URL: world.databases.admin,
  };
}

async function run(
  t: Test,
  script: string,
  { world, args = [], env = {} }: { world: World; args?: string[]; env?: Record<string, string> },
) {
  const variables = { ...variablesOf(world), ...env };
  const command = runScript(t, `scripts/${script}.ts`, { cwd: world.folder, env: variables, args });
  const code = await command.ended;
  return { code, text: command.output() };
}

const placeOf = (url: string) => {
  const { host, searchParams } = new URL(url);
  return new RegExp(`PostgreSQL database postgres at ${host} \\(schema ${searchParams.get("schema")}\\)`);
};

t.test("the doctor knows both databases, and makes none", async (t) => {
  const world = await createWorld(t, { engine: "postgres" });
  await world.connected("luna");
  const { text } = await run(t, "doctor", { world });
  for (const url of [world.databases.mcp, world.databases.admin])
    t.match(text, new RegExp(`The ${placeOf(url).source} is whole, writable and up to date`));
  t.match(text, /The keys open all that is stored/);

  const none = await createPostgresUrl(t);
  const missing = await run(t, "doctor", { world, env: { DATABASE_URL: none } });
  t.match(missing.text, new RegExp(`There is no ${placeOf(none).source} yet: mcp-calendar makes it`));
  const again = await run(t, "doctor", { world, env: { DATABASE_URL: none } });
  const withoutClock = (text: string) => text.replace(/The clock is \d+ seconds/, "The clock is seconds");
  t.equal(withoutClock(again.text), withoutClock(missing.text), "looking hasn't made it");

  const other = await run(t, "doctor", { world, env: { DATABASE_URL: world.databases.admin } });
  t.match(other.text, /belongs to admin-api, not to mcp-calendar\. Give each service a schema of its own/);

  const closed = await run(t, "doctor", {
    world,
    env: { DATABASE_URL: "postgres://cita:s3cret@127.0.0.1:1/cita" },
  });
  t.match(closed, { code: 1, text: /can't be reached\. Check that it runs/ });
  t.notMatch(closed.text, "s3cret");
});

t.test("keys are looked at, and what they seal is sealed anew", async (t) => {
  const world = await createWorld(t, { engine: "postgres" });
  await world.connected("luna");
  t.match(await run(t, "keys", { world, args: ["status"] }), { code: 0, text: /connections: 1/ });
  t.match(await run(t, "keys", { world, args: ["rotate"] }), { code: 0 });
  const none = { DATABASE_URL: await createPostgresUrl(t) };
  t.match(await run(t, "keys", { world, args: ["status"], env: none }), {
    code: 1,
    text: /There is no PostgreSQL database postgres at .* yet, so nothing is sealed/,
  });
});

t.test("a wrong database URL is one sentence, without its password", async (t) => {
  const world = await createWorld(t, { engine: "postgres" });
  for (const [url, sentence] of [
    ["postgres://cita:s3cret@host/cita?shema=a", "can't be used: After its question mark"],
    ["postgres://cita:s3@cret@ho st/cita", "can't be used: The database URL can't be read"],
    [
      "postgres://cita:s3cret@host/cita?pool_size=none",
      "can't be used: pool_size in the database URL must be",
    ],
    ["mysql://cita:s3cret@host/cita", "must start with file: .* or postgres://"],
  ] as const) {
    const { code, text } = await run(t, "keys", { world, args: ["status"], env: { DATABASE_URL: url } });
    t.equal(code, 1);
    t.match(text, new RegExp(`1 problem: DATABASE_URL ${sentence}`));
    t.notMatch(text, /s3|\.\./);
  }
});

t.test("a dump is made by PostgreSQL's own program, and prepared once it is restored", async (t) => {
  const world = await createWorld(t, { engine: "postgres" });
  await world.connected("luna");
  const made = await run(t, "backup", { world, args: ["backups"] });
  // Not every machine that runs the tests has it.
  if (made.code === 0) await restoreAndGoOn(t, world, made.text);
  else t.match(made.text, /^pg_dump (isn't installed|is older)/m);

  writeFileSync(`${world.folder}/calendar-20270117T230000Z.dump`, "");
  const readLogId = async () => (await sql`select id from event_log`.execute(world.mcp.db)).rows;
  const before = await readLogId();
  const restored = await run(t, "backup", { world, args: ["--restored", "calendar-20270117T230000Z.dump"] });
  t.match(restored, { code: 0, text: /Start the services/ });
  t.notSame(await readLogId(), before, "the events of a restored copy are another log");
  for (const args of [["--restored", "admin.dump"], ["--restored"], []])
    t.match(await run(t, "backup", { world, args }), { code: 2 });
});

/** Loses both schemas, restores them with PostgreSQL's own program, and starts the services over them. */
async function restoreAndGoOn(t: Test, world: World, printed: string): Promise<void> {
  const files = [...printed.matchAll(/^(\S+\.dump) {2}\d/gm)].map(([, file = ""]) => file);
  t.match(files, [/calendar-\d{8}T\d{6}Z\.dump$/, /admin-\d{8}T\d{6}Z\.dump$/]);
  await world.stopMcpCalendar();
  await world.admin.close();
  for (const [i, url] of [world.databases.mcp, world.databases.admin].entries()) {
    const before = await readTablesOf(url);
    const db = openDatabase(url);
    await sql`drop schema ${sql.id(new URL(url).searchParams.get("schema") ?? "")} cascade`.execute(db);
    await db.destroy();
    const server = new URL(url);
    server.search = "";
    const args = [`--dbname=${server.href}`, "--single-transaction", "--exit-on-error", files[i] ?? ""];
    execFileSync("pg_restore", args, { cwd: world.folder });
    t.strictSame(await readTablesOf(url), before, "every row is there again");
  }
  const restored = await run(t, "backup", { world, args: ["--restored", basename(files[0] ?? "")] });
  t.equal(restored.code, 0);
  await world.restart();
  const booking = { start_iso: "2027-01-18T10:00:00-05:00", attendee_name: "Ana" };
  t.match(await world.call("luna", "book", booking), { answer: { status: "confirmed" } });
  t.match((await run(t, "doctor", { world })).text, /The keys open all that is stored/);
}

async function readTablesOf(url: string) {
  const db = openDatabase(url);
  try {
    return await readAllTables(db);
  } finally {
    await db.destroy();
  }
}
