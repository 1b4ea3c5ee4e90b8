import { unindexed, valueList } from "@cita/database";
import { type Expression, type SelectQueryBuilder, type SqlBool, sql } from "kysely";
import type { OwnMark } from "../../calendars/calendar.ts";
import { isConfirmed, wasConfirmed } from "../booking.ts";
import { createEventMatcher } from "../match-events.ts";
import {
  confirmed,
  everConfirmed,
  idsOfAttendee,
  type LedgerDb,
  live,
  longestBookingMs,
  overlaps,
  selectLive,
} from "./conditions.ts";
import type { BookingFilter, LookUps, PageFilter } from "./ledger.ts";
import { bookingColumns, entryColumns, type SelectedBookingRow, toBooking, toEntry } from "./rows.ts";
import type { BookingTables } from "./tables.ts";

export function createLookUps(db: LedgerDb): LookUps {
  const bookingsOf = (customerId: string) =>
    db.selectFrom("bookings").select(bookingColumns).where("customer_id", "=", customerId);

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
              .select(bookingColumns)
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

    async page(customerId, { after, until, status, limit, latestFirst = false }) {
      const direction = latestFirst ? "desc" : "asc";
      const beyond = latestFirst ? sql`<` : sql`>`;
      const rows = await bookingsOf(customerId)
        .where(sql<boolean>`(start_ms, id) ${beyond} (${after.start}, ${after.id})`)
        .$if(until !== undefined, (query) => query.where("start_ms", latestFirst ? ">=" : "<", until ?? 0))
        .$call((query) => narrowByStatus(query, status))
        .orderBy("start_ms", direction)
        .orderBy("id", direction)
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

    async listInForce(customerId, span, { accountId, marks }) {
      const rows = await selectLive(db, customerId).select(entryColumns).where(overlaps(span)).execute();
      const inSpan = rows.map(toEntry);
      const findBooking = createEventMatcher(inSpan, accountId);
      const elsewhere = marks.filter((event) => findBooking(event) === undefined);
      if (elsewhere.length === 0) return inSpan;
      const further = await selectOfEvents(db, customerId, elsewhere).execute();
      return [...inSpan, ...further.map(toEntry)];
    },
  };
}

/**
 * The live rows of events: by the event's id, or by our mark where the id isn't known yet. Two selects instead of one with
 * `or`, and conditions that aren't searched by, because SQLite would scan all bookings of the customer, or all rows
 * without an event's id.
 */
function selectOfEvents(db: LedgerDb, customerId: string, events: readonly OwnMark[]) {
  const search = (condition: Expression<SqlBool>) =>
    db
      .selectFrom("bookings")
      .select(entryColumns)
      .where(condition)
      .where(sql<boolean>`${unindexed(db, "status")} in (${sql.join(live)})`);
  const eventIds = valueList(
    db,
    "text",
    events.map(({ eventId }) => eventId),
  );
  const marks = valueList(
    db,
    "text",
    events.map(({ bookingId }) => bookingId),
  );
  const byEventId = sql<boolean>`(customer_id = ${customerId} and event_id in ${eventIds})`;
  const byMark = sql<boolean>`(id in ${marks} and ${unindexed(db, "customer_id")} = ${customerId}
    and ${unindexed(db, "event_id")} is null)`;
  return search(byEventId).unionAll(search(byMark));
}

type Rows = SelectQueryBuilder<BookingTables, "bookings", SelectedBookingRow>;

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
