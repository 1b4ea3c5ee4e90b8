/**
 * The services' databases: the contract (`database.ts`, `engine.ts`), migrations (`migrate.ts`), and a folder for each
 * engine with all that is the engine's own: `sqlite/` and `postgres/`. Tables, and the queries over them, are in the
 * packages that call `migrate`.
 */

export { backUpDatabase } from "./back-up-database.ts";
export {
  BackupError,
  type Database,
  DatabaseError,
  DatabaseUrlError,
  type OpenOptions,
  type Precondition,
} from "./database.ts";
export { databaseVariable } from "./database-variable.ts";
export {
  type ConnectionUse,
  checkWritable,
  connectionUse,
  engineName,
  exclusively,
  findDamage,
  watchCommits,
} from "./engine.ts";
export {
  type MigrationSet,
  type MigrationState,
  migrate,
  migrationState,
  type OwnedTables,
} from "./migrate.ts";
export {
  databaseExists,
  findUrlProblem,
  isPostgresUrl,
  nameDatabase,
  openDatabase,
} from "./open-database.ts";
export { unfinishedCopy } from "./postgres/schema.ts";
export { hasText, type RowLock, rowLock, unindexed } from "./query-parts.ts";
export { openLocked } from "./sqlite/locked.ts";
export { databasePath } from "./sqlite/open.ts";
export { rowList, slices, valueList } from "./value-list.ts";
