import { exclusively, rowLock } from "@cita/database";
import type { NewEvent } from "@cita/events";
import type { BoundAttendee } from "@cita/mcp-endpoint";
import { hourMs, minuteMs } from "@cita/scheduling";
import { type Expression, type SqlBool, sql } from "kysely";
import { BookingError } from "../booking-error.ts";
import {
  confirmed,
  hasEitherId,
  type LedgerDb,
  type LedgerPartDeps,
  longestBookingMs,
} from "./conditions.ts";
import type { AttendeeLimits, Change } from "./ledger.ts";
import type { MayHold } from "./take-seat.ts";

/** How many bookings, moves and cancellations one attendee may make in an hour. */
const maxChangesPerHour = 10;
/** How many of one customer's bookings may be cancelled in an hour by all attendees that calls are bound to. */
const maxCancellationsPerHour = 30;

/** More than the clocks of two processes differ. A row further ahead is from before a clock was set back: not counted. */
const skewMs = minuteMs;

/** The part of the ledger that counts each attendee's changes, and detects the ids of two attendees in one call. */
export function createAttendeeLimits({
  db,
  events,
  isKnown,
  now,
}: LedgerPartDeps & { isKnown: MayHold }): AttendeeLimits {
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

    async beginChange(customerId, attendee, change) {
      const at = now();
      const id = await exclusively(db, changesKey(customerId), async (trx) => {
        const { same, own, cancelled } = await countChanges(trx, { customerId, attendee, change, at });
        if (same === 1) return "same";
        if (own >= maxChangesPerHour) return "too_many_changes";
        if (change.kind === "cancel" && cancelled >= maxCancellationsPerHour) return "cancellations_stopped";
        return insertChange(trx, { customerId, attendee, change, at }, isKnown(customerId));
      });
      if (id === undefined || typeof id === "number") return id;
      if (id === "same") return undefined;
      if (id === "cancellations_stopped")
        await events.transaction((_, append) => append(toCancellationsStopped(customerId, at)));
      throw new BookingError(id);
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

type NewChange = {
  readonly customerId: string;
  readonly attendee: BoundAttendee;
  readonly change: Change;
  /** Epoch milliseconds. */
  readonly at: number;
};

/** The changes of the last hour: whether the same one is under way, the attendee's, and all cancellations. */
async function countChanges(trx: LedgerDb, { customerId, attendee, change, at }: NewChange) {
  const { kind, what = null } = change;
  const lately = sql`from attendee_changes where customer_id = ${customerId} and at_ms > ${at - hourMs}
    and at_ms <= ${at + skewMs}`;
  const own = sql`${lately} and ${hasEitherId(attendee)}`;
  const { rows } = await sql<{ same: number; own: number; cancelled: number }>`select
    exists (select 1 ${own} and kind = ${kind} and under_way = ${what}) as same,
    (select count(*) ${own}) as own,
    (select count(*) ${lately} and kind = 'cancel') as cancelled`.execute(trx);
  return rows[0] ?? { same: 0, own: 0, cancelled: 0 };
}

/** @returns undefined where the customer has been removed since: the change comes to nothing then. */
async function insertChange(
  trx: LedgerDb,
  { customerId, attendee, change, at }: NewChange,
  isThere: Expression<SqlBool>,
): Promise<number | undefined> {
  const { rows } = await sql<{ id: number }>`insert into attendee_changes
    (customer_id, attendee_phone, attendee_ref, kind, under_way, at_ms)
    select ${customerId}, ${attendee.phone}, ${attendee.ref}, ${change.kind}, ${change.what ?? null}, ${at}
    where ${isThere} returning id`.execute(trx);
  return rows[0]?.id;
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
