import { parsePhoneNumber } from "@cita/phone-numbers";
import { type Kysely, sql } from "kysely";

/** Rows read at a time, which bounds the memory that a large table takes. */
const pageSize = 500;

/**
 * Adds the number as it was written beside the E.164 form that is searched by. Numbers of earlier bookings are
 * brought to today's form, and what was stored is kept as written. A number that can't be read stays as it is.
 */
export async function addWrittenPhones(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("bookings").addColumn("attendee_phone_written", "text").execute();
  for (let after = ""; ; ) {
    const { rows } = await sql<{ id: string; attendee_phone: string }>`
      select id, attendee_phone from bookings
      where id > ${after} and attendee_phone is not null order by id limit ${pageSize}`.execute(db);
    for (const { id, attendee_phone } of rows) {
      const canonical = parsePhoneNumber(attendee_phone);
      if (canonical === undefined || canonical === attendee_phone) continue;
      await sql`update bookings set attendee_phone = ${canonical}, attendee_phone_written = ${attendee_phone}
        where id = ${id}`.execute(db);
    }
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}
