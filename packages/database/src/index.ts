export { type MigrationSet, migrate } from "./migrate.ts";
export { type Database, DatabaseUrlError, openDatabase } from "./open-database.ts";
