import { type Database, migrate, type OwnedTables } from "@cita/database";
import { type Kysely, sql } from "kysely";

type BudgetTables = { provider_budgets: { provider: string; window_ends: string; used: number } };

/** How many requests of ours a provider gets without a caller, at all instances together. */
export type ProviderBudgets = {
  /** Takes what is left in the present window. @returns how many that were. */
  take(provider: string, perWindow: number): Promise<number>;
};

export const budgetMigrations: OwnedTables = {
  owner: "provider-budgets",
  tables: { provider_budgets: "provider" },
  migrations: { "0001-provider-budgets": { up: createBudgets } },
};

async function createBudgets(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("provider_budgets")
    .addColumn("provider", "text", (c) => c.primaryKey())
    .addColumn("window_ends", "text", (c) => c.notNull())
    .addColumn("used", "integer", (c) => c.notNull())
    .execute();
}

/** Migrates the table. @param windowMs how long a window lasts. @throws DatabaseError */
export async function openProviderBudgets(
  database: Database,
  { windowMs, now }: { windowMs: number; now: () => number },
): Promise<ProviderBudgets> {
  await migrate(database, budgetMigrations);
  const db = database.withTables<BudgetTables>();
  return {
    async take(provider, perWindow) {
      const at = new Date(now()).toISOString();
      const ends = new Date(now() + windowMs).toISOString();
      // What was used before is read from the row that the statement has locked: nobody else takes the same.
      const isOver = sql<boolean>`provider_budgets.window_ends <= ${at}`;
      const { rows } = await sql<{ used: number }>`
        insert into provider_budgets (provider, window_ends, used) values (${provider}, ${ends}, ${perWindow})
        on conflict (provider) do update set
          used = case when ${isOver} then ${perWindow} else provider_budgets.used + ${perWindow} end,
          window_ends = case when ${isOver} then ${ends} else provider_budgets.window_ends end
        returning used`.execute(db);
      const used = rows[0]?.used ?? perWindow;
      const usedBefore = used - perWindow;
      return Math.max(0, perWindow - usedBefore);
    },
  };
}
