import { engineName, type OwnedTables } from "@cita/database";
import { parsePhoneNumber } from "@cita/phone-numbers";
import { type Kysely, sql } from "kysely";
import { addEventsAndInvitations } from "./nullable-event-ids.ts";

/** Run at start. Never edit a step that has been released: add one. */
export const bookingMigrations: OwnedTables = {
  owner: "bookings",
  tables: { bookings: "id", attendee_changes: "id" },
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
    "0010-versions": { up: addVersions },
    "0011-event-marks": { up: addEventMarks },
    "0012-authors": { up: addAuthors },
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
  await fillPlaces(db);

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

/** In PostgreSQL there is no row from before this step. */
async function fillPlaces(db: Kysely<unknown>): Promise<void> {
  if (engineName(db) === "postgres") return;
  const values = sql`blocked_from_ms = start_ms, blocked_until_ms = end_ms, sequence = rowid`;
  await sql`update bookings set ${values}`.execute(db);
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

/** Counts the changes of each booking. */
async function addVersions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("bookings")
    .addColumn("version", "integer", (c) => c.notNull().defaultTo(0))
    .execute();
}

/** A stranded booking that was written anew has another event, with another mark than its own id. */
async function addEventMarks(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("bookings").addColumn("event_mark", "text").execute();
}

/** Who has asked for a move or a cancellation, for the event that is written by whoever ends it. */
async function addAuthors(db: Kysely<unknown>): Promise<void> {
  for (const column of ["asked_by", "asked_actor"])
    await db.schema.alterTable("bookings").addColumn(column, "text").execute();
}
