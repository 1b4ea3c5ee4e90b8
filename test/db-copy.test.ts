import { readFileSync } from "node:fs";
import { databasePath } from "@cita/database";
import t, { type Test } from "tap";
import { ana, book, eleven, readStarts, ten } from "./support/booking-calls.ts";
import { runScript } from "./support/command.ts";
import { createPostgresUrl } from "./support/test-database.ts";
import { createWorld } from "./support/world.ts";

// With 10,000 customers, killed on the way: test/proofs/moving-house.test.ts. What is refused: db-refusals.test.ts.

const runDb = async (t: Test, args: string[], env: Record<string, string> = {}) => {
  const command = runScript(t, "scripts/db.ts", { cwd: t.testdirName, env, args });
  return { code: await command.ended, text: command.output() };
};

t.test("both services move to PostgreSQL, and go on where they were", async (t) => {
  t.testdir();
  const variables: Record<string, string> = {};
  const world = await createWorld(t, { engine: "sqlite", variables, followsEvents: true });
  await world.connected("luna");
  const { booking_id } = await book(world, { start_iso: ten, ...ana });
  const link = await world.api("POST", "/v1/customer-calendars/connect", {
    body: { customer_id: "mar", customer_email: "mar@example.com", customer_name: "Mar" },
  });
  const sources = [world.databases.mcp, world.databases.admin];
  const targets = [await createPostgresUrl(t), await createPostgresUrl(t)];
  const copy = (i: number) => runDb(t, ["copy", "--from", sources[i] ?? "", "--to", targets[i] ?? ""]);

  t.match(await copy(0), { code: 1, text: /calendar\.db is in use\. Stop every service/ });
  t.match(await copy(1), { code: 1, text: /admin\.db is in use\. Stop every service/ });

  await world.stopMcpCalendar();
  await world.admin.close();
  const bytes = () => sources.map((url) => readFileSync(databasePath(url)).toString("base64"));
  const before = bytes();
  for (const i of [0, 1]) {
    const { code, text } = await copy(i);
    t.equal(code, 0, text);
    t.match(text, /Complete: every row is the same in both\./);
  }
  t.strictSame(bytes(), before, "the files are as they were");

  const [DATABASE_URL = "", ADMIN_DATABASE_URL = ""] = targets;
  const status = await runDb(t, ["status"], { DATABASE_URL, ADMIN_DATABASE_URL });
  t.match(status, { code: 0, text: /mcp-calendar: PostgreSQL database[\s\S]* bookings +1 rows/ });
  Object.assign(variables, { DATABASE_URL, ADMIN_DATABASE_URL });
  await world.restart();
  const { body } = await world.api("GET", "/v1/customer-calendars/luna/bookings?status=all");
  t.match(body.bookings, [{ booking_id, status: "confirmed", attendee_name: ana.attendee_name }]);
  t.notOk((await readStarts(world)).includes(ten), "the connection opens, and its time is taken");
  t.match(await book(world, { start_iso: eleven, ...ana }), { status: "confirmed" });
  t.match((await world.api("GET", "/v1/customer-calendars/mar")).body, {
    link: { shareable_link: link.body.shareable_link },
  });
  t.notMatch(world.log.join(""), "event_log_changed");
});
