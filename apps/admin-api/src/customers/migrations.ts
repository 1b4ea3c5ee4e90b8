import type { OwnedTables } from "@cita/database";
import type { Kysely } from "kysely";

export type CustomerTables = {
  customers: {
    customer_id: string;
    customer_email: string;
    customer_name: string;
    /** E.164; null: not known. */
    customer_phone: string | null;
    created_at: string;
    updated_at: string;
  };
};

/** Run at start. Never edit a step that has been released: add one. */
export const customerMigrations: OwnedTables = {
  owner: "customers",
  tables: { customers: "customer_id" },
  migrations: { "0001-customers": { up: createCustomers }, "0002-phones": { up: addPhones } },
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

async function addPhones(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("customers").addColumn("customer_phone", "text").execute();
}
