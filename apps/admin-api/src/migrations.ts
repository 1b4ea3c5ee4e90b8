import type { MigrationSet } from "@cita/database";
import { customerMigrations } from "./customers/migrations.ts";

/** Everything that is kept in this service's database. */
export const migrationSets: readonly MigrationSet[] = [customerMigrations];
