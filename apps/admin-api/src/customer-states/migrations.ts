import type { OwnedTables } from "@cita/database";
import { type Kysely, sql } from "kysely";

/** Run at start. Never edit a step that has been released: add one. */
export const customerStateMigrations: OwnedTables = {
  owner: "customer_states",
  tables: { customer_states: "customer_id", event_cursor: "id" },
  migrations: {
    "0001-customer-states": { up: createCustomerStates },
    "0002-states-of-all-customers": { up: addMissingStates },
    "0003-last-bookings": { up: addLastBookings },
  },
};

export type CustomerStateTables = {
  customer_states: {
    customer_id: string;
    status: string;
    status_since: string | null;
    calendar_state: string | null;
    calendar_state_since: string | null;
    provider: string | null;
    /** When somebody last booked; null: not since the first snapshot. */
    last_booked_at: string | null;
    /** The event that has changed the row last; null: it is from a snapshot. */
    event_id: number | null;
  };
  /** Up to where the calendar service's events are in `customer_states`. One row, or none before the first snapshot. */
  event_cursor: {
    id: number;
    cursor: string;
    /** 0: a snapshot is being taken. The events after the cursor are read once it is complete. */
    is_complete: number;
  };
};

async function createCustomerStates(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("customer_states")
    .addColumn("customer_id", "text", (c) => c.primaryKey())
    .addColumn("status", "text", (c) => c.notNull())
    .addColumn("status_since", "text")
    .addColumn("calendar_state", "text")
    .addColumn("calendar_state_since", "text")
    .addColumn("provider", "text")
    .addColumn("event_id", "integer")
    .execute();
  // The list of customers is narrowed by either.
  for (const column of ["status", "calendar_state"]) {
    await db.schema
      .createIndex(`customer_states_by_${column}`)
      .on("customer_states")
      .columns([column, "customer_id"])
      .execute();
  }
  await db.schema
    .createTable("event_cursor")
    .addColumn("id", "integer", (c) => c.primaryKey())
    .addColumn("cursor", "text", (c) => c.notNull())
    .addColumn("is_complete", "integer", (c) => c.notNull())
    .execute();
}

/** Customers without a row count as pending until this step, and were found by reading all customers. */
async function addMissingStates(db: Kysely<unknown>): Promise<void> {
  await sql`insert into customer_states (customer_id, status) select customer_id, 'pending' from customers
    where not exists (select 1 from customer_states where customer_states.customer_id = customers.customer_id)`.execute(
    db,
  );
}

async function addLastBookings(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("customer_states").addColumn("last_booked_at", "text").execute();
  // Open pages look for what has changed since.
  await db.schema
    .createIndex("customer_states_by_event")
    .on("customer_states")
    .columns(["event_id"])
    .execute();
  // The overview reads the first of those that somebody has to look after, and counts all by their states.
  await sql`create index customer_states_needing_attention on customer_states ((case
    when status = 'reconnect_required' or calendar_state in ('unreadable', 'refused', 'not_found', 'unreachable')
    then coalesce(calendar_state_since, status_since, '0') end), customer_id)`.execute(db);
  await db.schema
    .createIndex("customer_states_by_both")
    .on("customer_states")
    .columns(["status", "calendar_state"])
    .execute();
}
