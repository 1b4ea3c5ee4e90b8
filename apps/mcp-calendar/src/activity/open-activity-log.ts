import { type Database, migrate } from "@cita/database";
import type { Activity, ActivityLog } from "./activity-log.ts";
import { type ActivityTables, activityMigrations } from "./migrations.ts";

type Deps = { db: Database; now?: () => number };

/** The activity log as a table of this service's database. */
export async function openActivityLog({ db: database, now = Date.now }: Deps): Promise<ActivityLog> {
  await migrate(database, activityMigrations);
  const db = database.withTables<ActivityTables>();

  return {
    async append({ customerId, kind, detail, once }) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto("activity")
        .values({
          at: new Date(now()).toISOString(),
          customer_id: customerId,
          kind,
          detail: JSON.stringify(detail),
          once: once ?? null,
        })
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
