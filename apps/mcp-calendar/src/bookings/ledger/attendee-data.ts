import { setImmediate as yieldToOthers } from "node:timers/promises";
import { type Database, rowLock, valueList } from "@cita/database";
import { type Expression, type SqlBool, sql } from "kysely";
import type { Attendee, Booking } from "../booking.ts";
import { confirmed, isOfCustomer, type LedgerDb, unsettled } from "./conditions.ts";
import type { BookingPosition } from "./ledger.ts";
import { bookingColumns, toBooking } from "./rows.ts";
import type { BookingTables } from "./tables.ts";

/**
 * One attendee's data in the ledger, for export and erasure. Both cover every row with any of the attendee's
 * identifiers, whereas an agent's call reaches only what `belongsTo` allows.
 */
export type AttendeeData = {
  /** Bookings and holds in any state, and the holds of their moves, after a position in order of start and id. */
  page(query: AttendeeQuery, after: BookingPosition, limit: number): Promise<AttendeeRecord[]>;
  /** How many appointments lie ahead, are under way, or aren't settled yet. */
  countAhead(query: AttendeeQuery): Promise<number>;
  /**
   * Clears the attendee's columns in all rows that are over, cancelled or released, and deletes the counted changes. The
   * rows stay, because counts and the activity log refer to them.
   */
  erase(query: AttendeeQuery): Promise<ErasedAttendee>;
};

export type AttendeeQuery = {
  readonly customerId: string;
  readonly attendee: Pick<Attendee, "phone" | "email" | "ref">;
};

export type AttendeeRecord = Booking & { readonly idempotencyKey: string | null };

export type ErasedAttendee = {
  readonly rows: number;
  /** Events of past appointments, which stay in the business's calendar. At most `maxEvents`. */
  readonly eventIds: readonly string[];
  readonly hasMoreEvents: boolean;
};

type Deps = { db: Database; maxEvents: number; now: () => number };

/** Rows in one transaction: other writers wait for it. */
const rowsAtOnce = 200;

/** The ledger must have been opened: it migrates the table. */
export function createAttendeeData({ db: database, maxEvents, now }: Deps): AttendeeData {
  const db = database.withTables<BookingTables>();

  return {
    async page(query, after, limit) {
      const rows = await db
        .selectFrom("bookings")
        .select([...bookingColumns, "idempotency_key"])
        .where(isOfCustomer(query.customerId))
        .where(isAttendeesOrMove(db, query))
        .where(sql<boolean>`(start_ms, id) > (${after.start}, ${after.id})`)
        .orderBy("start_ms")
        .orderBy("id")
        .limit(limit)
        .execute();
      return rows.map((row) => ({ ...toBooking(row), idempotencyKey: row.idempotency_key }));
    },

    async countAhead(query) {
      const { ahead } = await db
        .selectFrom("bookings")
        // A booking that is being moved is one appointment.
        .select(sql<number>`count(distinct coalesce(moves_id, id))`.as("ahead"))
        .where(isOfCustomer(query.customerId))
        .where(isAttendeesOrMove(db, query))
        .where(({ not }) => not(isOver(now())))
        .executeTakeFirstOrThrow();
      return ahead;
    },

    async erase(query) {
      const eventIds: string[] = [];
      for (let rows = 0; ; await yieldToOthers()) {
        const page = await db.transaction().execute((trx) => erasePage(trx, query, now()));
        rows += page.rows;
        // One more than is returned, to know that there are more.
        eventIds.push(...page.eventIds.slice(0, maxEvents + 1 - eventIds.length));
        if (page.rows === 0)
          return { rows, eventIds: eventIds.slice(0, maxEvents), hasMoreEvents: eventIds.length > maxEvents };
      }
    },
  };
}

/** Erased rows have no identifier any more, so each page is the first one of the rest. */
async function erasePage(trx: LedgerDb, { customerId, attendee }: AttendeeQuery, now: number) {
  const { phone, ref } = attendee;
  const page = await trx
    .selectFrom("bookings")
    .select(["id", "status", "event_id"])
    .where(isOfCustomer(customerId))
    .where(isAttendees(attendee))
    .where(isOver(now))
    .limit(rowsAtOnce)
    // What is over may be moved ahead by hand.
    .modifyEnd(rowLock(trx, "for update"))
    .execute();
  const ids = valueList(
    trx,
    "text",
    page.map(({ id }) => id),
  );
  const { numUpdatedRows } = await trx
    .updateTable("bookings")
    .set(erasedColumns)
    .where(isOfCustomer(customerId))
    // The hold of a move has the attendee's name and no identifier, so it is found by its booking.
    .where(sql<boolean>`(id in ${ids} or moves_id in ${ids})`)
    .executeTakeFirstOrThrow();
  await trx
    .deleteFrom("attendee_changes")
    .where("customer_id", "=", customerId)
    .where((eb) => eb.or([eb("attendee_phone", "=", phone), eb("attendee_ref", "=", ref)]))
    .execute();
  const eventIds = page.flatMap(({ status, event_id }) =>
    status === "confirmed" && event_id !== null ? [event_id] : [],
  );
  return { rows: Number(numUpdatedRows), eventIds };
}

/**
 * The idempotency key is an agent's text and may contain a phone number. The request hash covers name and phone number,
 * of which there are few enough to try all.
 */
const erasedColumns = {
  attendee_name: "",
  attendee_name_key: null,
  attendee_phone: null,
  attendee_phone_written: null,
  attendee_email: null,
  attendee_ref: null,
  notes: null,
  meet_link: null,
  invitation: null,
  idempotency_key: null,
  request_hash: "",
};

/** A comparison with null is never true, so that an identifier that isn't given matches nothing. */
function isAttendees({ phone, email, ref }: AttendeeQuery["attendee"]): Expression<SqlBool> {
  const address = email?.toLowerCase() ?? null;
  return sql<boolean>`(attendee_phone = ${phone} or lower(attendee_email) = ${address} or attendee_ref = ${ref})`;
}

function isAttendeesOrMove(db: LedgerDb, { customerId, attendee }: AttendeeQuery): Expression<SqlBool> {
  const own = db
    .selectFrom("bookings")
    .select("id")
    .where(isOfCustomer(customerId))
    .where(isAttendees(attendee));
  return sql<boolean>`(${isAttendees(attendee)} or moves_id in ${own})`;
}

function isOver(now: number): Expression<SqlBool> {
  const isUnsettled = sql`status in (${sql.join(unsettled)})`;
  return sql<boolean>`(not ${isUnsettled} and not (status = ${confirmed} and end_ms > ${now}))`;
}
