export { BackupError, backUpDatabase } from "./back-up-database.ts";
export type { Changes } from "./changes.ts";
export { checkWritable } from "./check-writable.ts";
export { DatabaseError } from "./database-error.ts";
export { findDamage } from "./find-damage.ts";
export { type MigrationSet, type MigrationState, migrate, migrationState } from "./migrate.ts";
export {
  type Database,
  DatabaseUrlError,
  databasePath,
  type OpenOptions,
  openDatabase,
  type WatchedDatabase,
} from "./open-database.ts";
export { prepareQuery } from "./prepare-query.ts";
export { rememberRows } from "./remember-rows.ts";
