import type { OwnedTables } from "@cita/database";
import { type Generated, type Kysely, sql } from "kysely";

export type CustomerTables = {
  customers: {
    customer_id: string;
    customer_email: string;
    customer_name: string;
    created_at: string;
    updated_at: string;
    /** Since when the customer is being removed. Null: it stays. */
    leaving_since: string | null;
    /** Id, name and address, in lower case: `toSearchText`. */
    search_text: Generated<string>;
  };
};

/** Run at start. Never edit a step that has been released: add one. */
export const customerMigrations: OwnedTables = {
  owner: "customers",
  tables: { customers: "customer_id" },
  migrations: {
    "0001-customers": { up: createCustomers },
    "0002-leaving-customers": { up: addLeaving },
    "0003-search-text": { up: addSearchText },
  },
};

async function createCustomers(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("customers")
    .addColumn("customer_id", "text", (c) => c.primaryKey())
    .addColumn("customer_email", "text", (c) => c.notNull())
    .addColumn("customer_name", "text", (c) => c.notNull())
    .addColumn("created_at", "text", (c) => c.notNull())
    .addColumn("updated_at", "text", (c) => c.notNull())
    .execute();
}

async function addLeaving(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("customers").addColumn("leaving_since", "text").execute();
  await sql`create index customers_leaving on customers (leaving_since) where leaving_since is not null`.execute(
    db,
  );
}

/** `lower` leaves all but ASCII letters as they are on both engines, as `toSearchText` does. */
async function addSearchText(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("customers")
    .addColumn("search_text", "text", (c) => c.notNull().defaultTo(""))
    .execute();
  const newline = sql.lit("\n");
  await sql`update customers set search_text =
    lower(customer_id || ${newline} || customer_name || ${newline} || customer_email)`.execute(db);
  // A search reads this index alone, and each customer that it finds.
  await db.schema
    .createIndex("customers_by_search_text")
    .on("customers")
    .columns(["customer_id", "search_text"])
    .execute();
}
