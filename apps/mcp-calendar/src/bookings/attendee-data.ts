import { setImmediate as yieldToOthers } from "node:timers/promises";
import type { Database } from "@cita/database";
import { type Expression, type SqlBool, sql } from "kysely";
import type { Attendee, Booking } from "./booking.ts";
import type { BookingPosition } from "./ledger.ts";
import { allOf, confirmed, type LedgerDb, listed, unsettled } from "./ledger-queries.ts";
import { toBooking } from "./ledger-rows.ts";
import type { BookingTables } from "./migrations.ts";

/**
 * What the ledger keeps of one person, for whom the law lets ask: to be exported, and to be erased. Other than an
 * agent's call, which `belongsTo` bounds, an admin means every row that has any of the person's identifiers.
 */
export type AttendeeData = {
  /** Bookings and holds in whichever state, and the holds of their moves, by start and id after a position. */
  page(whose: Whose, after: BookingPosition, most: number): Promise<AttendeeRecord[]>;
  /** How many appointments lie ahead, are under way, or aren't settled yet. */
  countAhead(whose: Whose): Promise<number>;
  /**
   * Takes the person out of all rows that are over, cancelled or released, and forgets the counted changes. The rows
   * stay, so that what is counted and what the activity log names stay true.
   */
  erase(whose: Whose): Promise<ErasedAttendee>;
};

export type Whose = {
  readonly customerId: string;
  readonly attendee: Pick<Attendee, "phone" | "email" | "ref">;
};

export type AttendeeRecord = Booking & { readonly idempotencyKey: string | null };

export type ErasedAttendee = {
  readonly rows: number;
  /** Of appointments that were kept: their events are in the business's calendar still. At most `maxEvents`. */
  readonly eventIds: readonly string[];
  readonly hasMoreEvents: boolean;
};

type Deps = { db: Database; maxEvents: number; now: () => number };

/** In one transaction, which keeps other writers waiting. */
const rowsAtOnce = 200;

/** Over the ledger's table, which the ledger has brought up to date. */
export function createAttendeeData({ db: database, maxEvents, now }: Deps): AttendeeData {
  const db = database.withTables<BookingTables>();

  return {
    async page(whose, after, most) {
      const rows = await db
        .selectFrom("bookings")
        .selectAll()
        .where(allOf(whose.customerId))
        .where(isPersonsOrMoves(db, whose))
        .where(sql<boolean>`(start_ms, id) > (${after.start}, ${after.id})`)
        .orderBy("start_ms")
        .orderBy("id")
        .limit(most)
        .execute();
      return rows.map((row) => ({ ...toBooking(row), idempotencyKey: row.idempotency_key }));
    },

    async countAhead(whose) {
      const { ahead } = await db
        .selectFrom("bookings")
        // A booking that is being moved is one appointment.
        .select(sql<number>`count(distinct coalesce(moves_id, id))`.as("ahead"))
        .where(allOf(whose.customerId))
        .where(isPersonsOrMoves(db, whose))
        .where(({ not }) => not(isOver(now())))
        .executeTakeFirstOrThrow();
      return ahead;
    },

    async erase(whose) {
      const eventIds: string[] = [];
      for (let rows = 0; ; await yieldToOthers()) {
        const page = await db.transaction().execute((trx) => erasePage(trx, whose, now()));
        rows += page.rows;
        // One more than is told, to know that there are more.
        eventIds.push(...page.eventIds.slice(0, maxEvents + 1 - eventIds.length));
        if (page.rows === 0)
          return { rows, eventIds: eventIds.slice(0, maxEvents), hasMoreEvents: eventIds.length > maxEvents };
      }
    },
  };
}

/** What was erased is found by no identifier any more, so each page is the first of what is left. */
async function erasePage(trx: LedgerDb, { customerId, attendee }: Whose, now: number) {
  const { phone, ref } = attendee;
  const page = await trx
    .selectFrom("bookings")
    .select(["id", "status", "event_id"])
    .where(allOf(customerId))
    .where(isPersons(attendee))
    .where(isOver(now))
    .limit(rowsAtOnce)
    .execute();
  const ids = listed(page.map(({ id }) => id));
  const { numUpdatedRows } = await trx
    .updateTable("bookings")
    .set(nobody)
    .where(allOf(customerId))
    // The hold of a move bears the name, and no identifier to be found by.
    .where(sql<boolean>`(id in ${ids} or moves_id in ${ids})`)
    .executeTakeFirstOrThrow();
  await trx
    .deleteFrom("attendee_changes")
    .where("customer_id", "=", customerId)
    .where((eb) => eb.or([eb("attendee_phone", "=", phone), eb("attendee_ref", "=", ref)]))
    .execute();
  const eventIds = page.filter(({ status }) => status === "confirmed").map(({ event_id }) => event_id);
  return { rows: Number(numUpdatedRows), eventIds };
}

/**
 * The key is the agent's own word, in which a number may stand, and the hash is made of name and number, of which
 * there are few enough to try.
 */
const nobody = {
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
function isPersons({ phone, email, ref }: Whose["attendee"]): Expression<SqlBool> {
  const address = email?.toLowerCase() ?? null;
  return sql<boolean>`(attendee_phone = ${phone} or lower(attendee_email) = ${address} or attendee_ref = ${ref})`;
}

function isPersonsOrMoves(db: LedgerDb, { customerId, attendee }: Whose): Expression<SqlBool> {
  const own = db.selectFrom("bookings").select("id").where(allOf(customerId)).where(isPersons(attendee));
  return sql<boolean>`(${isPersons(attendee)} or moves_id in ${own})`;
}

function isOver(now: number): Expression<SqlBool> {
  const isUnsettled = sql`status in (${sql.join(unsettled)})`;
  return sql<boolean>`(not ${isUnsettled} and not (status = ${confirmed} and end_ms > ${now}))`;
}
