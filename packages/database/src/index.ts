/**
 * The services' databases: the contract (`database.ts`), migrations (`migrate.ts`), and a folder for each engine with all
 * that is the engine's own. SQLite is the only engine. Tables, and the queries over them, are in the packages that call
 * `migrate`.
 */

export { type Database, DatabaseError, DatabaseUrlError, type OpenOptions } from "./database.ts";
export { type MigrationSet, type MigrationState, migrate, migrationState } from "./migrate.ts";
export { openDatabase } from "./open-database.ts";
export { BackupError, backUpDatabase } from "./sqlite/backup.ts";
export { checkWritable, findDamage } from "./sqlite/health.ts";
export { databasePath } from "./sqlite/open.ts";
export { watchCommits } from "./sqlite/wake.ts";
