import { rowLock } from "@cita/database";
import { type ConfirmedBooking, type HeldMove, isConfirmed } from "../booking.ts";
import { BookingError } from "../booking-error.ts";
import { type LedgerDb, unsettled } from "./conditions.ts";
import { currentAuthor, toRescheduled } from "./events.ts";
import { keepInvitation } from "./invitations.ts";
import type { Moves } from "./ledger.ts";
import {
  bookingColumns,
  toBooking,
  toChangeColumns,
  toEventColumns,
  toHold,
  toMoveRow,
  toRangeColumns,
} from "./rows.ts";
import type { BookingTables } from "./tables.ts";
import { type HoldPartDeps, insertHold } from "./take-seat.ts";

/** The part of the ledger that gives confirmed bookings another range. */
export function createMoves(deps: HoldPartDeps): Moves {
  const { db, events, by, instanceId, inviting, now } = deps;
  const updated = () => toChangeColumns(now());

  return {
    async holdMove(booking, to, terms) {
      const row = toMoveRow(booking, to, terms, { instanceId, now: now(), author: currentAuthor(by) });
      // Twice: another move of the booking that was in the way may have been given up between the two statements.
      for (let attempts = 0; attempts < 2; attempts++) {
        const held = await insertHold(deps, row, to.capacity);
        if (held !== undefined) return { ...toHold(held), moves: booking.id };
        // In this order: a move that has ended by now may have changed the booking.
        if ((await findMove(db, booking)) !== undefined || (await isChanged(db, booking)))
          throw new BookingError("in_progress");
      }
      throw new BookingError("taken");
    },

    findMove: (booking) => findMove(db, booking),

    completeMove: (move, event) =>
      keepInvitation(inviting, move.moves, event, () =>
        events.transaction(async (trx, append) => {
          const transaction = trx.withTables<BookingTables>();
          const booking = await lockConfirmed(transaction, move.moves);
          if (booking === undefined) return false;
          const { numUpdatedRows } = await transaction
            .updateTable("bookings")
            .set({ status: "released", ...updated() })
            .where("id", "=", move.id)
            .where("status", "=", "held")
            .executeTakeFirstOrThrow();
          if (numUpdatedRows === 0n) return false;
          await transaction
            .updateTable("bookings")
            .set({ ...toRangeColumns(move), seat: move.seat, ...updated() })
            .$if(event !== undefined, (query) =>
              query.set({
                ...{ account_id: move.accountId, instance_id: instanceId, invite_after_ms: null },
                ...(event && toEventColumns(event)),
              }),
            )
            .where("id", "=", move.moves)
            .execute();
          await append(toRescheduled(booking, { from: booking.start, to: move, ...currentAuthor(by) }));
          return true;
        }),
      ),
  };
}

/** Nobody else changes the booking until the transaction's end. */
async function lockConfirmed(trx: LedgerDb, id: string): Promise<ConfirmedBooking | undefined> {
  const row = await trx
    .selectFrom("bookings")
    .select(bookingColumns)
    .where("id", "=", id)
    .modifyEnd(rowLock(trx, "for update"))
    .executeTakeFirst();
  const booking = row && toBooking(row);
  return booking !== undefined && isConfirmed(booking) ? booking : undefined;
}

/** Whether the booking was changed since it was read. */
async function isChanged(db: LedgerDb, { id, version, updatedAt }: ConfirmedBooking): Promise<boolean> {
  const row = await db
    .selectFrom("bookings")
    .select(["version", "updated_at"])
    .where("id", "=", id)
    .executeTakeFirst();
  return row?.version !== version || Date.parse(row.updated_at) !== updatedAt;
}

async function findMove(db: LedgerDb, { id }: { id: string }): Promise<HeldMove | undefined> {
  const row = await db
    .selectFrom("bookings")
    .select(bookingColumns)
    .where("moves_id", "=", id)
    .where("status", "in", unsettled)
    .executeTakeFirst();
  return row && { ...toHold(row), moves: id };
}
