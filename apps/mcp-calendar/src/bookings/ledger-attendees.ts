import { type Expression, type SqlBool, sql } from "kysely";
import type { AttendeeIds } from "../attendees/bound-attendee.ts";
import { BookingError, type BookingRequest } from "./booking.ts";
import type { AttendeeLimits } from "./ledger.ts";
import type { LedgerPartDeps } from "./ledger-holds.ts";
import { confirmed, type LedgerDb, live } from "./ledger-queries.ts";
import { type BookingRow, nameKeyOf } from "./ledger-rows.ts";

/** What a person may change in an hour: book, move and cancel. */
export const changesPerHour = 10;
/** What all persons whom calls are bound to may cancel of one customer's appointments in an hour. */
export const cancellationsPerHour = 30;

const hourMs = 3_600_000;
/** Clocks of several processes differ by less. What lies further ahead was noted before a clock was set back. */
const skewMs = 60_000;

/** The part of the ledger that knows persons: whom two headers name, and how much each has changed. */
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

/** By whichever id: who changes one of them begins no new hour. */
function hasEitherId({ phone, ref }: AttendeeIds): Expression<SqlBool> {
  if (ref === null) return sql<boolean>`attendee_phone = ${phone}`;
  if (phone === null) return sql<boolean>`attendee_ref = ${ref}`;
  return sql<boolean>`(attendee_ref = ${ref} or attendee_phone = ${phone})`;
}

/** Confirmed, and not over. No appointment lasts longer than two days, so that what has been needn't be read. */
function isAhead(customerId: string, now: number) {
  return sql`customer_id = ${customerId} and status = ${confirmed} and start_ms > ${now - longestBookingMs}
    and end_ms > ${now}`;
}

const longestBookingMs = 172_800_000;

/**
 * The ids of a person's confirmed bookings, by the rule of `belongsTo`. Each of the two ways is a search of its own:
 * of an `or` SQLite makes a search of all that the customer has.
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

/** The same rule as a condition, where few rows are looked at. */
function belongsToPerson({ phone, ref }: AttendeeIds): Expression<SqlBool> {
  if (ref === null) return sql<boolean>`attendee_phone = ${phone}`;
  return sql<boolean>`(attendee_ref = ${ref} or (attendee_phone = ${phone} and attendee_ref is null))`;
}

/** Who is known by nothing but a name can't be told from another of that name. */
function isSamePerson({ phone, ref, email }: BookingRequest["attendee"]): Expression<SqlBool> | undefined {
  if (phone !== null || ref !== null) return belongsToPerson({ phone, ref });
  return email === null ? undefined : sql<boolean>`lower(attendee_email) = ${email.toLowerCase()}`;
}

/** Whether a row is what the same person has asked for before, without a key to tell. */
function isSameRequest(request: BookingRequest): Expression<SqlBool> | undefined {
  const person = request.idempotencyKey === null ? isSamePerson(request.attendee) : undefined;
  if (person === undefined) return undefined;
  const { customerId, service, start, end, attendee } = request;
  // By the time, which few have: holds are in no index of persons.
  const longest = start + longestBookingMs;
  return sql<boolean>`(customer_id = ${customerId} and moves_id is null and service = ${service}
    and start_ms = ${start} and end_ms = ${end} and blocked_until_ms > ${start} and blocked_until_ms < ${longest} and ${person}
    and (attendee_name_key = ${nameKeyOf(attendee.name)}
      or (attendee_name_key is null and attendee_name = ${attendee.name})))`;
}

/** What the same person has asked for before, without a key, and still has. */
export async function findSameRequest(
  db: LedgerDb,
  request: BookingRequest,
): Promise<BookingRow | undefined> {
  const isSame = isSameRequest(request);
  if (isSame === undefined) return undefined;
  return db
    .selectFrom("bookings")
    .selectAll()
    .where("status", "in", live)
    .where(sql<boolean>`${isSame}`)
    .orderBy("sequence")
    .executeTakeFirst();
}

/** What has to be true at the moment in which a place is taken: it isn't asked for twice, nor by somebody who has enough. */
export function holdConditions(
  db: LedgerDb,
  request: BookingRequest,
  { mostOpen, now }: { mostOpen: number | null; now: number },
): Expression<SqlBool>[] {
  const isSame = isSameRequest(request);
  const repeated = db
    .selectFrom("bookings")
    .select("id")
    .where("status", "in", live)
    .where(sql<boolean>`${isSame}`);
  return [
    ...(isSame === undefined ? [] : [sql<boolean>`not exists ${repeated}`]),
    ...(mostOpen === null ? [] : [sql<boolean>`${openBookingCount(request, now)} < ${mostOpen}`]),
  ];
}

export async function countOpen(db: LedgerDb, request: BookingRequest, now: number): Promise<number> {
  const { rows } = await sql<{ open: number }>`select ${openBookingCount(request, now)} as open`.execute(db);
  return rows[0]?.open ?? 0;
}

/**
 * How many appointments ahead the person of a request has, with those that are being made at this moment: by either
 * id, so that who is known by two has no more than others.
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
