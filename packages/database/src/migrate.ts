import { sql } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import type { Database } from "./open-database.ts";
import { isAlreadyRolledBack } from "./rollback.ts";

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
 * Kysely's own SQLite adapter migrates outside a transaction and without a lock, so both are taken
 * here: `begin immediate` makes a second process wait until the first has finished.
 *
 * @throws the failing step's error, or an error when the database is newer than this code.
 */
export async function migrate(db: Database, set: MigrationSet): Promise<void> {
  await db.connection().execute(async (connection) => {
    await sql`begin immediate`.execute(connection);
    try {
      await runPending(connection, set);
      await sql`commit`.execute(connection);
    } catch (error) {
      await sql`rollback`.execute(connection).catch((rollbackError: unknown) => {
        if (!isAlreadyRolledBack(rollbackError)) throw rollbackError;
      });
      throw error;
    }
  });
}

async function runPending(connection: Database, set: MigrationSet): Promise<void> {
  const migrator = new Migrator({
    db: connection,
    provider: { getMigrations: async () => set.migrations },
    migrationTableName: recordsOf(set),
    migrationLockTableName: `${recordsOf(set)}_lock`,
    disableTransactions: true,
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
