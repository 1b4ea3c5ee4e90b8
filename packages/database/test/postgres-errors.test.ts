import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { inspect } from "node:util";
import { sql } from "kysely";
import t from "tap";
import { sharedServerUrl } from "../../../test/support/postgres/shared-server.ts";
import { createTestDatabase } from "../../../test/support/test-database.ts";
import { exclusively, migrate, openDatabase } from "../src/index.ts";
import { asAdmin, createRole, errorOf, place, secret } from "./fixtures/postgres-roles.ts";

t.test("a server that isn't there is said in a sentence", async (t) => {
  t.match(await errorOf(t, `postgres://cita:${secret}@127.0.0.1:1/cita?schema=a`), {
    name: "DatabaseError",
    code: "POSTGRES_UNREACHABLE",
    message:
      "The PostgreSQL database cita at 127.0.0.1:1 can't be reached. Check that it runs, and host and port in the database URL.",
    cause: { code: "ECONNREFUSED" },
  });
  t.match(await errorOf(t, `postgres://cita:${secret}@nowhere.invalid/cita?schema=a`), {
    code: "POSTGRES_UNREACHABLE",
  });
});

t.test("a server that accepts and says nothing isn't waited for", async (t) => {
  const silent = createServer((socket) => socket.resume());
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  t.teardown(() => silent.close());
  const { port } = silent.address() as AddressInfo;
  const url = `postgres://cita:${secret}@127.0.0.1:${port}/cita?schema=a&connect_timeout=1`;
  t.match(await errorOf(t, url), { code: "POSTGRES_UNREACHABLE" });
});

t.test("a wrong user, password or database is said in a sentence", async (t) => {
  const [name, url] = await createRole(t);
  const refused = {
    name: "DatabaseError",
    code: "POSTGRES_LOGIN",
    message: `${place(url)} refuses the user ${name}. Check user and password in the database URL, and whether pg_hba.conf lets that user in from this machine.`,
    cause: { code: "28P01" },
  };
  url.password = `${secret}-wrong`;
  t.match(await errorOf(t, url.href), refused);
  url.password = "";
  t.match(await errorOf(t, url.href), { ...refused, cause: Error });
  url.password = secret;
  url.pathname = "/nowhere";
  t.match(await errorOf(t, url.href), {
    code: "POSTGRES_NO_DATABASE",
    message: `${place(url)} doesn't exist. Create it (create database …), or correct the name at the end of the database URL.`,
  });
});

t.test("missing rights are said with the statement that gives them, and need no restart", async (t) => {
  const [name, url] = await createRole(t);
  const schema = url.searchParams.get("schema");
  const denied = {
    code: "POSTGRES_PERMISSION",
    message: `${place(url)} doesn't let the service's user do what the service needs. As the database's owner: create schema if not exists ${schema} authorization "${name}"; where its tables are another user's: grant all on all tables in schema ${schema} to "${name}"; grant all on all sequences in schema ${schema} to "${name}".`,
  };
  t.match(await errorOf(t, url.href), denied);
  const db = openDatabase(url.href, { service: "mcp-calendar" });
  t.teardown(() => db.destroy());
  await t.rejects(sql`select 1`.execute(db), denied);
  await asAdmin(`create schema ${schema}`);
  await t.rejects(sql`create table things (name text)`.execute(db), denied, "it may not even look into it");
  await asAdmin(`grant create, usage on schema ${schema} to ${name}`);
  await sql`create table things (name text)`.execute(db);
  await asAdmin(
    `revoke all on ${schema}.things from ${name}`,
    `alter table ${schema}.things owner to postgres`,
  );
  await t.rejects(sql`select * from things`.execute(db), denied);
});

t.test("a server without a free connection is said", async (t) => {
  const [name, url] = await createRole(t);
  await asAdmin(`alter role ${name} connection limit 0`);
  t.match(await errorOf(t, url.href), {
    code: "POSTGRES_TOO_MANY_CONNECTIONS",
    message: `${place(url)} has no connection left. Lower pool_size in the database URLs of the services, or raise max_connections of the server.`,
  });
});

t.test("two services don't share a schema", async (t) => {
  const { url } = await createTestDatabase(t, "postgres");
  const schema = new URL(url).searchParams.get("schema");
  t.match(await errorOf(t, url, { service: "mcp-calendar", mustExist: true }), {
    code: "POSTGRES_NO_SCHEMA",
    message: new RegExp(`has no schema ${schema} yet: the service makes it when it starts\\.$`),
  });
  const both = await Promise.all([
    errorOf(t, url, { service: "mcp-calendar" }),
    errorOf(t, url, { service: "admin-api" }),
  ]);
  t.strictSame(both.map(({ message }) => message === "no error").toSorted(), [false, true], "one has it");
  const refused = both.find(({ message }) => message !== "no error");
  t.match(refused, {
    code: "POSTGRES_SCHEMA_TAKEN",
    message: /belongs to .+, not to .+\. Give each service a schema of its own \(\?schema=…\)\.$/,
  });
});

t.test("each service has its schema by its name", async (t) => {
  const service = `test-service-${randomBytes(4).toString("hex")}`;
  const url = await sharedServerUrl();
  const schema = service.replaceAll("-", "_");
  t.teardown(() => asAdmin(`drop schema ${schema} cascade`));
  const db = openDatabase(url, { service });
  t.teardown(() => db.destroy());
  const names = sql`select current_schema() as schema, current_setting('application_name') as application`;
  t.match((await names.execute(db)).rows, [{ schema, application: `cita-${service}` }]);
});

t.test("a pool that is used up is said, and goes on afterwards", async (t) => {
  const { url } = await createTestDatabase(t, "postgres");
  const db = openDatabase(`${url.replace(/&pool_size=\d+/, "")}&pool_size=2&connect_timeout=1`);
  t.teardown(() => db.destroy());
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  const holders = [1, 2].map(() => db.transaction().execute(() => held));
  await new Promise((resolve) => setTimeout(resolve, 200));
  await t.rejects(sql`select 1`.execute(db), {
    code: "POSTGRES_POOL_EXHAUSTED",
    message:
      /^All 2 connections to the .+ have been in use for 1 s\. Try again; if it lasts, raise pool_size/,
  });
  letGo();
  await Promise.all(holders);
  await sql`select 1`.execute(db);
});

t.test("a key that others hold, and a query that takes too long, end with a sentence", async (t) => {
  const { url } = await createTestDatabase(t, "postgres");
  const db = openDatabase(`${url}&statement_timeout=500`, { lockTimeoutMs: 200 });
  t.teardown(() => db.destroy());
  const otherProcess = openDatabase(url);
  t.teardown(() => otherProcess.destroy());
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  const { promise: isHeld, resolve: begin } = Promise.withResolvers<void>();
  const holder = exclusively(otherProcess, "key", async () => {
    begin();
    await held;
  });
  await isHeld;
  await t.rejects(
    exclusively(db, "key", async () => undefined),
    { code: "POSTGRES_LOCKED", message: /locked for more than 0\.2 s/ },
  );
  await exclusively(db, "other", async () => undefined);
  letGo();
  await holder;
  await exclusively(db, "key", async () => undefined);
  await t.rejects(sql`select pg_sleep(5)`.execute(db), {
    code: "POSTGRES_STATEMENT_TIMEOUT",
    message: /within 0\.5 s/,
    cause: { code: "57014" },
  });
  await migrate(db, {
    owner: "slow",
    migrations: { "0001-slow": { up: async (db) => void (await sql`select pg_sleep(0.8)`.execute(db)) } },
  });
  await t.rejects(sql`select pg_sleep(5)`.execute(db), { code: "POSTGRES_STATEMENT_TIMEOUT" });
});

t.test("transactions that wait for each other are ended with a sentence", async (t) => {
  const db = (await createTestDatabase(t, "postgres")).open();
  const both = Promise.withResolvers<void>();
  let holding = 0;
  const cross = (first: string, second: string) =>
    exclusively(db, first, async (trx) => {
      holding += 1;
      if (holding === 2) both.resolve();
      await both.promise;
      await exclusively(trx, second, async () => undefined);
    });
  const results = await Promise.allSettled([cross("a", "b"), cross("b", "a")]);
  t.strictSame(results.map(({ status }) => status).toSorted(), ["fulfilled", "rejected"]);
  t.match(
    results.find(({ status }) => status === "rejected"),
    { reason: { name: "DatabaseError", code: "POSTGRES_DEADLOCK" } },
  );
});

t.test("a transaction in which a statement has failed isn't said to be committed", async (t) => {
  const db = (await createTestDatabase(t, "postgres")).open();
  await sql`create table things (name text unique)`.execute(db);
  await sql`insert into things values ('a')`.execute(db);
  const committed = db.transaction().execute(async (trx) => {
    await sql`insert into things values ('b')`.execute(trx);
    await sql`insert into things values ('a')`.execute(trx).catch(() => undefined);
  });
  await t.rejects(committed, Error);
  t.match((await sql`select * from things`.execute(db)).rows, [{ name: "a" }]);
});

t.test("integers that a number can't hold are refused", async (t) => {
  const db = (await createTestDatabase(t, "postgres")).open();
  await t.rejects(sql`select 9007199254740993::int8 as number`.execute(db), {
    message: "The database holds an integer beyond 2^53, which a number can't hold.",
  });
  t.match((await sql`select -9007199254740991::int8 as number`.execute(db)).rows, [
    { number: -9007199254740991 },
  ]);
});

t.test("a URL that can't be meant is refused without quoting it", async (t) => {
  const base = `postgres://cita:${secret}@db/cita`;
  const refused: [string, RegExp][] = [
    [`postgres://cita:${secret}#x@db/cita?schema=a`, /can't be read.+%40, %2F, %3A, %3F and %23/],
    [`postgres://cita:${secret}%zz@db/cita?schema=a`, /can't be read/],
    [base, /must name a schema/],
    [`${base}?schema=Big`, /must name a schema/],
    [`${base}?schema=pg_a`, /must name a schema/],
    [`${base}?schema=a&pool=3`, /may have, once each: schema, pool_size, /],
    [`${base}?schema=a&pool_size=0`, /pool_size in the database URL must be a whole number from 1 to 500/],
    [
      `${base}?schema=a&statement_timeout=10s`,
      /statement_timeout in the database URL must be a whole number/,
    ],
    [`${base}?schema=a&sslmode=prefer`, /sslmode in the database URL must be/],
    [`${base}?schema=a&sslmode=verify-full&sslrootcert=/nowhere`, /can't be read/],
  ];
  for (const [url, message] of refused) {
    try {
      openDatabase(url);
      t.fail(`${message} is opened`);
    } catch (error) {
      t.match(error, { name: "DatabaseUrlError", code: "database_url", message });
      t.notMatch(inspect(error, { depth: 10 }), secret);
    }
  }
});

t.test("TLS that the server doesn't offer is said", async (t) => {
  const url = new URL((await createTestDatabase(t, "postgres")).url);
  url.searchParams.set("sslmode", "require");
  t.match(await errorOf(t, url.href), { code: "POSTGRES_TLS" });
});
