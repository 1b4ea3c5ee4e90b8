// What the services store their rows in. Here is the contract (`database.ts`) and what any engine shares;
// a folder an engine holds everything that only this engine has. Tables, and the queries over them, belong
// to the packages that call `migrate`.

export { type Database, DatabaseError, DatabaseUrlError, type OpenOptions } from "./database.ts";
export { type MigrationSet, type MigrationState, migrate, migrationState } from "./migrate.ts";
export { openDatabase } from "./open-database.ts";
export { BackupError, backUpDatabase } from "./sqlite/backup.ts";
export { checkWritable, findDamage } from "./sqlite/health.ts";
export { databasePath } from "./sqlite/open.ts";
