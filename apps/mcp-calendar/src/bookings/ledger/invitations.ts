import { rowLock, valueList } from "@cita/database";
import { sql } from "kysely";
import { type BookedEvent, isConfirmed } from "../booking.ts";
import type { LedgerDb, LedgerPartDeps } from "./conditions.ts";
import type { Invitations } from "./ledger.ts";
import { bookingColumns, toBooking } from "./rows.ts";

type InvitationPartDeps = LedgerPartDeps & {
  /** Ids of the bookings whose invitations a call of this instance, or its sweeper, is sending. */
  readonly inviting: Set<string>;
};

/** The part of the ledger for invitations that are still to be sent. */
export function createInvitations({ db, instanceId, inviting, now }: InvitationPartDeps): Invitations {
  return {
    async isInviting({ id }) {
      const row = await db
        .selectFrom("bookings")
        .select("id")
        .where("id", "=", id)
        .where(isPendingHere(instanceId))
        .executeTakeFirst();
      return row !== undefined;
    },

    async endInviting({ id }, state) {
      await db
        .updateTable("bookings")
        .set({ invitation: state })
        .where("id", "=", id)
        .where(isPendingHere(instanceId))
        // The event may be gone because the booking is being cancelled, which ends the invitation too.
        .$if(state === "refused", (query) => query.where("cancelling_instance_id", "is", null))
        .execute();
      inviting.delete(id);
    },

    leaveInviting({ id }) {
      inviting.delete(id);
    },

    async takeOverInvitations(limit, inviteAgainMs) {
      const at = now();
      const leftBehind = selectLeftBehind(db, { instanceId, inviting, at, inviteAgainMs }).limit(limit);
      const rows = await db
        .with("left_behind", () => leftBehind.modifyEnd(rowLock(db, "for update skip locked")))
        .updateTable("bookings")
        .set({ instance_id: instanceId, invite_after_ms: at + inviteAgainMs })
        .where("id", "in", (eb) => eb.selectFrom("left_behind").select("id"))
        .returning(bookingColumns)
        .execute();
      // A call may have begun in the meantime.
      const left = rows.filter(({ id }) => !inviting.has(id));
      for (const { id } of left) inviting.add(id);
      return left.map(toBooking).filter(isConfirmed);
    },
  };
}

/**
 * Adds the id to `inviting` before the booking is confirmed with a pending invitation: a take-over may run right after
 * that.
 */
export async function keepInvitation(
  inviting: Set<string>,
  bookingId: string,
  event: BookedEvent | undefined,
  confirm: () => Promise<boolean>,
): Promise<boolean> {
  if (event?.invitation !== "pending") return confirm();
  inviting.add(bookingId);
  let isConfirmed = false;
  try {
    isConfirmed = await confirm();
  } finally {
    if (!isConfirmed) inviting.delete(bookingId);
  }
  return isConfirmed;
}

/** `invitation = 'pending'` repeats the condition of the partial index, which SQLite uses only then. */
function isPendingHere(instanceId: string) {
  return sql<boolean>`(invitation = 'pending' and status = 'confirmed' and instance_id = ${instanceId})`;
}

type LeftBehind = {
  readonly instanceId: string;
  readonly inviting: ReadonlySet<string>;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly inviteAgainMs: number;
};

/** A time further ahead than twice `inviteAgainMs`, since the clocks of instances differ, was stored by a wrong clock. */
function selectLeftBehind(db: LedgerDb, { instanceId, inviting, at, inviteAgainMs }: LeftBehind) {
  const isDue = sql`(invite_after_ms is null or invite_after_ms <= ${at} or invite_after_ms > ${at + 2 * inviteAgainMs})`;
  const isGone = sql`(instance_id is null or (instance_id <> ${instanceId} and instance_id not in (select id from instances)))`;
  const isLeft = sql`(instance_id = ${instanceId} and id not in ${valueList(db, "text", [...inviting])})`;
  return db
    .selectFrom("bookings")
    .select("id")
    .where(
      sql<boolean>`(invitation = 'pending' and status = 'confirmed' and ${isDue} and (${isGone} or ${isLeft}))`,
    )
    .orderBy("invite_after_ms");
}
