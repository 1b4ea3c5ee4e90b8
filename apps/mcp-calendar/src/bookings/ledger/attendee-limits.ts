import { exclusively, rowLock } from "@cita/database";
import type { NewEvent } from "@cita/events";
import { hourMs, minuteMs } from "@cita/scheduling";
import { type Expression, type SqlBool, sql } from "kysely";
import { BookingError } from "../booking-error.ts";
import { confirmed, hasEitherId, type LedgerPartDeps, longestBookingMs } from "./conditions.ts";
import type { AttendeeLimits } from "./ledger.ts";

/** How many bookings, moves and cancellations one attendee may make in an hour. */
const maxChangesPerHour = 10;
/** How many of one customer's bookings may be cancelled in an hour by all attendees that calls are bound to. */
const maxCancellationsPerHour = 30;

/** More than the clocks of two processes differ. A row further ahead is from before a clock was set back: not counted. */
const skewMs = minuteMs;

/** The part of the ledger that counts each attendee's changes, and detects the ids of two attendees in one call. */
export function createAttendeeLimits({ db, events, now }: LedgerPartDeps): AttendeeLimits {
  return {
    async hasConflictingIds(customerId, { phone, ref }) {
      if (phone === null || ref === null) return false;
      const exists = (condition: Expression<SqlBool>) =>
        sql`exists (select 1 from bookings where ${isAhead(customerId, now())} and ${condition})`;
      const { rows } = await sql<{ conflict: number }>`select
        ${exists(sql`attendee_phone = ${phone} and attendee_ref <> ${ref}`)}
        and ${exists(sql`attendee_ref = ${ref}`)}
        and not ${exists(sql`attendee_ref = ${ref} and attendee_phone = ${phone}`)} as conflict`.execute(db);
      return rows[0]?.conflict === 1;
    },

    async beginChange(customerId, attendee, { kind, what = null }) {
      const at = now();
      const lately = sql`customer_id = ${customerId} and at_ms > ${at - hourMs} and at_ms <= ${at + skewMs}`;
      const own = sql`(select count(*) from attendee_changes where ${lately} and ${hasEitherId(attendee)})`;
      const cancelled = sql`(select count(*) from attendee_changes where ${lately} and kind = 'cancel')`;
      const same = sql`exists (select 1 from attendee_changes where ${lately} and ${hasEitherId(attendee)}
        and kind = ${kind} and under_way = ${what})`;
      const insert = sql<{ id: number }>`insert into attendee_changes
        (customer_id, attendee_phone, attendee_ref, kind, under_way, at_ms)
        select ${customerId}, ${attendee.phone}, ${attendee.ref}, ${kind}, ${what}, ${at}
        where not ${same} and ${own} < ${maxChangesPerHour}
          and (${kind} <> 'cancel' or ${cancelled} < ${maxCancellationsPerHour})
        returning id`;
      const inserted = await exclusively(db, changesKey(customerId), (trx) => insert.execute(trx));
      const [row] = inserted.rows;
      if (row !== undefined) return row.id;
      const found = await sql<{ own: number; same: number }>`select ${own} as own, ${same} as same`.execute(
        db,
      );
      const [counted = { own: 0, same: 0 }] = found.rows;
      if (counted.same === 1) return undefined;
      const isOwn = kind !== "cancel" || counted.own >= maxChangesPerHour;
      if (isOwn) throw new BookingError("too_many_changes");
      await events.transaction((_, append) => append(toCancellationsStopped(customerId, at)));
      throw new BookingError("cancellations_stopped");
    },

    async endChange(id) {
      await db.updateTable("attendee_changes").set({ under_way: null }).where("id", "=", id).execute();
    },

    async dropChange(id) {
      await db.deleteFrom("attendee_changes").where("id", "=", id).execute();
    },

    async removeChanges(before, limit) {
      const { numDeletedRows } = await db
        .with("old", (eb) =>
          eb
            .selectFrom("attendee_changes")
            .select("id")
            .where("at_ms", "<", before)
            .limit(limit)
            .modifyEnd(rowLock(db, "for update skip locked")),
        )
        .deleteFrom("attendee_changes")
        .where("id", "in", (eb) => eb.selectFrom("old").select("id"))
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}

/** The key of who counts a customer's changes. */
const changesKey = (customerId: string) => `attendee changes of ${customerId}`;

/** One event an hour, since refused attempts go on. */
function toCancellationsStopped(customerId: string, at: number): NewEvent {
  return {
    customerId,
    kind: "cancellations_stopped",
    once: `cancellations_stopped ${customerId} ${Math.floor(at / hourMs)}`,
    data: { cancellations: maxCancellationsPerHour },
  };
}

/** Confirmed, and not over. */
function isAhead(customerId: string, now: number) {
  return sql`customer_id = ${customerId} and status = ${confirmed} and start_ms > ${now - longestBookingMs}
    and end_ms > ${now}`;
}
