import type { MigrationSet } from "@cita/database";
import { customerStateMigrations } from "./customer-states/migrations.ts";
import { customerMigrations } from "./customers/migrations.ts";

/** The migrations of all tables in this service's database. */
export const migrationSets: readonly MigrationSet[] = [customerMigrations, customerStateMigrations];
