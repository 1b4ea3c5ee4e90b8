import { type Database, migrationState } from "@cita/database";
import { renewLogId } from "@cita/events";
import { sql } from "kysely";
import { bookingMigrations } from "../bookings/ledger/migrations.ts";
import type { BookingTables } from "../bookings/ledger/tables.ts";

/**
 * Deletes holds that were under way from a copy of the database. How such a hold ended was decided after the copy was
 * begun. In a restored copy the sweeper would take the hold for abandoned, and remove an event that an attendee was
 * promised. Without the hold's row the event stays and takes its time. (Releasing the hold wouldn't help, since events of
 * released holds are removed.) The copy's event log gets a name of its own.
 *
 * @param at when the copy was begun, in epoch milliseconds. Holds that had run out by then stay: they are abandoned.
 */
export async function prepareBackup(copy: Database, at: number): Promise<void> {
  await renewLogId(copy);
  const { pending } = await migrationState(copy, bookingMigrations);
  if (pending.includes("0001-bookings")) return;
  await copy
    .withTables<BookingTables>()
    .deleteFrom("bookings")
    .where("status", "=", sql.lit<"held">("held"))
    .where("held_until_ms", ">", at)
    .execute();
}
