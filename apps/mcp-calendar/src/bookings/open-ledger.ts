import { randomUUID } from "node:crypto";
import { type Database, migrate } from "@cita/database";
import { type SelectQueryBuilder, sql } from "kysely";
import { openInstanceStore } from "../instances/instance-store.ts";
import type { BookingFilter, Ledger, PageFilter } from "./ledger.ts";
import { createAttendeeLimits, idsOfPerson } from "./ledger-attendees.ts";
import { createChanges } from "./ledger-changes.ts";
import { createHolds, type MayHold } from "./ledger-holds.ts";
import { confirmed, everConfirmed, type LedgerDb, selectInForce } from "./ledger-queries.ts";
import { type BookingRow, toBooking } from "./ledger-rows.ts";
import { type BookingTables, bookingMigrations } from "./migrations.ts";

export type LedgerDeps = {
  db: Database;
  /** Under which its holds are known, and its heartbeat. Default: one of its own. */
  instanceId?: string;
  /**
   * What has to be true of a customer at the moment in which a time is held for it: a call that was under way when
   * the customer was removed leaves no row behind. Default: nothing.
   */
  mayHold?: MayHold;
  now?: () => number;
};

/** The ledger as a table of this service's database. */
export async function openLedger(deps: LedgerDeps): Promise<Ledger> {
  const { db: database, instanceId = randomUUID(), mayHold = anybody, now = Date.now } = deps;
  await migrate(database, bookingMigrations);
  // Whose holds are abandoned is asked of its table.
  await openInstanceStore({ db: database, now });
  const db = database.withTables<BookingTables>();
  return {
    ...createHolds({ db, instanceId, mayHold, now }),
    ...createChanges({ db, instanceId, now }),
    ...createAttendeeLimits({ db, instanceId, now }),
    ...createLookUps(db),
  };
}

const anybody: MayHold = () => sql<boolean>`true`;

type LookUp = "find" | "list" | "page" | "countStranded" | "inForce" | "check";

function createLookUps(db: LedgerDb): Pick<Ledger, LookUp> {
  const bookingsOf = (customerId: string) =>
    db.selectFrom("bookings").selectAll().where("customer_id", "=", customerId);

  return {
    async find(customerId, bookingId) {
      const row = await db
        .selectFrom("bookings")
        .selectAll()
        .where("id", "=", bookingId)
        .where("customer_id", "=", customerId)
        .where("moves_id", "is", null)
        .executeTakeFirst();
      return row && toBooking(row);
    },

    async list(customerId, filter) {
      const { person } = filter;
      const asked =
        person === undefined
          ? narrow(bookingsOf(customerId), filter)
          : db
              .selectFrom("bookings")
              .selectAll()
              .where("id", "in", idsOfPerson(customerId, person, 0));
      const rows = await asked
        .where("status", "=", confirmed)
        .where("start_ms", "<", filter.end)
        .where("end_ms", ">", filter.start)
        .orderBy("start_ms")
        .limit(filter.most)
        .execute();
      return rows.map(toBooking);
    },

    async page(customerId, { after, until, status, most }) {
      const rows = await bookingsOf(customerId)
        .where(sql<boolean>`(start_ms, id) > (${after.start}, ${after.id})`)
        .$if(until !== undefined, (query) => query.where("start_ms", "<", until ?? 0))
        .$call((query) => narrowByStatus(query, status))
        .orderBy("start_ms")
        .orderBy("id")
        .limit(most)
        .execute();
      return rows.map(toBooking);
    },

    async countStranded(customerId, { accountId, after }) {
      const { stranded } = await strandedOf(db.selectFrom("bookings"), accountId)
        .select(({ fn }) => fn.countAll<number>().as("stranded"))
        .where("customer_id", "=", customerId)
        .where("start_ms", ">", after)
        .executeTakeFirstOrThrow();
      return stranded;
    },

    inForce: (customerId, span, eventIds) => selectInForce(db, customerId, span, eventIds),

    async check() {
      await sql`select 1`.execute(db);
    },
  };
}

type Rows = SelectQueryBuilder<BookingTables, "bookings", BookingRow>;

function narrowByStatus(query: Rows, status: PageFilter["status"]): Rows {
  if (typeof status === "object") return strandedOf(query, status.accountId);
  const once = query.where("status", "in", everConfirmed);
  return status === "all" ? once : once.where("status", "=", status);
}

/** As the index of them has it, so that confirmed bookings of this account aren't read. */
function strandedOf<T>(query: SelectQueryBuilder<BookingTables, "bookings", T>, accountId: string) {
  return query
    .where("status", "=", confirmed)
    .where("account_id", "is not", null)
    .where("account_id", "!=", accountId);
}

/** One person's by the indexes of phones and addresses, all of a range by the index of starts. */
function narrow(query: Rows, { phone, email, start }: BookingFilter): Rows {
  if (phone === undefined && email === undefined)
    // None lasts longer than two days, so that what has been needn't be read.
    return query.where("status", "in", everConfirmed).where("start_ms", ">", start - longestBookingMs);
  return query.where((eb) =>
    eb.or([
      ...(phone === undefined ? [] : [eb("attendee_phone", "=", phone)]),
      ...(email === undefined ? [] : [eb(sql`lower(attendee_email)`, "=", email.toLowerCase())]),
    ]),
  );
}

/** An appointment lasts twelve hours at most; one that a person made longer by hand is listed by its start. */
const longestBookingMs = 172_800_000;
