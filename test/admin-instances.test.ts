import { setTimeout as sleep } from "node:timers/promises";
import { openDatabase } from "@cita/database";
import { sql } from "kysely";
import t, { type Test } from "tap";
import { runScript } from "./support/command.ts";
import { freePort } from "./support/free-port.ts";
import { createPostgresUrl } from "./support/test-database.ts";
import { adminKey, createWorld, serviceKey, type World } from "./support/world.ts";

/** admin-api as a process of its own beside the world's, over the same database. */
async function startAdmin(t: Test, world: World, variables: Record<string, string> = {}) {
  const port = await freePort();
  const command = runScript(t, "apps/admin-api/src/main.ts", {
    cwd: world.folder,
    env: {
      ...{ ADMIN_PORT: `${port}`, ADMIN_API_KEY: adminKey, ADMIN_DATABASE_URL: world.databases.admin },
      ...{ CALENDAR_URL: world.managementUrl, CALENDAR_SERVICE_KEY: serviceKey },
      ...variables,
    },
  });
  const list = async (query: string): Promise<string[]> => {
    const headers = { authorization: `Bearer ${adminKey}` };
    const response = await fetch(`http://127.0.0.1:${port}/v1/customer-calendars?${query}`, { headers });
    const { customers } = (await response.json()) as { customers: { customer_id: string }[] };
    return customers.map(({ customer_id }) => customer_id);
  };
  /** @returns the status. */
  const knock = async (key: string): Promise<number> => {
    const headers = { authorization: `Bearer ${key}` };
    return (await fetch(`http://127.0.0.1:${port}/v1/customer-calendars`, { headers })).status;
  };
  return { ...command, list, knock };
}

type Admin = Awaited<ReturnType<typeof startAdmin>>;

async function untilListed(t: Test, { list }: Pick<Admin, "list">, query: string, expected: string[]) {
  const deadline = performance.now() + 10_000;
  let found = await list(query);
  for (; found.join() !== expected.join() && performance.now() < deadline; found = await list(query))
    await sleep(20);
  t.strictSame(found, expected, query);
}

t.test("several instances of admin-api share a PostgreSQL", async (t) => {
  const world = await createWorld(t, { engine: "postgres" });
  // They alone follow events: the world's own doesn't.
  const [first, second] = await Promise.all([startAdmin(t, world), startAdmin(t, world)]);
  await Promise.all([first, second].map((admin) => admin.printed("Server listening")));
  await world.connected("luna");
  await world.connect("sol");
  for (const admin of [first, second]) {
    await untilListed(t, admin, "status=connected", ["luna"]);
    await untilListed(t, admin, "status=pending&q=SOL", ["sol"]);
  }
  await first.end("SIGKILL");
  await world.connected("sol");
  await untilListed(t, second, "status=connected", ["luna", "sol"]);
  t.equal(await second.end(), 0);
});

t.test("wrong admin keys are counted by all instances together", async (t) => {
  const world = await createWorld(t, { engine: "postgres" });
  const variables = { FAILED_KEYS_PER_MINUTE: "20" };
  const [first, second] = await Promise.all([1, 2].map(() => startAdmin(t, world, variables)));
  if (first === undefined || second === undefined) throw new TypeError("two were started");
  await Promise.all([first, second].map((admin) => admin.printed("Server listening")));
  for (let i = 0; i < 20; i++) t.equal(await first.knock("wrong"), 401);
  let answer = await second.knock("wrong");
  for (let i = 0; i < 15 && answer === 401; i++) {
    await sleep(100);
    answer = await second.knock("wrong");
  }
  t.equal(answer, 429, "before it has counted twenty itself");
  t.equal(await second.knock(adminKey), 200, "the right key passes all the same");
});

t.test("an instance that can't use its PostgreSQL says why in one sentence", async (t) => {
  const world = await createWorld(t);
  const refused = async (ADMIN_DATABASE_URL: string) => {
    const admin = await startAdmin(t, world, { ADMIN_DATABASE_URL });
    t.equal(await admin.ended, 1);
    return admin.output();
  };
  const url = new URL(await createPostgresUrl(t));
  const db = openDatabase(url.href, { service: "another-service" });
  t.teardown(() => db.destroy());
  await sql`create table customers_migrations as select '9999-later' as name`.execute(db);
  t.match(await refused(url.href), /schema test_\w+ .*belongs to another-service, not to admin-api/);
  await sql`update service set name = 'admin-api'`.execute(db);
  t.match(await refused(url.href), /The database is newer than this version: .* 9999-later\./);

  url.password = "wrong-password";
  url.port = `${await freePort()}`;
  const unreachable = await refused(url.href);
  t.match(unreachable, /^admin-api can't start\. The PostgreSQL database .* can't be reached\..*\n$/);
  t.notMatch(unreachable, "wrong-password");
  url.searchParams.set("schema", "Public; drop");
  t.match(await refused(url.href), /ADMIN_DATABASE_URL can't be used: .*schema/);
  t.match(await refused("mysql://x"), "ADMIN_DATABASE_URL must start with file:");
});
