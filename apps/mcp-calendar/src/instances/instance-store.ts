import { type Database, migrate } from "@cita/database";
import { sql } from "kysely";
import { type InstanceTables, instanceMigrations } from "./migrations.ts";

/** The processes that share this database, each known by an id that is never used again. */
export type InstanceStore = {
  /** Increments the instance's count, and inserts its row where there is none. @returns the counts of all. */
  beat(id: string): Promise<ReadonlyMap<string, number>>;
  remove(ids: readonly string[]): Promise<void>;
};

type Deps = { db: Database; now?: () => number };

export async function openInstanceStore({ db: database, now = Date.now }: Deps): Promise<InstanceStore> {
  await migrate(database, instanceMigrations);
  const db = database.withTables<InstanceTables>();
  return {
    async beat(id) {
      await db
        .insertInto("instances")
        .values({ id, beat: 1, started_at: new Date(now()).toISOString() })
        .onConflict((conflict) => conflict.column("id").doUpdateSet({ beat: sql`instances.beat + 1` }))
        .execute();
      const rows = await db.selectFrom("instances").select(["id", "beat"]).execute();
      return new Map(rows.map(({ id, beat }) => [id, beat]));
    },

    async remove(ids) {
      if (ids.length === 0) return;
      await db.deleteFrom("instances").where("id", "in", ids).execute();
    },
  };
}
