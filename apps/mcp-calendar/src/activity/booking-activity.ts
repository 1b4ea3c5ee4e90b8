import type { ConnectedAccount } from "@cita/consent";
import { createClock, formatTime, hourMs, type Interval, isSameInterval } from "@cita/scheduling";
import type { ConfirmedEntry, HeldBooking } from "../bookings/booking.ts";
import { BookingError } from "../bookings/booking-error.ts";
import { maxCancellationsPerHour } from "../bookings/ledger/attendee-limits.ts";
import type { Ledger } from "../bookings/ledger/ledger.ts";
import type { ActivityEvent, ChangedBy } from "./activity-log.ts";
import type { RecordActivity } from "./recorder.ts";

type RecordBookingsDeps = {
  readonly record: RecordActivity;
  /** Who asks for the changes that are made through this ledger. */
  readonly by: Exclude<ChangedBy, "calendar">;
  readonly now: () => number;
};

/**
 * Wraps the ledger: records what becomes of bookings, whether an agent, an admin, the sweeper or somebody in the calendar
 * itself changes them.
 */
export function recordBookings(ledger: Ledger, { record, by, now }: RecordBookingsDeps): Ledger {
  return {
    ...ledger,

    async confirm(...given) {
      const [hold, { timeZone }] = given;
      const confirmed = await ledger.confirm(...given);
      if (confirmed) await record(async () => toBooked(hold, timeZone));
      return confirmed;
    },

    async completeMove(...given) {
      const [move] = given;
      const booking = await ledger.find(move.customerId, move.moves).catch(() => undefined);
      const completed = await ledger.completeMove(...given);
      if (completed && booking?.status === "confirmed") {
        await record(async () => toRescheduled(booking, move, by, move.id));
      }
      return completed;
    },

    async cancel(...given) {
      const [booking] = given;
      await ledger.cancel(...given);
      await record(() => findCancellation(ledger, booking, by));
    },

    async beginChange(...given) {
      const [customerId] = given;
      return ledger.beginChange(...given).catch(async (error: unknown) => {
        if (error instanceof BookingError && error.code === "cancellations_stopped")
          await record(toCancellationsStopped(customerId, now()));
        throw error;
      });
    },

    async follow(...given) {
      const [booking, event] = given;
      await ledger.follow(...given);
      await record(() =>
        event === undefined
          ? findCancellation(ledger, booking, "calendar")
          : findMoveByHand(ledger, booking, event),
      );
    },
  };
}

/** Records that bookings ahead are in the calendar of another account than the one just connected. */
export type RecordStranded = (connected: ConnectedAccount) => Promise<void>;

type StrandedDeps = { ledger: Pick<Ledger, "countStranded">; record: RecordActivity; now: () => number };

export function createStrandedRecorder({ ledger, record, now }: StrandedDeps): RecordStranded {
  return ({ customerId, linkId, accountId, previousAccountId }) =>
    record(async () => {
      // The same account again strands nothing that wasn't before.
      if (accountId === null || previousAccountId === accountId) return undefined;
      const count = await ledger.countStranded(customerId, { accountId, after: now() });
      if (count === 0) return undefined;
      return {
        customerId,
        kind: "bookings_stranded",
        once: `bookings_stranded ${linkId}`,
        detail: { count },
      };
    });
}

/** One entry an hour, since refused attempts go on. */
function toCancellationsStopped(customerId: string, at: number): ActivityEvent {
  return {
    customerId,
    kind: "cancellations_stopped",
    once: `cancellations_stopped ${customerId} ${Math.floor(at / hourMs)}`,
    detail: {
      cancellations: maxCancellationsPerHour,
      message:
        "So many appointments were cancelled within an hour by calls that serve single persons that no more are " +
        "cancelled for now. Look who they were; an agent key of audience business still cancels.",
    },
  };
}

function toBooked(hold: HeldBooking, timeZone: string): ActivityEvent {
  const { customerId, id, service } = hold;
  return {
    customerId,
    kind: "booked",
    once: `booked ${id}`,
    detail: { booking_id: id, service, ...formatRange(hold, timeZone) },
  };
}

function toRescheduled(booking: ConfirmedEntry, to: Interval, by: ChangedBy, move: string): ActivityEvent {
  const { customerId, id, timeZone } = booking;
  const { start: from } = formatRange(booking, timeZone);
  return {
    customerId,
    kind: "rescheduled",
    once: `rescheduled ${move}`,
    detail: { booking_id: id, from, ...formatRange(to, timeZone), by },
  };
}

/** @returns undefined where the booking was already there, or was moved again or cancelled in the meantime. */
async function findMoveByHand(
  ledger: Ledger,
  booking: ConfirmedEntry,
  event: Interval,
): Promise<ActivityEvent | undefined> {
  if (isSameInterval(event, booking)) return undefined;
  const present = await ledger.find(booking.customerId, booking.id);
  if (present?.status !== "confirmed" || present.start !== event.start) return undefined;
  // The same for every reading that notices the move: they all compare with this version of the booking.
  return toRescheduled(booking, event, "calendar", `${booking.id} ${booking.updatedAt} ${event.start}`);
}

/** @returns undefined where the booking was moved in the meantime, and so isn't cancelled. */
async function findCancellation(
  ledger: Ledger,
  booking: ConfirmedEntry,
  by: ChangedBy,
): Promise<ActivityEvent | undefined> {
  const { customerId, id, timeZone } = booking;
  if ((await ledger.find(customerId, id))?.status !== "cancelled") return undefined;
  const { start } = formatRange(booking, timeZone);
  return {
    customerId,
    kind: "cancelled",
    once: `cancelled ${id}`,
    detail: { booking_id: id, start, by },
  };
}

/** With the business's offset, as in the views of bookings. */
function formatRange({ start, end }: Interval, timeZone: string) {
  const clock = createClock(timeZone);
  return { start: formatTime(clock, start).iso, end: formatTime(clock, end).iso };
}
