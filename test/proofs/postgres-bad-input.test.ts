import { once } from "node:events";
import { type AddressInfo, createServer as createSocketServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import t, { type Test } from "tap";
import { startOldServer } from "../../packages/database/test/fixtures/old-server.ts";
import { runScript } from "../support/command.ts";
import { freePort } from "../support/free-port.ts";
import { createRoles, password } from "../support/postgres/roles.ts";
import { createServer } from "../support/postgres/server.ts";
import { secrets } from "../support/started-services.ts";
import { adminKey } from "../support/test-keys.ts";

// What the database package says of each: packages/database/test/postgres-errors.test.ts and postgres-unfit.test.ts.

/** For a service on a slow machine to start, and to give up on a server that doesn't answer. */
const endedMs = 30_000;

t.setTimeout(180_000);

const server = await createServer({ durable: false });
t.teardown(() => server.remove());
const { asAdmin, create: createRole } = createRoles(t, server, "connect_timeout=1");

const services = {
  "mcp-calendar": { port: "MCP_PORT", database: "DATABASE_URL" },
  "admin-api": { port: "ADMIN_PORT", database: "ADMIN_DATABASE_URL" },
};
type ServiceName = keyof typeof services;

async function startService(t: Test, name: ServiceName, url: string) {
  const { port, database } = services[name];
  const env = { ...secrets, ADMIN_API_KEY: adminKey, [port]: `${await freePort()}`, [database]: url };
  return runScript(t, `apps/${name}/src/main.ts`, { cwd: t.testdir(), env });
}

/** It ends with one sentence, in which nothing is secret. */
async function expectRefused(t: Test, name: ServiceName, url: string, sentence: RegExp): Promise<void> {
  const begun = performance.now();
  const service = await startService(t, name, url);
  t.equal(await Promise.race([service.ended, sleep(endedMs, "it hangs", { ref: false })]), 1);
  const said = service.output();
  t.match(said, sentence);
  t.match(said, new RegExp(`^${name} can't start\\. [^\\n]+\\.\\n$`), "one line, without a stack");
  t.notMatch(said, password);
  t.comment(`${Math.round(performance.now() - begun)} ms: ${said.trim()}`);
}

const both = ["mcp-calendar", "admin-api"] as const;

for (const name of both) {
  t.test(`${name} doesn't start with a wrong URL`, async (t) => {
    const { url } = await createRole();
    const place = `The PostgreSQL database postgres at 127\\.0\\.0\\.1:${server.port}`;
    const wrong = (change: Partial<URL>) => Object.assign(new URL(url), change).href;
    const silentPort = await startSilentServer(t);
    const oldPort = await startOldServer(t, 140_011);
    const cases: readonly [url: string, RegExp][] = [
      [wrong({ port: "1" }), /at 127\.0\.0\.1:1 can't be reached\. Check that it runs, and host and port/],
      [wrong({ port: `${silentPort}` }), /can't be reached\. Check that it runs/],
      [
        wrong({ port: `${oldPort}` }),
        /is of version 14, and 15 is the oldest that works\. Upgrade the server\./,
      ],
      [
        wrong({ password: `${password}-no` }),
        new RegExp(`${place} refuses the user cita_\\d+\\. Check user and password in the database URL`),
      ],
      [
        wrong({ pathname: "/nowhere" }),
        /database nowhere at .+ doesn't exist\. Create it \(create database …\), or correct the name/,
      ],
      [
        `postgres://cita:${password}@ho st/cita`,
        /1 problem: \w*DATABASE_URL can't be used: The database URL can't be read: it must be postgres:\/\//,
      ],
    ];
    await Promise.all(cases.map(([url, sentence]) => expectRefused(t, name, url, sentence)));
  });
}

async function startSilentServer(t: Test): Promise<number> {
  const silent = createSocketServer((socket) => socket.on("error", () => undefined).resume());
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  t.teardown(() => silent.close());
  return (silent.address() as AddressInfo).port;
}

t.test("a service doesn't start with a database that it can't use", async (t) => {
  const [rightless, readOnly, crowded] = [
    await createRole({ schema: false }),
    await createRole(),
    await createRole(),
  ];
  await asAdmin(
    `alter role ${readOnly.name} set default_transaction_read_only = on`,
    `alter role ${crowded.name} connection limit 0`,
  );
  await Promise.all(
    both.flatMap((name) => [
      expectRefused(
        t,
        name,
        rightless.url.href,
        /As the database's owner: create schema if not exists cita_\d+ authorization "cita_\d+"/,
      ),
      expectRefused(
        t,
        name,
        readOnly.url.href,
        /is read-only: a replica, or set so\. Name the primary server in the database URL\./,
      ),
      expectRefused(
        t,
        name,
        crowded.url.href,
        /has no connection left\. Lower pool_size in the database URLs of the services, or raise max_connections/,
      ),
    ]),
  );
});

t.test("a service doesn't start with another's tables, or with those of a newer version", async (t) => {
  const { name: schema, url } = await createRole();
  const first = await startService(t, "mcp-calendar", url.href);
  await first.printed("Server listening");
  await expectRefused(
    t,
    "admin-api",
    url.href,
    /belongs to mcp-calendar, not to admin-api\. Give each service a schema of its own \(\?schema=…\)\./,
  );
  t.equal(await first.end(), 0);
  await asAdmin(`insert into ${schema}.bookings_migrations values ('9999-later', now()::text)`);
  await expectRefused(
    t,
    "mcp-calendar",
    url.href,
    /newer than this version: .+ 9999-later\. Start that version or a newer one, or restore a backup/,
  );
});
