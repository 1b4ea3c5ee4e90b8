import { readFileSync } from "node:fs";
import { join } from "node:path";
import { databasePath, openDatabase } from "@cita/database";
import { openEventLog } from "@cita/events";
import { createLogger } from "@cita/process";
import t from "tap";
import { openIntegrationStores } from "../apps/integrations/src/integrations/open-integration-stores.ts";
import { connect, findAccess, openStores } from "../apps/integrations/test/fixtures.ts";
import { ana, book, eleven, readStarts, ten } from "./support/booking-calls.ts";
import { runCopy, runDb } from "./support/run-db.ts";
import { createPostgresUrl } from "./support/test-database.ts";
import { createWorld, serviceKey } from "./support/world.ts";

// With 10,000 customers, killed on the way: test/proofs/moving-house.test.ts. What is refused: db-copy-refusals.test.ts.

t.test("both services move to PostgreSQL, and go on where they were", async (t) => {
  t.testdir();
  const [DATABASE_URL, ADMIN_DATABASE_URL] = [await createPostgresUrl(t), await createPostgresUrl(t)];
  const variables: Record<string, string> = {};
  const world = await createWorld(t, { engine: "sqlite", variables, followsEvents: true });
  await world.connected("luna");
  const { booking_id } = await book(world, { start_iso: ten, ...ana });
  const { shareable_link } = (await world.connect("mar")).body;
  const moves = [
    [world.databases.mcp, DATABASE_URL],
    [world.databases.admin, ADMIN_DATABASE_URL],
  ] as const;

  for (const [from, to] of moves) {
    t.match(await runCopy(t, from, to), { code: 1, text: /\.db is in use\. Stop every service/ });
  }
  await world.stopMcpCalendar();
  await world.admin.close();
  const bytes = () => moves.map(([url]) => readFileSync(databasePath(url)).toString("base64"));
  const before = bytes();
  for (const [from, to] of moves) {
    t.match(await runCopy(t, from, to), { code: 0, text: /Complete: every row is the same in both\./ });
  }
  t.ok(
    before.every((file, i) => file === bytes()[i]),
    "the files are as they were",
  );

  const status = await runDb(t, ["status"], { DATABASE_URL, ADMIN_DATABASE_URL });
  t.match(status, { code: 0, text: /mcp-calendar: PostgreSQL database[\s\S]* bookings +1 rows/ });
  Object.assign(variables, { DATABASE_URL, ADMIN_DATABASE_URL });
  await world.restart();
  const { body } = await world.api("GET", "/v1/customer-calendars/luna/bookings?status=all");
  t.match(body.bookings, [{ booking_id, status: "confirmed", attendee_name: ana.attendee_name }]);
  t.notOk((await readStarts(world)).includes(ten), "the connection opens, and its time is taken");
  t.match(await book(world, { start_iso: eleven, ...ana }), { status: "confirmed" });
  const link = (await world.api("GET", "/v1/customer-calendars/mar")).body.link;
  t.equal(link.shareable_link, shareable_link, "a link opens");
  t.match(
    await runCopy(t, ...moves[0]),
    { code: 1, text: /already has rows that aren't this copy's, in oauth_tokens/ },
    "what the service has written since isn't overwritten",
  );
});

t.test("who reads events goes on from the cursor of before", async (t) => {
  t.testdir();
  const DATABASE_URL = await createPostgresUrl(t);
  const variables: Record<string, string> = {};
  const world = await createWorld(t, { engine: "sqlite", variables });
  await world.connected("luna");
  type Page = { cursor: string; events: { kind: string; customer_id: string }[] };
  const read = async (query: string) => {
    const headers = { authorization: `Bearer ${serviceKey}` };
    const response = await fetch(`${world.mcpUrl}/internal/events?${query}`, { headers });
    return { status: response.status, body: (await response.json()) as Page };
  };
  const { cursor } = (await read("limit=1")).body;
  await book(world, { start_iso: ten, ...ana });
  await world.api("DELETE", "/v1/customers/luna");
  await world.stopMcpCalendar();
  t.match(await runCopy(t, world.databases.mcp, DATABASE_URL), { code: 0 });
  Object.assign(variables, { DATABASE_URL });
  await world.restart();
  const { status, body } = await read(`after=${cursor}&wait=0`);
  t.equal(status, 200, JSON.stringify(body));
  await world.connected("sol");
  const later = await read(`after=${body.cursor}&wait=0`);
  t.match(later.body.events[0], { kind: "link_issued", customer_id: "sol" }, "no id is given twice");
});

t.test("integrations move with what is sealed in them", async (t) => {
  const from = `file:${join(t.testdir(), "integrations.db")}`;
  const to = await createPostgresUrl(t);
  t.match(await runDb(t, ["migrate", "integrations"], { INTEGRATIONS_DATABASE_URL: from }), { code: 0 });
  const stores = await openStores({ engine: "sqlite", url: from, open: () => openDatabase(from) });
  const { id } = await connect(stores, "ana");
  const access = await findAccess(stores, id);
  await stores.db.destroy();
  t.match(await runCopy(t, from, to), { code: 0, text: /^integrations: from [\s\S]* integrations +1 rows/ });
  const db = openDatabase(to, { service: "integrations" });
  t.teardown(() => db.destroy());
  const events = await openEventLog({ db, logger: createLogger("silent") });
  const moved = await openIntegrationStores({ db, keys: stores.keys, events });
  t.strictSame(await findAccess(moved, id), access);
});
