import type { OwnedTables } from "@cita/database";
import { eventMigrations } from "@cita/events";
import { jobMigrations } from "@cita/events/jobs";
import { sharedCountMigrations } from "@cita/shared-counts";
import { integrationMigrations } from "./integrations/migrations.ts";
import { budgetMigrations } from "./maintenance/provider-budgets.ts";
import { passingEventMigrations } from "./retention/passing-events.ts";
import { webhookMigrations } from "./webhooks/migrations.ts";

/** All tables in this service's database, with their migrations. */
export const migrationSets: readonly OwnedTables[] = [
  integrationMigrations,
  webhookMigrations,
  jobMigrations,
  budgetMigrations,
  eventMigrations,
  passingEventMigrations,
  sharedCountMigrations,
];
