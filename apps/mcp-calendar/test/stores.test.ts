import { defaultSchedule } from "@cita/calendar-api";
import { migrationState } from "@cita/database";
import { sql } from "kysely";
import t from "tap";
import { openEvents } from "../../../test/support/open-events.ts";
import { forEachDatabase } from "../../../test/support/test-database.ts";
import { openLedger } from "../src/bookings/ledger/open-ledger.ts";
import { openInstanceStore } from "../src/instances/instance-store.ts";
import { openScheduleStore } from "../src/schedules/schedule-store.ts";
import { migrationSets } from "../src/storage/migrations.ts";
import { prepareBackup } from "../src/storage/prepare-backup.ts";

forEachDatabase(t, "a schedule is the default until it is set", async (t, database) => {
  const db = database.open();
  const events = await openEvents(db);
  const schedules = await openScheduleStore({ db, events });
  t.strictSame(await schedules.find("luna"), defaultSchedule);
  const changed = { ...defaultSchedule, slot_interval_minutes: 20 };
  await schedules.save("luna", changed);
  t.strictSame(await schedules.find("luna"), changed);
  t.strictSame(await schedules.find("sol"), defaultSchedule);
});

forEachDatabase(t, "schedules that are set at once tell what each has changed", async (t, database) => {
  const stores = await Promise.all(
    [1, 2].map(async () => {
      const db = database.open();
      return openScheduleStore({ db, events: await openEvents(db) });
    }),
  );
  const intervals = Array.from({ length: 10 }, (_, i) => 15 + i);
  const saves = intervals.map((slot_interval_minutes, i) =>
    stores[i % 2]?.save("luna", { ...defaultSchedule, slot_interval_minutes }),
  );
  await Promise.all(saves);
  const events = await openEvents(database.open());
  const told = await events.page({ customerId: "luna", limit: 20 });
  t.strictSame(
    told.map(({ data }) => data),
    intervals.map(() => ({ changed: "slot_interval_minutes" })),
  );
});

forEachDatabase(t, "instances count their beats", async (t, database) => {
  const [one, two] = [
    await openInstanceStore({ db: database.open() }),
    await openInstanceStore({ db: database.open() }),
  ];
  t.strictSame(await one.beat("one"), new Map([["one", 1]]));
  await Promise.all([one.beat("one"), two.beat("two"), one.beat("one")]);
  const beats = await two.beat("two");
  t.strictSame([beats.get("one"), beats.get("two")], [3, 2]);
  await two.remove(["one", "three"]);
  await one.remove([]);
  t.strictSame([...(await two.beat("two")).keys()], ["two"]);
});

forEachDatabase(t, "a restored copy has no hold that was under way", async (t, database) => {
  const db = database.open();
  await prepareBackup(db, 0);
  const events = await openEvents(db);
  const ledger = await openLedger({ db, events });
  const cursor = await events.now();
  const holdAt = (start: number, until: number) =>
    ledger.hold(
      {
        ...{ customerId: "luna", start, end: start + 1, bufferBeforeMs: 0, bufferAfterMs: 0 },
        ...{ service: "appointment", capacity: 1, notes: null, idempotencyKey: null },
        attendee: { name: "Ana", phone: null, phoneWritten: null, email: null, ref: null },
        asked: { service: null, durationMinutes: null },
      },
      { until, accountId: null, maxOpenBookings: null },
    );
  const [over] = [await holdAt(1_000, 50), await holdAt(2_000, 200)];
  await prepareBackup(db, 100);
  const { rows } = await sql<{ id: string }>`select id from bookings`.execute(db);
  t.strictSame(
    rows.map(({ id }) => id),
    [over.id],
  );
  const reopened = await openEvents(db);
  await t.rejects(reopened.readAfter(cursor, 1), { code: "event_log_changed" });
});

forEachDatabase(t, "all tables are brought up to date, once", async (t, database) => {
  const db = database.open();
  await openLedger({ db, events: await openEvents(db) });
  const migrated = migrationSets.filter(({ owner }) => ["bookings", "instances", "activity"].includes(owner));
  for (const set of migrated)
    t.strictSame(await migrationState(db, set), { pending: [], unknown: [] }, set.owner);
});
