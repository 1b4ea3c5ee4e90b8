import type { OwnedTables } from "@cita/database";
import { type Generated, type Kysely, sql } from "kysely";

export type NoticeTables = {
  notices: {
    id: Generated<number>;
    user_id: string;
    customer_id: string;
    /** `connection_lost` or `calendar_refuses`. */
    kind: string;
    created_at_ms: number;
    /** Until then the mail is one process's to send. */
    claimed_until_ms: number;
    attempts: number;
    /** null: it isn't sent. */
    sent_at_ms: number | null;
  };
};

/** Run at start, after those of customers and people. Never edit a step that has been released: add one. */
export const noticeMigrations: OwnedTables = {
  owner: "notices",
  tables: { notices: "id" },
  migrations: { "0001-notices": { up: createNotices } },
};

async function createNotices(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("notices")
    .addColumn("id", "integer", (c) => c.primaryKey().autoIncrement())
    .addColumn("user_id", "text", (c) => c.notNull().references("users.id").onDelete("cascade"))
    .addColumn("customer_id", "text", (c) =>
      c.notNull().references("customers.customer_id").onDelete("cascade"),
    )
    .addColumn("kind", "text", (c) => c.notNull())
    .addColumn("created_at_ms", "integer", (c) => c.notNull())
    .addColumn("claimed_until_ms", "integer", (c) => c.notNull())
    .addColumn("attempts", "integer", (c) => c.notNull())
    .addColumn("sent_at_ms", "integer")
    .execute();
  await db.schema
    .createIndex("notices_by_customer")
    .on("notices")
    .columns(["customer_id", "user_id", "kind"])
    .execute();
  await db.schema.createIndex("notices_by_created_at").on("notices").column("created_at_ms").execute();
  await sql`create index notices_unsent on notices (claimed_until_ms) where sent_at_ms is null`.execute(db);
  await db.schema.createIndex("notices_by_user").on("notices").column("user_id").execute();
}
