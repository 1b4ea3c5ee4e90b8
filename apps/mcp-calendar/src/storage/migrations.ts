import { agentKeyMigrations } from "@cita/agent-keys";
import type { OwnedTables } from "@cita/database";
import { eventMigrations } from "@cita/events";
import { sharedCountMigrations } from "@cita/shared-counts";
import { tokenStoreMigrations } from "@cita/token-store";
import { bookingMigrations } from "../bookings/ledger/migrations.ts";
import { instanceMigrations } from "../instances/migrations.ts";
import { retentionMigrations } from "../retention/migrations.ts";
import { scheduleMigrations } from "../schedules/migrations.ts";

/** All tables in this service's database, with their migrations. */
export const migrationSets: readonly OwnedTables[] = [
  tokenStoreMigrations,
  bookingMigrations,
  instanceMigrations,
  scheduleMigrations,
  retentionMigrations,
  eventMigrations,
  agentKeyMigrations,
  sharedCountMigrations,
];
