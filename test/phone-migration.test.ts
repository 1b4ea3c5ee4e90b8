import { join } from "node:path";
import { migrate, openDatabase } from "@cita/database";
import { sql } from "kysely";
import t from "tap";
import { bookingMigrations } from "../apps/mcp-calendar/src/bookings/ledger/migrations.ts";

const { "0007-phones": phones } = bookingMigrations.migrations;
const earlier = Object.fromEntries(
  Object.entries(bookingMigrations.migrations).filter(([name]) => name < "0007-phones"),
);

t.test("earlier bookings come under the form that their number has now, page by page", async (t) => {
  const db = openDatabase(`file:${join(t.testdir(), "calendar.db")}`);
  t.teardown(() => db.destroy());
  await migrate(db, { ...bookingMigrations, migrations: earlier });
  const stored: [phone: string | null, migrated: string | null, written: string | null][] = [
    ["+573001234567", "+573001234567", null],
    ["+551178654321", "+5511978654321", "+551178654321"],
    ["+541123456789", "+5491123456789", "+541123456789"],
    ["+5491123456789", "+5491123456789", null],
    ["+49752124969511", "+49752124969511", null],
    ["not a number", "not a number", null],
    [null, null, null],
  ];
  const rows = Array.from({ length: 1_100 }, (_, index) => stored[index % stored.length]);
  const inserted = rows.map((row, index) => ({ index, phone: row?.[0] }));
  await sql`insert into bookings (id, customer_id, status, start_ms, end_ms, held_until_ms, event_id, service,
      attendee_name, attendee_phone, request_hash, created_at, updated_at, sequence)
      select 'id' || index_, 'luna', 'confirmed', 0, 1, 0, 'cita' || index_, 'appointment', 'Ana', phone, '', '', '',
        index_
      from (select value ->> 'index' as index_, value ->> 'phone' as phone
        from json_each(${JSON.stringify(inserted)}))`.execute(db);
  t.ok(phones, "it is among the steps");
  await migrate(db, bookingMigrations);
  const found = await sql<{ attendee_phone: string | null; attendee_phone_written: string | null }>`
    select attendee_phone, attendee_phone_written from bookings order by sequence`.execute(db);
  t.strictSame(
    found.rows.map((row) => [row.attendee_phone, row.attendee_phone_written]),
    rows.map((row) => [row?.[1], row?.[2]]),
  );
});
