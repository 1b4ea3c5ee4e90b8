import type { Database } from "@cita/database";
import { sql } from "kysely";
import type { BookingTables } from "../bookings/ledger/tables.ts";

/**
 * Prepares a copy of the database for being a backup: holds that were under way are removed from it. How such a
 * hold ended was decided after the copy was begun. Restored, the copy would take the hold for abandoned and remove
 * an event that was promised. Without the hold the event counts as one that was made since: its time is taken,
 * and it stays. To release the hold instead would not do: an event of a released hold is removed.
 *
 * @param at when the copy was begun, in epoch milliseconds. Holds that had run out by then are abandoned indeed.
 */
export async function prepareBackup(copy: Database, at: number): Promise<void> {
  const tables = await copy.introspection.getTables();
  if (!tables.some(({ name }) => name === "bookings")) return;
  await copy
    .withTables<BookingTables>()
    .deleteFrom("bookings")
    .where("status", "=", sql.lit<"held">("held"))
    .where("held_until_ms", ">", at)
    .execute();
}
