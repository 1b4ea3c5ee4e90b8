import { join } from "node:path";
import { migrate, openDatabase } from "@cita/database";
import { sql } from "kysely";
import t from "tap";
import { openEvents } from "../../../test/support/open-events.ts";
import { bookingMigrations } from "../src/bookings/ledger/migrations.ts";
import { openLedger } from "../src/bookings/ledger/open-ledger.ts";

const earlier = Object.fromEntries(
  Object.entries(bookingMigrations.migrations).filter(([name]) => name < "0009"),
);

/** A row as an earlier version has stored it. */
type EarlierRow = { id: string; status: string; event: string; moves: string | null };

const rows: EarlierRow[] = [
  { id: "0a", status: "confirmed", event: "cita0a", moves: null },
  { id: "0b", status: "cancelled", event: "cita0b", moves: null },
  { id: "0c", status: "held", event: "cita0c", moves: null },
  { id: "0d", status: "held", event: "move0d", moves: "0a" },
  { id: "0e", status: "abandoned", event: "cita0e", moves: "0f" },
  // It was written anew into another account.
  { id: "0f", status: "confirmed", event: "cita99", moves: null },
  { id: "99", status: "released", event: "move99", moves: "0f" },
];

t.test("bookings keep their events' ids, and holds know whether they write one", async (t) => {
  const db = openDatabase(`file:${join(t.testdir(), "calendar.db")}`);
  t.teardown(() => db.destroy());
  await migrate(db, { ...bookingMigrations, migrations: earlier });
  await sql`insert into bookings (id, customer_id, status, start_ms, end_ms, blocked_from_ms, blocked_until_ms,
      held_until_ms, event_id, moves_id, service, attendee_name, request_hash, created_at, updated_at, sequence)
    select value ->> 'id', 'luna', value ->> 'status', key * 10, key * 10 + 5, key * 10, key * 10 + 5, 0, value ->> 'event',
      value ->> 'moves', 'appointment', 'Ana', '', '2027-01-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z', key
    from json_each(${JSON.stringify(rows)})`.execute(db);

  const ledger = await openLedger({ db, events: await openEvents(db), instanceId: "one" });
  t.match(await ledger.find("luna", "0a"), { status: "confirmed", eventId: "cita0a" });
  t.match(await ledger.find("luna", "0b"), { status: "cancelled", eventId: "cita0b" });
  t.match(await ledger.find("luna", "0f"), { status: "confirmed", eventId: "cita99" });
  const holds = await ledger.takeOverAbandoned(10, 0);
  t.strictSame(holds.map(({ id, writesEvent, moves }) => [id, writesEvent, moves]).sort(), [
    ["0c", true, null],
    ["0d", false, "0a"],
    ["0e", true, "0f"],
  ]);

  // Far from any of them: they are found by their events alone.
  const nowhere = { start: 1_000, end: 2_000 };
  const shown = ["0a", "0c", "0d", "99"].map((bookingId) => ({
    ...{ bookingId, eventId: `cita${bookingId}`, isOccurrence: false },
  }));
  const found = await ledger.listInForce("luna", nowhere, { accountId: null, marks: shown });
  t.strictSame(found.map(({ id }) => id).sort(), ["0a", "0c", "0d", "0f"]);
});
