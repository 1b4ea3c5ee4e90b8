import { type Expression, type SqlBool, sql } from "kysely";
import type { AttendeeIds } from "./attendee-ids.ts";
import { BookingError, type BookingRequest } from "./booking.ts";
import type { AttendeeLimits } from "./ledger.ts";
import type { LedgerPartDeps } from "./ledger-holds.ts";
import { confirmed, type LedgerDb, live } from "./ledger-queries.ts";
import { type BookingRow, nameKeyOf } from "./ledger-rows.ts";

/** How many bookings, moves and cancellations one person may make in an hour. */
const changesPerHour = 10;
/** How many of one customer's appointments may be cancelled in an hour by all persons that calls are bound to. */
export const cancellationsPerHour = 30;

const hourMs = 3_600_000;
/**
 * The clocks of two processes differ by less. A row that lies further ahead was written before a clock was set
 * back, and doesn't count.
 */
const skewMs = 60_000;

/** The part of the ledger that identifies persons and counts what each of them has changed. */
export function createAttendeeLimits({ db, now }: LedgerPartDeps): AttendeeLimits {
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

    async beginChange(customerId, person, { kind, what = null }) {
      const at = now();
      const lately = sql`customer_id = ${customerId} and at_ms > ${at - hourMs} and at_ms <= ${at + skewMs}`;
      const own = sql`(select count(*) from attendee_changes where ${lately} and ${hasEitherId(person)})`;
      const cancelled = sql`(select count(*) from attendee_changes where ${lately} and kind = 'cancel')`;
      const same = sql`exists (select 1 from attendee_changes where ${lately} and ${hasEitherId(person)}
        and kind = ${kind} and under_way = ${what})`;
      // One statement: it counts and inserts under SQLite's write lock, so of two at once one sees the other.
      const inserted = await sql<{ id: number }>`insert into attendee_changes
        (customer_id, attendee_phone, attendee_ref, kind, under_way, at_ms)
        select ${customerId}, ${person.phone}, ${person.ref}, ${kind}, ${what}, ${at}
        where not ${same} and ${own} < ${changesPerHour}
          and (${kind} <> 'cancel' or ${cancelled} < ${cancellationsPerHour})
        returning id`.execute(db);
      const [row] = inserted.rows;
      if (row !== undefined) return row.id;
      const found = await sql<{ own: number; same: number }>`select ${own} as own, ${same} as same`.execute(
        db,
      );
      const [counted = { own: 0, same: 0 }] = found.rows;
      if (counted.same === 1) return undefined;
      const isOwn = kind !== "cancel" || counted.own >= changesPerHour;
      throw new BookingError(isOwn ? "too_many_changes" : "cancellations_stopped");
    },

    async endChange(id) {
      await db.updateTable("attendee_changes").set({ under_way: null }).where("id", "=", id).execute();
    },

    async dropChange(id) {
      await db.deleteFrom("attendee_changes").where("id", "=", id).execute();
    },

    async removeChanges(before, most) {
      const { numDeletedRows } = await db
        .deleteFrom("attendee_changes")
        .where("id", "in", (eb) =>
          eb.selectFrom("attendee_changes").select("id").where("at_ms", "<", before).limit(most),
        )
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}

/** Either id is enough, so that a person who changes one of them doesn't start a new count. */
function hasEitherId({ phone, ref }: AttendeeIds): Expression<SqlBool> {
  if (ref === null) return sql<boolean>`attendee_phone = ${phone}`;
  if (phone === null) return sql<boolean>`attendee_ref = ${ref}`;
  return sql<boolean>`(attendee_ref = ${ref} or attendee_phone = ${phone})`;
}

/** Confirmed, and not over. No appointment is longer than `longestBookingMs`, which bounds the scan by start. */
function isAhead(customerId: string, now: number) {
  return sql`customer_id = ${customerId} and status = ${confirmed} and start_ms > ${now - longestBookingMs}
    and end_ms > ${now}`;
}

const longestBookingMs = 172_800_000;

/**
 * The ids of a person's confirmed bookings, by the rule of `belongsTo`. Two selects instead of one with `or`, because
 * SQLite answers the `or` by scanning all bookings of the customer.
 * @param from epoch milliseconds; those that start before it are left out.
 */
export function idsOfPerson(customerId: string, { phone, ref }: AttendeeIds, from: number) {
  const search = (condition: Expression<SqlBool>) =>
    sql`select id from bookings where customer_id = ${customerId} and status = ${confirmed} and ${condition}
      and start_ms >= ${from}`;
  const byPhone = search(
    ref === null ? sql`attendee_phone = ${phone}` : sql`attendee_phone = ${phone} and attendee_ref is null`,
  );
  return sql<string>`(${search(sql`attendee_ref = ${ref}`)} union all ${byPhone})`;
}

/** The rule of `belongsTo` as a condition, for queries that another condition narrows to few rows. */
function belongsToPerson({ phone, ref }: AttendeeIds): Expression<SqlBool> {
  if (ref === null) return sql<boolean>`attendee_phone = ${phone}`;
  return sql<boolean>`(attendee_ref = ${ref} or (attendee_phone = ${phone} and attendee_ref is null))`;
}

/** @returns undefined for an attendee with nothing but a name, which others may have too. */
function isSamePerson({ phone, ref, email }: BookingRequest["attendee"]): Expression<SqlBool> | undefined {
  if (phone !== null || ref !== null) return belongsToPerson({ phone, ref });
  return email === null ? undefined : sql<boolean>`lower(attendee_email) = ${email.toLowerCase()}`;
}

/**
 * Whether a row is an earlier request of the same person for the same service, time and name.
 * @returns undefined where an idempotency key decides instead, or the person can't be identified.
 */
function isSameRequest(request: BookingRequest): Expression<SqlBool> | undefined {
  const person = request.idempotencyKey === null ? isSamePerson(request.attendee) : undefined;
  if (person === undefined) return undefined;
  const { customerId, service, start, end, attendee } = request;
  // Bounds on `blocked_until_ms` let SQLite use the index by time: no index of persons has holds.
  const latestEnd = start + longestBookingMs;
  return sql<boolean>`(customer_id = ${customerId} and moves_id is null and service = ${service}
    and start_ms = ${start} and end_ms = ${end} and blocked_until_ms > ${start} and blocked_until_ms < ${latestEnd} and ${person}
    and (attendee_name_key = ${nameKeyOf(attendee.name)}
      or (attendee_name_key is null and attendee_name = ${attendee.name})))`;
}

/** The hold or booking that an earlier request without a key has led to, and that still stands. */
export async function findSameRequest(
  db: LedgerDb,
  request: BookingRequest,
): Promise<BookingRow | undefined> {
  const isSame = isSameRequest(request);
  if (isSame === undefined) return undefined;
  return selectLive(db, isSame).selectAll().orderBy("sequence").executeTakeFirst();
}

function selectLive(db: LedgerDb, condition: Expression<SqlBool>) {
  return db.selectFrom("bookings").where("status", "in", live).where(condition);
}

/**
 * What must hold in the statement that takes a place: the same request hasn't been made before, and the person has
 * fewer than `maxOpenBookings` appointments ahead.
 * @param now epoch milliseconds.
 */
export function holdConditions(
  db: LedgerDb,
  request: BookingRequest,
  { maxOpenBookings, now }: { maxOpenBookings: number | null; now: number },
): Expression<SqlBool>[] {
  const conditions: Expression<SqlBool>[] = [];
  const isSame = isSameRequest(request);
  if (isSame !== undefined) conditions.push(sql`not exists ${selectLive(db, isSame).select("id")}`);
  if (maxOpenBookings !== null) conditions.push(sql`${openBookingCount(request, now)} < ${maxOpenBookings}`);
  return conditions;
}

/** How many appointments ahead the person of a request has. @param now epoch milliseconds. */
export async function countOpen(db: LedgerDb, request: BookingRequest, now: number): Promise<number> {
  const { rows } = await sql<{ open: number }>`select ${openBookingCount(request, now)} as open`.execute(db);
  return rows[0]?.open ?? 0;
}

/**
 * Confirmed appointments ahead and holds of new ones. Either id is enough, so that a person with two ids can't have
 * twice as many. `status in ('held', 'abandoned')` repeats the condition of the partial index, which SQLite uses
 * only then.
 */
function openBookingCount({ customerId, attendee }: BookingRequest, now: number) {
  const from = now - longestBookingMs;
  const { phone, ref } = attendee;
  const ids = sql`select id from ${idsOfPerson(customerId, { phone, ref: null }, from)}
    union select id from ${idsOfPerson(customerId, { phone: null, ref }, from)}`;
  return sql<number>`((select count(*) from bookings where id in (${ids}) and end_ms > ${now})
    + (select count(*) from bookings where status in ('held', 'abandoned') and status = 'held'
      and customer_id = ${customerId} and moves_id is null and ${hasEitherId(attendee)}))`;
}
