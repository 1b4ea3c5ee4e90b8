import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openDatabase } from "@cita/database";
import { sql } from "kysely";
import t from "tap";
import { variables as adminVariables } from "../apps/admin-api/src/config.ts";
import { variables as integrationVariables } from "../apps/integrations/src/config.ts";
import { variables as mcpVariables } from "../apps/mcp-calendar/src/config.ts";
import { stdioVariables } from "../apps/mcp-calendar/src/stdio/config.ts";
import { serviceDatabases } from "../scripts/db/service-databases.ts";
import { createBrowser } from "./support/browser.ts";
import { runInShell, runScript } from "./support/command.ts";
import { freePort } from "./support/free-port.ts";

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
const readme = read("README.md");

/** The fenced blocks of one kind: ```` ```sh tour ````. */
const blocks = (kind: string): string[] =>
  [...readme.matchAll(new RegExp(`^\`\`\`${kind}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(
    ([, text]) => text ?? "",
  );

t.test("the README's tour does what it says, command by command", async (t) => {
  const cwd = t.testdir();
  const [admin, mcp, sandbox] = await Promise.all([freePort(), freePort(), freePort()]);
  const onOurPorts = (text: string) =>
    text.replaceAll(":3000", `:${admin}`).replaceAll(":60000", `:${mcp}`).replaceAll(":60001", `:${sandbox}`);
  const env = { ADMIN_PORT: String(admin), MCP_PORT: String(mcp), SANDBOX_PORT: String(sandbox) };
  const started = runScript(t, "scripts/start.ts", { cwd, env });
  await started.printed("Ctrl-C stops everything.");

  const tour = blocks("sh tour");
  t.equal(tour.length, 5);
  const [connect, status, slots, book, events] = tour;
  // The reader's shell keeps it from one step to the next; here each command has a shell of its own.
  const [day = ""] = /^DAY=.*$/m.exec(slots ?? "") ?? [];
  const monday = (await runInShell(`${day}\necho $DAY`, cwd)).trim();
  t.equal(new Date(monday).getUTCDay(), 1, monday);
  const run = async (command = "") =>
    JSON.parse(await runInShell(onOurPorts(`DAY=${monday}\n${command}`), cwd));

  const { shareable_link } = await run(connect);
  const browser = createBrowser();
  const googlePage = await browser.submit(await browser.open(shareable_link));
  t.match(await browser.submit(googlePage, { action: "allow" }), { status: 200 });
  const shown = await run(status);
  t.match(shown, { customer_id: "luna", calendar_connected: true, calendar_state: { state: "ok" } });
  const [, printed = ""] = blocks("json");
  t.strictSame(Object.keys(shown), Object.keys(JSON.parse(printed)), "every member is in the README");
  t.match((await run(slots)).result.structuredContent, {
    timezone: "America/Bogota",
    from: monday,
    slots: Array,
  });
  t.match((await run(book)).result.structuredContent, { status: "confirmed", attendee_name: "Ana Pérez" });
  const summaries = (await run(events)).events.map((event: { summary: string }) => event.summary);
  t.ok(summaries.includes("Ana Pérez · Cita"));
  const again = JSON.parse((await run(book)).result.content[0].text);
  t.match(again.error, { code: "slot_taken", alternatives: { length: 3 } });

  const { key } = await run(blocks("sh agent-key")[0]);
  const withKey = slots?.replace("X-Customer-Id: luna", `Authorization: Bearer ${key}`);
  t.match((await run(withKey)).result.structuredContent, { timezone: "America/Bogota" });

  const [schedule] = blocks("sh schedule");
  t.match(await run(schedule), { services: [{ id: "haircut" }, { id: "class" }], horizon_days: 365 });
  await started.end();

  for (const { backupName, owners } of serviceDatabases)
    t.strictSame(
      await findMigrated(join(cwd, `data/sandbox/${backupName}.db`)),
      owners.map(({ owner }) => owner).sort(),
      `the first start of ${backupName} makes all of its tables`,
    );
});

/** The owners whose migrations have run. */
async function findMigrated(file: string): Promise<string[]> {
  const db = openDatabase(`file:${file}`, { mustExist: true });
  const { rows } = await sql<{ name: string }>`
    select name from sqlite_master where name like '%_migrations' order by name`.execute(db);
  await db.destroy();
  return rows.map(({ name }) => name.replace(/_migrations$/, ""));
}

t.test("every variable a service reads is in .env.example and in the README, and no other", async (t) => {
  const sandboxOnly = ["SANDBOX_PORT", "SANDBOX_STATE_FILE"];
  const expected = [
    ...new Set([
      ...[adminVariables, mcpVariables, stdioVariables, integrationVariables].flatMap(({ shape }) =>
        Object.keys(shape),
      ),
      ...sandboxOnly,
    ]),
  ];
  const inExample = [...read(".env.example").matchAll(/^(?:# )?([A-Z_]+)=/gm)].map(([, name]) => name);
  t.strictSame(inExample.sort(), expected.sort());

  const [table = ""] = /\| variable \|[\s\S]*?\n\n/.exec(readme) ?? [];
  const firstColumns = [...table.matchAll(/^\|([^|]*)\|/gm)].map(([, cell]) => cell ?? "").join(" ");
  const inReadme = [...firstColumns.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name);
  t.strictSame(inReadme.sort(), expected.sort());
});

t.test("what .env.example says is the default is the default", async (t) => {
  const example = Object.fromEntries(
    [...read(".env.example").matchAll(/^# ([A-Z_]+)=(.+)$/gm)].map(([, name, value]) => [name, value]),
  );
  const needed = {
    ADMIN_API_KEY: "sQRNPlDfZK06JhiL2zRnsA2W5iavA-h4",
    CALENDAR_SERVICE_KEY: "rXRVZeKRL6Pkb-QQC7hN1hPwgGHxyF7R",
    GOOGLE_CLIENT_ID: "id",
    GOOGLE_CLIENT_SECRET: "secret",
    TOKEN_ENCRYPTION_KEY: "5TiHsU5KUApHz-ECHME-Y6hVay1uA6uiyuLgqGn_PD0=",
  };
  // Of the database cita-calendar has its own idea: it serves a person, not a working folder.
  const local = stdioVariables.omit({ DATABASE_URL: true });
  for (const schema of [adminVariables, mcpVariables, local, integrationVariables]) {
    t.strictSame(schema.parse({ ...example, ...needed }), schema.parse(needed));
  }
});
