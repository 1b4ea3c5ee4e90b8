import type { OwnedTables } from "@cita/database";
import { eventMigrations } from "@cita/events";
import { sharedCountMigrations } from "@cita/shared-counts";
import { customerStateMigrations } from "./customer-states/migrations.ts";
import { customerMigrations } from "./customers/migrations.ts";
import { dailyBookingMigrations } from "./daily-bookings/migrations.ts";
import { noticeMigrations } from "./notices/migrations.ts";
import { peopleMigrations } from "./people/migrations.ts";

/** All tables in this service's database, with their migrations. */
export const migrationSets: readonly OwnedTables[] = [
  customerMigrations,
  customerStateMigrations,
  peopleMigrations,
  dailyBookingMigrations,
  noticeMigrations,
  eventMigrations,
  sharedCountMigrations,
];
