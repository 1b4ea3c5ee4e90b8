import type { MigrationSet } from "@cita/database";
import { type Generated, type Kysely, sql } from "kysely";
import { addWrittenPhones } from "./phones-migration.ts";

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
  },
};

/** `*_ms` are epoch milliseconds: ranges are compared, not read. */
export type BookingTables = {
  bookings: {
    id: string;
    customer_id: string;
    status: string;
    start_ms: number;
    end_ms: number;
    /** The range with its buffers: what no other booking's may overlap. */
    blocked_from_ms: number;
    blocked_until_ms: number;
    seat: number;
    sequence: number;
    /** By the clock of whoever holds it: only a backup goes by it. */
    held_until_ms: number;
    /** Which instance holds it. */
    instance_id: string | null;
    /** Which instance is taking its event out of the calendar; null: none. */
    cancelling_instance_id: string | null;
    /** The provider's id of the account whose calendar it was written into; null: not known. */
    account_id: string | null;
    event_id: string;
    moves_id: string | null;
    time_zone: string | null;
    service: string;
    attendee_name: string;
    /** The name in the form in which names are compared; null: stored before this column. */
    attendee_name_key: string | null;
    attendee_phone: string | null;
    attendee_phone_written: string | null;
    attendee_email: string | null;
    /** The channel's id of the person. */
    attendee_ref: string | null;
    notes: string | null;
    meet_link: string | null;
    /** `sent` or `refused`; null: nobody was to be invited. */
    invitation: string | null;
    idempotency_key: string | null;
    request_hash: string;
    created_at: string;
    updated_at: string;
  };
  /** Changes of the last hour by persons that calls are bound to, which `AttendeeLimits` counts. */
  attendee_changes: {
    /** Ascends, and is never given twice. */
    id: Generated<number>;
    customer_id: string;
    attendee_phone: string | null;
    attendee_ref: string | null;
    /** `book`, `cancel` or `move`. */
    kind: string;
    /** `Change.what`, until the change has ended; null afterwards. A call with the same is the same change. */
    under_way: string | null;
    at_ms: number;
  };
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

/** Buffers, places and moves. What was booked before had none of them. */
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
  // By the end: what lies ahead is little, what has been is much.
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
    // The status last: a few cancelled ones are found among many confirmed without reading those.
    .columns(["customer_id", "start_ms", "id", "status"])
    .where(sql.ref("status"), "in", [sql.lit("confirmed"), sql.lit("cancelled")])
    .execute();
}

/**
 * Who holds a time, and whose calendar it was written into. Holds block until they are settled, those of an
 * instance that is gone as well.
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

/** For those that another account's calendar has: the account stands in the index, so that no other row is read. */
async function indexByAccount(db: Kysely<unknown>): Promise<void> {
  await sql`create index bookings_by_account on bookings (customer_id, start_ms, id, account_id)
    where status = 'confirmed' and account_id is not null`.execute(db);
}

/** Persons whom a channel knows by a reference, and what they have changed. */
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

/**
 * For what is done to all rows of a customer, whatever became of them: exporting, erasing and removing. Of a condition
 * that is always true, so that only those queries take it: the planner would prefer it to the narrow indexes above.
 */
async function indexByCustomer(db: Kysely<unknown>): Promise<void> {
  await sql`create index bookings_by_customer on bookings (customer_id, start_ms, id)
    where customer_id <> ''`.execute(db);
}
