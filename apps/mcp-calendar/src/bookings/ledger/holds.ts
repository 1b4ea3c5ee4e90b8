import { type Expression, type SqlBool, sql } from "kysely";
import { type BookingRequest, type ConfirmedBooking, isConfirmed } from "../booking.ts";
import { BookingError } from "../booking-error.ts";
import {
  belongsToAttendee,
  hasEitherId,
  idsOfAttendee,
  type LedgerDb,
  live,
  longestBookingMs,
  released,
} from "./conditions.ts";
import { toBooked } from "./events.ts";
import { keepInvitation } from "./invitations.ts";
import type { Holds } from "./ledger.ts";
import { hashRequest } from "./request-hash.ts";
import {
  bookingColumns,
  type SelectedBookingRow,
  toBooking,
  toChangeColumns,
  toEventColumns,
  toHold,
  toNameKey,
  toRequestRow,
} from "./rows.ts";
import type { BookingTables } from "./tables.ts";
import { type HoldPartDeps, insertHold } from "./take-seat.ts";

/** The part of the ledger that turns a request into a hold, and a hold into a confirmed or released booking. */
export function createHolds(deps: HoldPartDeps): Holds {
  const { db, events, instanceId, workedOn, inviting, now } = deps;
  const updated = () => toChangeColumns(now());
  const heldById = (id: string, within = db) =>
    within.updateTable("bookings").where("id", "=", id).where("status", "=", "held");

  return {
    async findRepeated(request) {
      return findEarlier(db, request);
    },

    async hold(request, terms) {
      const { maxOpenBookings } = terms;
      const row = toRequestRow(request, terms, { instanceId, now: now() });
      // Twice: the row that was in the way may have been released between the two statements.
      for (let attempts = 0; attempts < 2; attempts++) {
        const conditions = requestConditions(db, request, { maxOpenBookings, now: now() });
        const held = await insertHold(deps, row, request.capacity, conditions);
        if (held !== undefined) return toHold(held);
        // Only now: the insert refuses whatever this finds. A key is refused by the index `bookings_idempotency`, an
        // equal request without one by `requestConditions`.
        const earlier = await findEarlier(db, request);
        if (earlier !== undefined) return earlier;
        if (maxOpenBookings !== null && (await countOpen(db, request, now())) >= maxOpenBookings)
          throw new BookingError("too_many_open");
      }
      throw new BookingError("taken");
    },

    async isHeld({ id }) {
      const held = await db
        .selectFrom("bookings")
        .select("id")
        .where("id", "=", id)
        .where("status", "=", "held")
        .executeTakeFirst();
      return held !== undefined;
    },

    confirm: (hold, event) =>
      keepInvitation(inviting, hold.id, event, () =>
        events.transaction(async (trx, append) => {
          const { customerId, id } = hold;
          const { numUpdatedRows } = await heldById(id, trx.withTables<BookingTables>())
            .set({ status: "confirmed", ...toEventColumns(event), ...updated() })
            .executeTakeFirstOrThrow();
          if (numUpdatedRows === 0n) return false;
          await append(toBooked({ customerId, id, timeZone: event.timeZone }, hold));
          return true;
        }),
      ),

    async release({ id, status }) {
      await db
        .updateTable("bookings")
        .set({ status: "released", ...updated() })
        .where("id", "=", id)
        .where("status", "=", status)
        .execute();
    },

    async abandon({ id }, due) {
      await heldById(id)
        .set({ status: "abandoned", ...(due === "now" ? neverSettled : updated()) })
        .execute();
    },

    leave({ id }) {
      workedOn.delete(id);
    },
  };
}

/** `updated_at` of an abandoned hold is when settling it was last tried: this stands for never. */
export const neverSettled = { updated_at: new Date(0).toISOString() };

/** The booking of an earlier, equal request. @throws as `Holds.findRepeated` */
async function findEarlier(db: LedgerDb, request: BookingRequest): Promise<ConfirmedBooking | undefined> {
  const byKey = await findByKey(db, request);
  if (byKey !== undefined && byKey.request_hash !== hashRequest(request))
    throw new BookingError("idempotency_conflict");
  if (byKey?.status === "cancelled") throw new BookingError("cancelled_since");
  const row = byKey ?? (await findSameRequest(db, request));
  if (row === undefined) return undefined;
  const earlier = toBooking(row);
  if (!isConfirmed(earlier)) throw new BookingError("in_progress");
  return earlier;
}

async function findByKey(db: LedgerDb, request: BookingRequest) {
  if (request.idempotencyKey === null) return undefined;
  return db
    .selectFrom("bookings")
    .select([...bookingColumns, "request_hash"])
    .where("customer_id", "=", request.customerId)
    .where("idempotency_key", "=", request.idempotencyKey)
    .where("status", "!=", released)
    .executeTakeFirst();
}

/** The live hold or booking of an earlier, equal request without a key. */
async function findSameRequest(
  db: LedgerDb,
  request: BookingRequest,
): Promise<SelectedBookingRow | undefined> {
  const isSame = isSameRequest(request);
  if (isSame === undefined) return undefined;
  return selectLiveWhere(db, isSame).select(bookingColumns).orderBy("sequence").executeTakeFirst();
}

/**
 * Conditions of the statement that takes a seat: no equal request without a key has a live row, and the attendee has
 * fewer than `maxOpenBookings` bookings ahead.
 * @param now epoch milliseconds.
 */
function requestConditions(
  db: LedgerDb,
  request: BookingRequest,
  { maxOpenBookings, now }: { maxOpenBookings: number | null; now: number },
): Expression<SqlBool>[] {
  const conditions: Expression<SqlBool>[] = [];
  const isSame = isSameRequest(request);
  if (isSame !== undefined) conditions.push(sql`not exists ${selectLiveWhere(db, isSame).select("id")}`);
  if (maxOpenBookings !== null) conditions.push(sql`${openBookingCount(request, now)} < ${maxOpenBookings}`);
  return conditions;
}

/** How many bookings ahead the attendee of a request has. @param now epoch milliseconds. */
async function countOpen(db: LedgerDb, request: BookingRequest, now: number): Promise<number> {
  const { rows } = await sql<{ open: number }>`select ${openBookingCount(request, now)} as open`.execute(db);
  return rows[0]?.open ?? 0;
}

function selectLiveWhere(db: LedgerDb, condition: Expression<SqlBool>) {
  return db.selectFrom("bookings").where("status", "in", live).where(condition);
}

/**
 * Whether a row is an earlier request of the same attendee for the same service, time and name.
 * @returns undefined where an idempotency key decides instead, or the attendee can't be identified.
 */
function isSameRequest(request: BookingRequest): Expression<SqlBool> | undefined {
  const isSame = request.idempotencyKey === null ? isSameAttendee(request.attendee) : undefined;
  if (isSame === undefined) return undefined;
  const { customerId, service, start, end, attendee } = request;
  // Bounds on `blocked_until_ms` let SQLite use the index by time: no index of attendees has holds.
  const latestEnd = start + longestBookingMs;
  return sql<boolean>`(customer_id = ${customerId} and moves_id is null and service = ${service}
    and start_ms = ${start} and end_ms = ${end} and blocked_until_ms > ${start} and blocked_until_ms < ${latestEnd} and ${isSame}
    and (attendee_name_key = ${toNameKey(attendee.name)}
      or (attendee_name_key is null and attendee_name = ${attendee.name})))`;
}

/** @returns undefined for an attendee with nothing but a name, which others may have too. */
function isSameAttendee({ phone, ref, email }: BookingRequest["attendee"]): Expression<SqlBool> | undefined {
  if (phone !== null || ref !== null) return belongsToAttendee({ phone, ref });
  return email === null ? undefined : sql<boolean>`lower(attendee_email) = ${email.toLowerCase()}`;
}

/**
 * Confirmed bookings ahead and holds of new ones. Either id is enough, so that an attendee with two ids can't have
 * twice as many. `status in ('held', 'abandoned')` repeats the condition of the partial index, which SQLite uses
 * only then.
 */
function openBookingCount({ customerId, attendee }: BookingRequest, now: number) {
  const from = now - longestBookingMs;
  const { phone, ref } = attendee;
  const ids = sql`select id from ${idsOfAttendee(customerId, { phone, ref: null }, from)} as by_phone
    union select id from ${idsOfAttendee(customerId, { phone: null, ref }, from)} as by_ref`;
  return sql<number>`((select count(*) from bookings where id in (${ids}) and end_ms > ${now})
    + (select count(*) from bookings where status in ('held', 'abandoned') and status = 'held'
      and customer_id = ${customerId} and moves_id is null and ${hasEitherId(attendee)}))`;
}
