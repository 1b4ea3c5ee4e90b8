import { type Database, migrate } from "@cita/database";
import { type Expression, type SqlBool, sql } from "kysely";
import type { Activity, ActivityLog } from "./activity-log.ts";
import { type ActivityTables, activityMigrations } from "./migrations.ts";

type Deps = {
  db: Database;
  /**
   * A condition on the customer in the statement that appends, so that what was under way when the customer was removed
   * leaves no entry behind. Default: none.
   */
  isKnown?: (customerId: string) => Expression<SqlBool>;
  now?: () => number;
};

const always = () => sql<boolean>`true`;

/** Migrates the log's table and opens the log over it. @throws DatabaseError */
export async function openActivityLog({
  db: database,
  isKnown = always,
  now = Date.now,
}: Deps): Promise<ActivityLog> {
  await migrate(database, activityMigrations);
  const db = database.withTables<ActivityTables>();

  return {
    async append({ customerId, kind, detail, once }) {
      const at = new Date(now()).toISOString();
      const isKept = customerId === null ? always() : isKnown(customerId);
      const { numInsertedOrUpdatedRows } = await db
        .insertInto("activity")
        .columns(["at", "customer_id", "kind", "detail", "once"])
        .expression(
          db
            .selectFrom(sql`(select 1)`.as("entry"))
            .select([
              sql.val(at).as("at"),
              sql.val(customerId).as("customer_id"),
              sql.val<string>(kind).as("kind"),
              sql.val(JSON.stringify(detail)).as("detail"),
              sql.val(once ?? null).as("once"),
            ])
            .where(isKept),
        )
        .onConflict((conflict) => conflict.column("once").doNothing())
        .executeTakeFirstOrThrow();
      return numInsertedOrUpdatedRows === 1n;
    },

    async page({ customerId, before, limit }) {
      const rows = await db
        .selectFrom("activity")
        .select(["id", "at", "customer_id", "kind", "detail"])
        .$if(customerId !== undefined, (query) => query.where("customer_id", "=", customerId ?? ""))
        .$if(before !== undefined, (query) => query.where("id", "<", before ?? 0))
        .orderBy("id", "desc")
        .limit(limit)
        .execute();
      return rows.map(({ id, at, customer_id, kind, detail }) => ({
        id,
        at,
        customerId: customer_id,
        kind: kind as Activity["kind"],
        detail: JSON.parse(detail),
      }));
    },
  };
}
