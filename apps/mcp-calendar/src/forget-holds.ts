import type { Database } from "@cita/database";
import { sql } from "kysely";
import type { BookingTables } from "./bookings/ledger-tables.ts";

/**
 * Prepares a copy of the database for being a backup. Whoever held a time at that moment was told later how
 * it ended, which the copy can't know; restored, it would take such a hold for abandoned and remove an
 * event that was promised. Without the hold the event is simply one that was made since: its time is
 * taken, and nobody removes it. A released hold would not do: what comes after one is taken back.
 *
 * @param at when the copy was begun, in epoch milliseconds. Holds that had run out by then are abandoned indeed.
 */
export async function forgetHolds(copy: Database, at: number): Promise<void> {
  const tables = await copy.introspection.getTables();
  if (!tables.some(({ name }) => name === "bookings")) return;
  await copy
    .withTables<BookingTables>()
    .deleteFrom("bookings")
    .where("status", "=", sql.lit<"held">("held"))
    .where("held_until_ms", ">", at)
    .execute();
}
