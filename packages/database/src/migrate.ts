import { sql } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import type { Database } from "./open-database.ts";

/** Migrations of one owner, keyed by a name that sorts in the order they run (`0001-…`). */
export type MigrationSet = {
  /** Whose tables these are: its migrations are recorded apart from those of others in the same database. */
  owner: string;
  migrations: Record<string, Migration>;
};

/**
 * Brings the tables of one owner up to date, all steps in one transaction: a crash or a failing step
 * leaves the database as it was. Safe to run from several processes at once.
 *
 * A transaction takes the write lock when it begins, which makes a second process wait until the first has
 * finished.
 *
 * @throws the failing step's error, or an error when the database is newer than this code.
 */
export async function migrate(db: Database, set: MigrationSet): Promise<void> {
  await db.transaction().execute((transaction) => runPending(transaction, set));
}

async function runPending(db: Database, set: MigrationSet): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => set.migrations },
    migrationTableName: recordsOf(set),
    migrationLockTableName: `${recordsOf(set)}_lock`,
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

/** The table that records which of an owner's migrations have run. */
function recordsOf({ owner }: MigrationSet): string {
  return `${owner}_migrations`;
}

export type MigrationState = {
  /** Steps this code knows and the database hasn't seen. */
  readonly pending: readonly string[];
  /** Steps the database has seen and this code doesn't know: it is newer. */
  readonly unknown: readonly string[];
};

/** How a database stands to this code, without changing it. */
export async function migrationState(db: Database, set: MigrationSet): Promise<MigrationState> {
  const records = recordsOf(set);
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  const recorded = tables.some(({ name }) => name === records)
    ? (await sql<{ name: string }>`select name from ${sql.table(records)}`.execute(db)).rows
    : [];
  const done = new Set(recorded.map(({ name }) => name));
  const known = Object.keys(set.migrations);
  return {
    pending: known.filter((name) => !done.has(name)),
    unknown: [...done].filter((name) => !known.includes(name)),
  };
}
