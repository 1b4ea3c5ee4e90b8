import type { OwnedTables } from "@cita/database";
import { eventMigrations } from "@cita/events";
import { sharedCountMigrations } from "@cita/shared-counts";
import { integrationMigrations } from "./integrations/migrations.ts";
import { budgetMigrations } from "./maintenance/provider-budgets.ts";

/** All tables in this service's database, with their migrations. */
export const migrationSets: readonly OwnedTables[] = [
  integrationMigrations,
  budgetMigrations,
  eventMigrations,
  sharedCountMigrations,
];
