import { type SelectQueryBuilder, sql } from "kysely";
import { isConfirmed, wasConfirmed } from "../booking.ts";
import {
  confirmed,
  everConfirmed,
  idsOfAttendee,
  type LedgerDb,
  listed,
  live,
  longestBookingMs,
  overlaps,
  selectLive,
} from "./conditions.ts";
import type { BookingFilter, LookUps, PageFilter } from "./ledger.ts";
import { type BookingRow, type BookingTables, entryColumns, toBooking, toEntry } from "./rows.ts";

export function createLookUps(db: LedgerDb): LookUps {
  const bookingsOf = (customerId: string) =>
    db.selectFrom("bookings").selectAll().where("customer_id", "=", customerId);

  return {
    async find(customerId, bookingId) {
      const row = await bookingsOf(customerId)
        .where("id", "=", bookingId)
        .where("moves_id", "is", null)
        .executeTakeFirst();
      return row && toBooking(row);
    },

    async list(customerId, filter) {
      const { attendee } = filter;
      const asked =
        attendee === undefined
          ? narrow(bookingsOf(customerId), filter)
          : db
              .selectFrom("bookings")
              .selectAll()
              .where("id", "in", idsOfAttendee(customerId, attendee, 0));
      const rows = await asked
        .where("status", "=", confirmed)
        .where("start_ms", "<", filter.end)
        .where("end_ms", ">", filter.start)
        .orderBy("start_ms")
        .limit(filter.limit)
        .execute();
      return rows.map(toBooking).filter(isConfirmed);
    },

    async page(customerId, { after, until, status, limit }) {
      const rows = await bookingsOf(customerId)
        .where(sql<boolean>`(start_ms, id) > (${after.start}, ${after.id})`)
        .$if(until !== undefined, (query) => query.where("start_ms", "<", until ?? 0))
        .$call((query) => narrowByStatus(query, status))
        .orderBy("start_ms")
        .orderBy("id")
        .limit(limit)
        .execute();
      return rows.map(toBooking).filter(wasConfirmed);
    },

    async countStranded(customerId, { accountId, after }) {
      const { stranded } = await strandedFrom(db.selectFrom("bookings"), accountId)
        .select(({ fn }) => fn.countAll<number>().as("stranded"))
        .where("customer_id", "=", customerId)
        .where("start_ms", ">", after)
        .executeTakeFirstOrThrow();
      return stranded;
    },

    async listInForce(customerId, span, eventIds) {
      const inSpan = await selectLive(db, customerId).select(entryColumns).where(overlaps(span)).execute();
      const found = new Set(inSpan.map(({ event_id }) => event_id));
      const elsewhere = eventIds.filter((id) => !found.has(id));
      if (elsewhere.length === 0) return inSpan.map(toEntry);
      const rows = await db
        .selectFrom("bookings")
        .select(entryColumns)
        .where(sql<boolean>`event_id in ${listed(elsewhere)}`)
        .where("customer_id", "=", customerId)
        .where("status", "in", live)
        .execute();
      return [...inSpan, ...rows].map(toEntry);
    },
  };
}

type Rows = SelectQueryBuilder<BookingTables, "bookings", BookingRow>;

function narrowByStatus(query: Rows, status: PageFilter["status"]): Rows {
  if (typeof status === "object") return strandedFrom(query, status.accountId);
  const once = query.where("status", "in", everConfirmed);
  return status === "all" ? once : once.where("status", "=", status);
}

/** Repeats the condition of the index `bookings_by_account`: otherwise SQLite reads all confirmed bookings. */
function strandedFrom<T>(query: SelectQueryBuilder<BookingTables, "bookings", T>, accountId: string) {
  return query
    .where("status", "=", confirmed)
    .where("account_id", "is not", null)
    .where("account_id", "!=", accountId);
}

/** Uses the indexes by phone and e-mail for one attendee, and the index by start for a whole range. */
function narrow(query: Rows, { phone, email, start }: BookingFilter): Rows {
  if (phone === undefined && email === undefined)
    return query.where("status", "in", everConfirmed).where("start_ms", ">", start - longestBookingMs);
  return query.where((eb) =>
    eb.or([
      ...(phone === undefined ? [] : [eb("attendee_phone", "=", phone)]),
      ...(email === undefined ? [] : [eb(sql`lower(attendee_email)`, "=", email.toLowerCase())]),
    ]),
  );
}
