import { join } from "node:path";
import { type Database, migrate, openDatabase } from "@cita/database";
import { createLogger } from "@cita/process";
import { sql } from "kysely";
import t, { type Test } from "tap";
import { eventMigrations, openEventLog, readEvent } from "../src/index.ts";

const logger = createLogger("silent");

/** Only SQLite has databases from before there were events. */
function open(t: Test): Database {
  const db = openDatabase(`file:${join(t.testdir(), "test.db")}`);
  t.teardown(() => db.destroy());
  return db;
}

/** What 0.1.0 has stored of each kind that has changed since. */
const stored: [kind: string, detail: object][] = [
  ["link_issued", { link_id: 1, expires_at: "2027-01-24T23:00:00.000Z" }],
  ["consent_wrong_account", { link_id: 1, account_email: "mallory@example.com" }],
  ["connected", { link_id: 1, account_email: "luna@example.com" }],
  ["reconnect_required", { reason: "invalid_grant", message: "The consent ended." }],
  ["disconnected", { revoked_at_google: true }],
  [
    "calendar_state_changed",
    { state: "refused", calendar: "ana@example.com", message: "ana@example.com is not shared." },
  ],
  ["calendar_state_changed", { state: "ok", message: "The calendar can be read." }],
  ["cancellations_stopped", { cancellations: 30, message: "So many" }],
  [
    "agent_key_created",
    { key_id: 3, name: "Ana's bot", last_characters: "9f4e", audience: "business", expires_at: null },
  ],
  ["agent_key_revoked", { key_id: 3, name: "Ana's bot", last_characters: "9f4e" }],
];

t.test("the activity of 0.1.0 becomes events, with its ids and without addresses and names", async (t) => {
  const db = open(t);
  const { "0003-events": _, "0004-actors": __, ...before } = eventMigrations.migrations;
  await migrate(db, { ...eventMigrations, migrations: before });
  const at = "2027-01-17T23:00:00.000Z";
  for (const [i, [kind, detail]] of stored.entries()) {
    await sql`insert into activity (id, at, customer_id, kind, detail, once)
      values (${10 + i}, ${at}, 'luna', ${kind}, ${JSON.stringify(detail)}, ${i === 0 ? "link_issued 1" : null})`.execute(
      db,
    );
  }
  await sql`delete from activity where id = 19`.execute(db);

  const log = await openEventLog({ db, logger, now: () => Date.parse(at) });
  const events = (await log.page({ limit: 20 })).reverse();
  t.strictSame(
    events.map(({ id }) => id),
    [10, 11, 12, 13, 14, 15, 16, 17, 18],
  );
  t.ok(events.every((event) => event.at === at && event.customerId === "luna" && readEvent(event)));
  t.strictSame(
    events.map(({ data }) => data),
    [
      stored[0]?.[1],
      { link_id: 1, provider: "google", attempt_id: null },
      { link_id: 1, provider: "google", attempt_id: null },
      { reason: "invalid_grant", message: "The consent ended.", provider: "google" },
      { provider: "google", revoked: true },
      { state: "refused", provider: "google", since: at, reason: null, one_calendar: true },
      {
        state: "ok",
        message: "The calendar can be read.",
        provider: "google",
        since: at,
        reason: null,
        one_calendar: false,
      },
      { cancellations: 30 },
      { key_id: 3, audience: "business", expires_at: null },
    ],
  );
  const again = {
    customerId: "luna",
    kind: "bookings_stranded",
    data: { count: 1 },
    once: "link_issued 1",
  } as const;
  t.equal(await log.transaction((_, append) => append(again)), false, "what happened once stays so");
  await log.transaction((_, append) => append({ ...again, once: "y" }));
  const [newest] = await log.page({ limit: 1 });
  t.ok((newest?.id ?? 0) >= 20, "no id is given twice");
});

t.test(
  "activity that was spoilt on the disk keeps no version from starting, and is passed over",
  async (t) => {
    const db = open(t);
    const { "0003-events": _, "0004-actors": __, ...before } = eventMigrations.migrations;
    await migrate(db, { ...eventMigrations, migrations: before });
    for (const [id, detail] of [
      [1, '{"link_id":1,"account_email":"ana@exa'],
      [2, '{"link_id":1,"account_email":"ana@example.com"}'],
    ])
      await sql`insert into activity (id, at, customer_id, kind, detail)
      values (${id}, '2027-01-17T23:00:00.000Z', 'luna', 'connected', ${detail})`.execute(db);
    const log = await openEventLog({ db, logger });
    t.match(await log.page({ limit: 10 }), [{ id: 2, data: { provider: "google" } }]);
    const { rows } = await sql<{ data: string }>`select data from events where id = 1`.execute(db);
    t.strictSame(rows, [{ data: "" }], "an address may have been in it");
  },
);

t.test("a log from before the platform had keys becomes the same", async (t) => {
  const db = open(t);
  const { "0001-activity": first } = eventMigrations.migrations;
  if (first === undefined) throw new Error("the first step is gone");
  await migrate(db, { ...eventMigrations, migrations: { "0001-activity": first } });
  await sql`insert into activity (id, at, customer_id, kind, detail) values (3, '2027-01-17T23:00:00.000Z', 'luna', 'x', '{}')`.execute(
    db,
  );
  const log = await openEventLog({ db, logger });
  t.match(await log.page({ limit: 10 }), [{ id: 3, kind: "x", data: {} }]);
});
