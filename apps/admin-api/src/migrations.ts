import type { OwnedTables } from "@cita/database";
import { sharedCountMigrations } from "@cita/shared-counts";
import { customerStateMigrations } from "./customer-states/migrations.ts";
import { customerMigrations } from "./customers/migrations.ts";

/** All tables in this service's database, with their migrations. */
export const migrationSets: readonly OwnedTables[] = [
  customerMigrations,
  customerStateMigrations,
  sharedCountMigrations,
];
