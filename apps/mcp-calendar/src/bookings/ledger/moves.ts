import { type HeldMove, toMoveId, writesOwnEvent } from "../booking.ts";
import { BookingError } from "../booking-error.ts";
import { type LedgerDb, unsettled } from "./conditions.ts";
import { type HoldPartDeps, insertHold } from "./holds.ts";
import type { Moves } from "./ledger.ts";
import { toEventColumns, toHold, toMoveRow, toRangeColumns } from "./rows.ts";

/** The part of the ledger that gives confirmed bookings another range. */
export function createMoves(deps: HoldPartDeps): Moves {
  const { db, instanceId, now } = deps;
  const updated = () => ({ updated_at: new Date(now()).toISOString() });

  return {
    async holdMove(booking, to, terms) {
      const row = toMoveRow(booking, to, terms, { instanceId, now: now() });
      const held = await insertHold(deps, row, to.capacity);
      if (held !== undefined) return { ...toHold(held), moves: booking.id };
      throw new BookingError((await findMove(db, booking)) === undefined ? "taken" : "in_progress");
    },

    findMove: (booking) => findMove(db, booking),

    async completeMove(move, event) {
      const hasOwnEvent = writesOwnEvent(move);
      return db.transaction().execute(async (transaction) => {
        const { numUpdatedRows } = await transaction
          .updateTable("bookings")
          // `event_id` is unique, and the booking takes the event over below.
          .set({ status: "released", ...(hasOwnEvent && { event_id: toMoveId(move.id) }), ...updated() })
          .where("id", "=", move.id)
          .where("status", "=", "held")
          .where(({ exists, selectFrom }) =>
            exists(
              selectFrom("bookings as moved")
                .select("id")
                .where("moved.id", "=", move.moves)
                .where("moved.status", "=", "confirmed"),
            ),
          )
          .executeTakeFirstOrThrow();
        if (numUpdatedRows === 0n) return false;
        await transaction
          .updateTable("bookings")
          .set({ ...toRangeColumns(move), seat: move.seat, ...updated() })
          .$if(hasOwnEvent, (query) =>
            query.set({
              event_id: move.eventId,
              account_id: move.accountId,
              ...(event && toEventColumns(event)),
            }),
          )
          .where("id", "=", move.moves)
          .execute();
        return true;
      });
    },
  };
}

async function findMove(db: LedgerDb, { id }: { id: string }): Promise<HeldMove | undefined> {
  const row = await db
    .selectFrom("bookings")
    .selectAll()
    .where("moves_id", "=", id)
    .where("status", "in", unsettled)
    .executeTakeFirst();
  return row && { ...toHold(row), moves: id };
}
