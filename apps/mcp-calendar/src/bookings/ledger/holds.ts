import type { Expression, SqlBool } from "kysely";
import { type BookingRequest, type ConfirmedBooking, isConfirmed } from "../booking.ts";
import { BookingError } from "../booking-error.ts";
import { countOpen, findSameRequest, requestConditions } from "./attendee-matching.ts";
import type { Holds } from "./ledger.ts";
import { insertIfFree, type LedgerDb, type LedgerPartDeps, released } from "./queries.ts";
import {
  type BookingRow,
  hashRequest,
  type NewBookingRow,
  toBooking,
  toEventColumns,
  toHold,
  toRequestRow,
} from "./rows.ts";

/** A condition on the customer, checked by the statement that holds a range. */
export type MayHold = (customerId: string) => Expression<SqlBool>;

export type HoldPartDeps = LedgerPartDeps & {
  readonly mayHold: MayHold;
  /** Ids of the holds that a call of this instance works on. Its other holds were left behind by failures. */
  readonly workedOn: Set<string>;
};

/** The part of the ledger that turns a request into a hold, and a hold into a confirmed or released booking. */
export function createHolds(deps: HoldPartDeps): Holds {
  const { db, instanceId, workedOn, now } = deps;
  const updated = () => ({ updated_at: new Date(now()).toISOString() });
  const heldById = (id: string) =>
    db.updateTable("bookings").where("id", "=", id).where("status", "=", "held");

  return {
    async findRepeated(request) {
      return findEarlier(db, request);
    },

    async hold(request, terms) {
      const { maxOpenBookings } = terms;
      const row = toRequestRow(request, terms, { instanceId, now: now() });
      // Twice: the row that was in the way may have been released between the two statements.
      for (let attempts = 0; attempts < 2; attempts++) {
        const earlier = await findEarlier(db, request);
        if (earlier !== undefined) return earlier;
        const conditions = requestConditions(db, request, { maxOpenBookings, now: now() });
        const held = await insertHold(deps, row, request.capacity, conditions);
        if (held !== undefined) return toHold(held);
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

    async confirm({ id }, event) {
      const { numUpdatedRows } = await heldById(id)
        .set({ status: "confirmed", ...toEventColumns(event), ...updated() })
        .executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    },

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

/** Adds the id to `workedOn` before inserting the row: a take-over may run right after the insert. */
export async function insertHold(
  { db, mayHold, workedOn }: HoldPartDeps,
  row: NewBookingRow,
  capacity: number,
  conditions: readonly Expression<SqlBool>[] = [],
): Promise<BookingRow | undefined> {
  workedOn.add(row.id);
  let held: BookingRow | undefined;
  try {
    held = await insertIfFree(db, row, capacity, [mayHold(row.customer_id), ...conditions]);
  } finally {
    if (held === undefined) workedOn.delete(row.id);
  }
  return held;
}

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

async function findByKey(db: LedgerDb, request: BookingRequest): Promise<BookingRow | undefined> {
  if (request.idempotencyKey === null) return undefined;
  return db
    .selectFrom("bookings")
    .selectAll()
    .where("customer_id", "=", request.customerId)
    .where("idempotency_key", "=", request.idempotencyKey)
    .where("status", "!=", released)
    .executeTakeFirst();
}
