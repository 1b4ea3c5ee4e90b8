import { agentKeyMigrations } from "@cita/agent-keys";
import type { MigrationSet } from "@cita/database";
import { eventMigrations } from "@cita/events";
import { tokenStoreMigrations } from "@cita/token-store";
import { bookingMigrations } from "../bookings/ledger/migrations.ts";
import { instanceMigrations } from "../instances/migrations.ts";
import { scheduleMigrations } from "../schedules/migrations.ts";

/** The migrations of all tables in this service's database. */
export const migrationSets: readonly MigrationSet[] = [
  tokenStoreMigrations,
  bookingMigrations,
  instanceMigrations,
  scheduleMigrations,
  eventMigrations,
  agentKeyMigrations,
];
