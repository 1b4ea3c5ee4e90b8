import { cpSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { openDatabase } from "@cita/database";
import { sql } from "kysely";
import pg from "pg";
import t, { type Test } from "tap";
import { type Command, runProgram } from "../support/command.ts";
import { type AppName, appNames, imageEnvironment, readDeployFile } from "../support/deploy-files.ts";
import { freePort } from "../support/free-port.ts";
import { createServer } from "../support/postgres/server.ts";
import { secrets } from "../support/started-services.ts";

t.setTimeout(600_000);

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** Without the repository's own programs: an installation has nothing but what it has installed. */
const path = (process.env.PATH ?? "")
  .split(delimiter)
  .filter((folder) => !folder.includes("node_modules"))
  .join(delimiter);

async function run(t: Test, cwd: string, program: string, args: string[]): Promise<void> {
  const command = runProgram(t, program, { cwd, args, env: { PATH: path, HOME: process.env.HOME ?? cwd } });
  t.equal(await command.ended, 0, `${[program, ...args].join(" ")}\n${command.output()}`);
}

/** The arguments of an instruction in the part of the Dockerfile that is an app's. */
function instruction(app: AppName, name: "CMD" | "HEALTHCHECK"): string[] {
  const [, stage = ""] = readDeployFile("docker/Dockerfile").split(`FROM runtime AS ${app}\n`);
  const [, command = "[]"] = new RegExp(`^${name}[^\\[]*(\\[.+\\])$`, "m").exec(stage) ?? [];
  return JSON.parse(command);
}

/** In an empty folder outside the repository, so that no library is found above it. */
async function install(t: Test): Promise<{ folder: string; node: string }> {
  const folder = mkdtempSync(join(tmpdir(), "cita-production-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const name of [".npmrc", "package.json", "package-lock.json", "apps", "packages", "scripts"]) {
    const isSource = (file: string) => !/\/(?:node_modules|test)$/.test(file);
    cpSync(join(repository, name), join(folder, name), { recursive: true, filter: isSource });
  }
  await run(t, folder, "npm", ["ci", "--omit=dev", "--prefer-offline"]);
  await run(t, folder, "npm", ["run", "build"]);
  t.strictSame(readdirSync(join(folder, "dist")).sort(), [...appNames].sort());
  // As the image: Node is elsewhere, and what only builds is gone.
  const node = join(folder, "pinned-node");
  renameSync(join(folder, "node_modules/node/bin/node"), node);
  await run(t, folder, "rm", ["-r", "node_modules/node", "node_modules/esbuild", "node_modules/@esbuild"]);
  mkdirSync(join(folder, "data"));
  return { folder, node };
}

t.test("an installation without development dependencies builds, and starts as the image does", async (t) => {
  const { folder, node } = await install(t);
  const [mcpPort, adminPort, integrationsPort] = await Promise.all([freePort(), freePort(), freePort()]);
  const given: Record<string, string> = {
    ...secrets,
    ADMIN_API_KEY: "nWhorbAcTJVSjPZ19qRsLl40a-_-_b9u",
    MCP_PUBLIC_URL: "https://calendar.example.com",
    ADMIN_PUBLIC_URL: "https://admin.example.com",
    INTEGRATIONS_PUBLIC_URL: "https://integrations.example.com",
  };
  const ports = {
    MCP_PORT: `${mcpPort}`,
    ADMIN_PORT: `${adminPort}`,
    INTEGRATIONS_PORT: `${integrationsPort}`,
    CALENDAR_URL: `http://127.0.0.1:${mcpPort}`,
    ADMIN_URL: `http://127.0.0.1:${adminPort}`,
  };
  const start = (app: AppName, name: "CMD" | "HEALTHCHECK"): Command => {
    const [, ...args] = instruction(app, name);
    return runProgram(t, node, { cwd: folder, args, env: { ...given, ...imageEnvironment(app), ...ports } });
  };
  const started: Command[] = [];
  for (const app of ["mcp-calendar", "admin-api", "integrations"] as const) {
    const service = start(app, "CMD");
    await service.printed("Server listening");
    t.notMatch(service.output(), "runs from its sources");
    started.push(service);
    t.equal(await start(app, "HEALTHCHECK").ended, 0, `the health check of ${app}`);
  }
  for (const port of [mcpPort, adminPort, integrationsPort])
    t.equal((await fetch(`http://127.0.0.1:${port}/ready`)).status, 200);
  for (const service of started) t.equal(await service.end(), 0);
  t.not(await start("admin-api", "HEALTHCHECK").ended, 0, "of a service that is gone");
});

t.test("the roles of deploy/compose: each service makes its schema, and can't read another's", async (t) => {
  const server = await createServer({ durable: false });
  t.teardown(() => server.remove());
  const superuser = new pg.Client(server.url);
  await superuser.connect();
  await superuser.query("create database cita");
  await superuser.end();
  const inCita = new pg.Client(server.url.replace(/\/postgres$/, "/cita"));
  await inCita.connect();
  // psql's own commands read the passwords from the environment.
  const statements = readDeployFile("compose/roles.sql")
    .replaceAll(/^\\getenv.*$/gm, "")
    .replaceAll(/:'(\w+)_password'/g, "'$1-password'");
  await inCita.query(statements);
  await inCita.end();

  const open = (role: string, service: string) => {
    const url = `postgres://${role}:${role}-password@127.0.0.1:${server.port}/cita`;
    const db = openDatabase(url, { service });
    t.teardown(() => db.destroy());
    return db;
  };
  const mcp = open("mcp_calendar", "mcp-calendar");
  await sql`create table tokens (token text)`.execute(mcp);
  const admin = open("admin_api", "admin-api");
  await sql`create table customers (id text)`.execute(admin);
  const integrations = open("integrations", "integrations");
  await sql`create table integrations (id text)`.execute(integrations);
  for (const [reader, table] of [
    [admin, "mcp_calendar.tokens"],
    [integrations, "mcp_calendar.tokens"],
    [integrations, "admin_api.customers"],
    [mcp, "integrations.integrations"],
  ] as const)
    await t.rejects(sql`select * from ${sql.table(table)}`.execute(reader), { code: "POSTGRES_PERMISSION" });
});
