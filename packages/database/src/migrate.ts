import { sql } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import type { Database } from "./database.ts";

/** The migrations of one owner of tables. Several owners may share a database; each has a history of its own. */
export type MigrationSet = {
  /** Prefix of the table that records the history: `<owner>_migrations`. */
  owner: string;
  /** Keyed by a name that sorts in the order in which they run (`0001-…`). */
  migrations: Record<string, Migration>;
};

/**
 * Runs the pending migrations of one owner in one transaction, so that a crash or a failing step leaves the database as it
 * was. Several processes may run it at once: the transaction takes the write lock when it begins, so the second process
 * waits and then finds nothing to do.
 *
 * @throws the failing step's error, or an error where the database is newer than this code.
 */
export async function migrate(db: Database, set: MigrationSet): Promise<void> {
  await db.transaction().execute((transaction) => runPending(transaction, set));
}

async function runPending(db: Database, set: MigrationSet): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => set.migrations },
    migrationTableName: historyTable(set),
    migrationLockTableName: `${historyTable(set)}_lock`,
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

function historyTable({ owner }: MigrationSet): string {
  return `${owner}_migrations`;
}

export type MigrationState = {
  /** Migrations that this code has and that haven't run on the database. */
  readonly pending: readonly string[];
  /** Migrations that have run and that this code doesn't have: the database is newer than the code. */
  readonly unknown: readonly string[];
};

/** Compares a database with this code's migrations, without changing it. @throws DatabaseError */
export async function migrationState(db: Database, set: MigrationSet): Promise<MigrationState> {
  const history = historyTable(set);
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  const rows = tables.some(({ name }) => name === history)
    ? (await sql<{ name: string }>`select name from ${sql.table(history)}`.execute(db)).rows
    : [];
  const done = new Set(rows.map(({ name }) => name));
  const known = Object.keys(set.migrations);
  return {
    pending: known.filter((name) => !done.has(name)),
    unknown: [...done].filter((name) => !known.includes(name)),
  };
}
