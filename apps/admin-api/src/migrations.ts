import type { MigrationSet } from "@cita/database";
import { customerMigrations } from "./customers/migrations.ts";

/** The migrations of all tables in this service's database. */
export const migrationSets: readonly MigrationSet[] = [customerMigrations];
