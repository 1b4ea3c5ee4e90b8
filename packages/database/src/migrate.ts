import { sql } from "kysely";
import type { Migration } from "kysely/migration";
import { type Database, DatabaseError } from "./database.ts";
import { engineOf } from "./engine.ts";

/**
 * The migrations of one owner of tables. Several owners may share a database; each has a history of its own.
 *
 * They are written once for all engines. Column types are SQLite's: `integer` (64 bits), `text` (sorted by its bytes),
 * `blob`, `real`; a boolean is an integer of 0 or 1, JSON is a text, an id is `integer` with `autoIncrement()`. In
 * PostgreSQL `postgres/column-types.ts` turns what Kysely's schema builder makes into its own types; an SQL text stays as
 * it is written.
 */
export type MigrationSet = {
  /** Prefix of the table that records the history: `<owner>_migrations`. */
  owner: string;
  /** Keyed by a name that sorts in the order in which they run (`0001-…`). */
  migrations: Record<string, Migration>;
};

/**
 * What a service's list says of each owner's migrations: the tables that they make. Together they are all tables of the
 * service's database, beside those of this package.
 */
export type OwnedTables = MigrationSet & {
  /** Each with the column that identifies its rows. A table stands behind those that it refers to. */
  tables: Readonly<Record<string, string>>;
  /** Those of them that a migration puts rows into. Default: none. */
  seeded?: readonly string[];
};

/**
 * Runs the pending migrations of one owner in one transaction, so that a crash or a failing step leaves the database as it
 * was. Several processes may run it at once: one of them does, and the others wait and then find nothing to do.
 *
 * @throws the failing step's error; DatabaseError `DATABASE_NEWER` where the database is newer than this code.
 */
export async function migrate(db: Database, set: MigrationSet): Promise<void> {
  const state = await migrationState(db, set);
  refuseNewer(state);
  if (state.pending.length > 0) await engineOf(db).migrate(db, (trx) => runPending(trx, set));
}

async function runPending(db: Database, set: MigrationSet): Promise<void> {
  const history = historyTable(set);
  await db.schema
    .createTable(history)
    .ifNotExists()
    .addColumn("name", "varchar(255)", (c) => c.notNull().primaryKey())
    .addColumn("timestamp", "varchar(255)", (c) => c.notNull())
    .execute();
  // Another process may have been faster.
  const state = await migrationState(db, set);
  refuseNewer(state);
  for (const name of state.pending) {
    await set.migrations[name]?.up(db);
    await sql`insert into ${sql.table(history)} (name, timestamp)
      values (${name}, ${new Date().toISOString()})`.execute(db);
  }
}

function refuseNewer({ unknown }: MigrationState): void {
  if (unknown.length === 0) return;
  throw new DatabaseError(
    "DATABASE_NEWER",
    `The database is newer than this version: it has been migrated by one that knows ${unknown.join(", ")}. Start that version or a newer one, or restore a backup made before it.`,
  );
}

function historyTable({ owner }: MigrationSet): string {
  return `${owner}_migrations`;
}

export type MigrationState = {
  /** Migrations that this code has and that haven't run on the database, in their order. */
  readonly pending: readonly string[];
  /** Migrations that have run and that this code doesn't have: the database is newer than the code. */
  readonly unknown: readonly string[];
};

/** Compares a database with this code's migrations, without changing it. @throws DatabaseError */
export async function migrationState(db: Database, set: MigrationSet): Promise<MigrationState> {
  const history = historyTable(set);
  const rows = (await engineOf(db).hasTable(db, history))
    ? (await sql<{ name: string }>`select name from ${sql.table(history)}`.execute(db)).rows
    : [];
  const done = new Set(rows.map(({ name }) => name));
  const known = Object.keys(set.migrations).sort();
  return {
    pending: known.filter((name) => !done.has(name)),
    unknown: [...done].filter((name) => !known.includes(name)).sort(),
  };
}
