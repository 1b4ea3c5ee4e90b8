import type { MigrationSet } from "@cita/database";
import { parsePhoneNumber } from "@cita/phone-numbers";
import { type Kysely, sql } from "kysely";

/** Run at start. Never edit a step that has been released: add one. */
export const bookingMigrations: MigrationSet = {
  owner: "bookings",
  migrations: {
    "0001-bookings": { up: createBookings },
    "0002-places": { up: addPlaces },
    "0003-by-start": { up: indexByStart },
    "0004-instances-and-accounts": { up: addInstancesAndAccounts },
    "0005-by-account": { up: indexByAccount },
    "0006-attendees": { up: addAttendees },
    "0007-phones": { up: addWrittenPhones },
    "0008-by-customer": { up: indexByCustomer },
    "0009-events-and-invitations": { up: addEventsAndInvitations },
  },
};

async function createBookings(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("bookings")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("customer_id", "text", (c) => c.notNull())
    .addColumn("status", "text", (c) => c.notNull())
    .addColumn("start_ms", "integer", (c) => c.notNull())
    .addColumn("end_ms", "integer", (c) => c.notNull())
    .addColumn("held_until_ms", "integer", (c) => c.notNull())
    .addColumn("event_id", "text", (c) => c.notNull().unique())
    .addColumn("time_zone", "text")
    .addColumn("service", "text", (c) => c.notNull())
    .addColumn("attendee_name", "text", (c) => c.notNull())
    .addColumn("attendee_phone", "text")
    .addColumn("attendee_email", "text")
    .addColumn("notes", "text")
    .addColumn("idempotency_key", "text")
    .addColumn("request_hash", "text", (c) => c.notNull())
    .addColumn("created_at", "text", (c) => c.notNull())
    .addColumn("updated_at", "text", (c) => c.notNull())
    .execute();

  await db.schema
    .createIndex("bookings_in_force")
    .on("bookings")
    .columns(["customer_id", "start_ms"])
    .where(sql.ref("status"), "in", [sql.lit("held"), sql.lit("confirmed"), sql.lit("abandoned")])
    .execute();

  // A request that came to nothing may be tried again under its key.
  await db.schema
    .createIndex("bookings_idempotency")
    .unique()
    .on("bookings")
    .columns(["customer_id", "idempotency_key"])
    .where(sql.ref("status"), "!=", sql.lit("released"))
    .execute();
}

/** Buffers, seats and moves. What was booked before had none of them. */
async function addPlaces(db: Kysely<unknown>): Promise<void> {
  const table = () => db.schema.alterTable("bookings");
  for (const column of ["blocked_from_ms", "blocked_until_ms", "seat", "sequence"]) {
    await table()
      .addColumn(column, "integer", (c) => c.notNull().defaultTo(0))
      .execute();
  }
  await table().addColumn("moves_id", "text").execute();
  await table().addColumn("meet_link", "text").execute();
  await sql`update bookings set blocked_from_ms = start_ms, blocked_until_ms = end_ms, sequence = rowid`.execute(
    db,
  );

  await db.schema.dropIndex("bookings_in_force").execute();
  // By the end, since queries are about times ahead, and most rows are past.
  await db.schema
    .createIndex("bookings_in_force")
    .on("bookings")
    .columns(["customer_id", "blocked_until_ms"])
    .where(sql.ref("status"), "in", [sql.lit("held"), sql.lit("confirmed")])
    .execute();
  await db.schema
    .createIndex("bookings_unsettled")
    .on("bookings")
    .column("updated_at")
    .where(sql.ref("status"), "in", [sql.lit("held"), sql.lit("abandoned")])
    .execute();
  await db.schema.createIndex("bookings_sequence").unique().on("bookings").column("sequence").execute();
  // A booking makes one move at a time.
  await db.schema
    .createIndex("bookings_moves")
    .unique()
    .on("bookings")
    .column("moves_id")
    .where(sql.ref("status"), "in", [sql.lit("held"), sql.lit("abandoned")])
    .execute();
}

/** For pages of what was booked, in the past as well. */
async function indexByStart(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createIndex("bookings_by_start")
    .on("bookings")
    // The status last, so that a few cancelled bookings are found without reading the rows of many confirmed ones.
    .columns(["customer_id", "start_ms", "id", "status"])
    .where(sql.ref("status"), "in", [sql.lit("confirmed"), sql.lit("cancelled")])
    .execute();
}

/**
 * Which instance holds a range, and into which account's calendar it was written. Holds block until they are settled,
 * those of an instance that is gone as well.
 */
async function addInstancesAndAccounts(db: Kysely<unknown>): Promise<void> {
  for (const column of ["instance_id", "cancelling_instance_id", "account_id", "invitation"]) {
    await db.schema.alterTable("bookings").addColumn(column, "text").execute();
  }
  await db.schema.dropIndex("bookings_in_force").execute();
  await db.schema
    .createIndex("bookings_in_force")
    .on("bookings")
    .columns(["customer_id", "blocked_until_ms"])
    .where(sql.ref("status"), "in", [sql.lit("held"), sql.lit("abandoned"), sql.lit("confirmed")])
    .execute();
  await db.schema
    .createIndex("bookings_being_cancelled")
    .on("bookings")
    .column("cancelling_instance_id")
    .where(sql.ref("cancelling_instance_id"), "is not", null)
    .execute();
  await db.schema
    .createIndex("bookings_released")
    .on("bookings")
    .column("updated_at")
    .where(sql.ref("status"), "=", sql.lit("released"))
    .execute();
  await db.schema
    .createIndex("bookings_by_phone")
    .on("bookings")
    .columns(["customer_id", "attendee_phone", "start_ms"])
    .where(sql.ref("status"), "=", sql.lit("confirmed"))
    .execute();
  await sql`create index bookings_by_email on bookings (customer_id, lower(attendee_email), start_ms)
    where status = 'confirmed'`.execute(db);
}

/** For stranded bookings. The account is part of the index, so that no other row is read. */
async function indexByAccount(db: Kysely<unknown>): Promise<void> {
  await sql`create index bookings_by_account on bookings (customer_id, start_ms, id, account_id)
    where status = 'confirmed' and account_id is not null`.execute(db);
}

/** Attendees whom a channel knows by a reference, and what they have changed. */
async function addAttendees(db: Kysely<unknown>): Promise<void> {
  for (const column of ["attendee_ref", "attendee_name_key"]) {
    await db.schema.alterTable("bookings").addColumn(column, "text").execute();
  }
  await db.schema
    .createIndex("bookings_by_ref")
    .on("bookings")
    .columns(["customer_id", "attendee_ref", "start_ms"])
    .where(sql.ref("status"), "=", sql.lit("confirmed"))
    .execute();
  await db.schema
    .createTable("attendee_changes")
    .addColumn("id", "integer", (c) => c.primaryKey().autoIncrement())
    .addColumn("customer_id", "text", (c) => c.notNull())
    .addColumn("attendee_phone", "text")
    .addColumn("attendee_ref", "text")
    .addColumn("kind", "text", (c) => c.notNull())
    .addColumn("under_way", "text")
    .addColumn("at_ms", "integer", (c) => c.notNull())
    .execute();
  for (const by of ["attendee_phone", "attendee_ref", "kind"]) {
    await db.schema
      .createIndex(`attendee_changes_by_${by}`)
      .on("attendee_changes")
      .columns(["customer_id", by, "at_ms"])
      .execute();
  }
  await db.schema.createIndex("attendee_changes_by_time").on("attendee_changes").column("at_ms").execute();
}

/** Rows read at a time, which bounds the memory that a large table takes. */
const pageSize = 500;

/**
 * Adds the number as it was written. Numbers of earlier bookings are brought to the E.164 form that searches use, and
 * what was stored becomes the written form. A number that can't be parsed stays as it is.
 */
async function addWrittenPhones(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("bookings").addColumn("attendee_phone_written", "text").execute();
  for (let after = ""; ; ) {
    const { rows } = await sql<{ id: string; attendee_phone: string }>`
      select id, attendee_phone from bookings
      where id > ${after} and attendee_phone is not null order by id limit ${pageSize}`.execute(db);
    for (const { id, attendee_phone } of rows) {
      const canonical = parsePhoneNumber(attendee_phone);
      if (canonical === undefined || canonical === attendee_phone) continue;
      await sql`update bookings set attendee_phone = ${canonical}, attendee_phone_written = ${attendee_phone}
        where id = ${id}`.execute(db);
    }
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}

/**
 * For exporting, erasing and removing all rows of a customer. The index has a condition that is always true, so that only
 * queries with that condition use it: the planner would prefer it to the narrower indexes above.
 */
async function indexByCustomer(db: Kysely<unknown>): Promise<void> {
  await sql`create index bookings_by_customer on bookings (customer_id, start_ms, id)
    where customer_id <> ''`.execute(db);
}

/**
 * Ids of events are the provider's, known once an event is written, and unique within a customer's calendar. Bookings that
 * were ever confirmed keep theirs. Holds had ids that followed from their own, or stood for no event (`move…`). A pending
 * invitation is sent after a booking is confirmed. The table is made anew: SQLite drops `not null` and `unique` of a
 * column only from version 3.53 on, and a bundle runs on the SQLite of its host's Node.
 */
async function addEventsAndInvitations(db: Kysely<unknown>): Promise<void> {
  const indexes = await sql<{ sql: string }>`select sql from sqlite_master
    where type = 'index' and tbl_name = 'bookings' and sql is not null`.execute(db);
  await db.schema.alterTable("bookings").renameTo("bookings_before").execute();
  const columns = await createBookingsAnew(db);
  const kept = sql.join(columns.filter((name) => name !== "event_id").map((name) => sql.ref(name)));
  await sql`insert into bookings (${kept}, event_id, writes_event)
    select ${kept}, case when status in ('confirmed', 'cancelled') then event_id end, event_id not like 'move%'
    from bookings_before`.execute(db);
  await db.schema.dropTable("bookings_before").execute();
  for (const index of indexes.rows) await sql.raw(index.sql).execute(db);
  await db.schema
    .createIndex("bookings_by_event")
    .unique()
    .on("bookings")
    .columns(["customer_id", "event_id"])
    .where(sql.ref("event_id"), "is not", null)
    .execute();
  await sql`create index bookings_to_invite on bookings (invite_after_ms) where invitation = 'pending'`.execute(
    db,
  );
}

/** @returns the columns that the table has had before. */
async function createBookingsAnew(db: Kysely<unknown>): Promise<string[]> {
  const required = {
    text: ["customer_id", "status", "service", "attendee_name", "request_hash", "created_at", "updated_at"],
    integer: [
      "start_ms",
      "end_ms",
      "held_until_ms",
      "blocked_from_ms",
      "blocked_until_ms",
      "seat",
      "sequence",
    ],
  } as const;
  const optional = [
    ...["event_id", "time_zone", "attendee_phone", "attendee_email", "notes", "idempotency_key", "moves_id"],
    ...["meet_link", "instance_id", "cancelling_instance_id", "account_id", "invitation", "attendee_ref"],
    ...["attendee_name_key", "attendee_phone_written"],
  ];
  let table = db.schema.createTable("bookings").addColumn("id", "text", (c) => c.primaryKey());
  for (const name of required.text) table = table.addColumn(name, "text", (c) => c.notNull());
  for (const name of required.integer) table = table.addColumn(name, "integer", (c) => c.notNull());
  for (const name of optional) table = table.addColumn(name, "text");
  await table
    .addColumn("writes_event", "integer", (c) => c.notNull().defaultTo(1))
    .addColumn("invite_after_ms", "integer")
    .execute();
  return ["id", ...required.text, ...required.integer, ...optional];
}
