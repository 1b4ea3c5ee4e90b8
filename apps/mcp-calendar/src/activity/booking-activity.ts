import type { ConnectedAccount } from "@cita/consent";
import { createClock, type Interval, isSameInterval, sayTime } from "@cita/scheduling";
import { type Booking, BookingError, type LedgerEntry } from "../bookings/booking.ts";
import type { Ledger } from "../bookings/ledger.ts";
import { cancellationsPerHour } from "../bookings/ledger-attendees.ts";
import type { ActivityEvent, ChangedBy } from "./activity-log.ts";
import type { RecordActivity } from "./recorder.ts";

type RecordBookingsDeps = {
  readonly record: RecordActivity;
  /** Who asks for the changes that this ledger is told. */
  readonly by: Exclude<ChangedBy, "calendar">;
  readonly now: () => number;
};

/**
 * The same ledger; what becomes of bookings in it is recorded, whoever changes them: an agent, an admin, the
 * sweeper, or a person in the calendar itself.
 */
export function recordBookings(ledger: Ledger, { record, by, now }: RecordBookingsDeps): Ledger {
  return {
    ...ledger,

    // Whatever the ledger is given is passed on whole, also what it takes one day and we don't know of.
    async confirm(...given) {
      const [booking, { timeZone }] = given;
      const confirmed = await ledger.confirm(...given);
      if (confirmed) await record(async () => booked({ ...booking, timeZone }));
      return confirmed;
    },

    async completeMove(...given) {
      const [move] = given;
      const booking = await ledger.find(move.customerId, move.moves ?? "").catch(() => undefined);
      const completed = await ledger.completeMove(...given);
      if (completed && booking !== undefined) {
        await record(async () => rescheduled(booking, move, by, move.id));
      }
      return completed;
    },

    async cancel(...given) {
      const [booking] = given;
      await ledger.cancel(...given);
      await record(() => cancellationOf(ledger, booking, by));
    },

    async beginChange(...given) {
      const [customerId] = given;
      return ledger.beginChange(...given).catch(async (error: unknown) => {
        if (error instanceof BookingError && error.code === "cancellations_stopped")
          await record(cancellationsStopped(customerId, now()));
        throw error;
      });
    },

    async follow(...given) {
      const [booking, event] = given;
      await ledger.follow(...given);
      await record(() =>
        event === undefined
          ? cancellationOf(ledger, booking, "calendar")
          : moveByHandOf(ledger, booking, event),
      );
    },
  };
}

/** Notes that bookings which lie ahead are in the calendar of another account than the one just connected. */
export type NoteStranded = (connected: ConnectedAccount) => Promise<void>;

type StrandedDeps = { ledger: Pick<Ledger, "countStranded">; record: RecordActivity; now: () => number };

export function createStrandedNote({ ledger, record, now }: StrandedDeps): NoteStranded {
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

/** Once an hour: whoever cancels goes on trying. */
function cancellationsStopped(customerId: string, at: number): ActivityEvent {
  return {
    customerId,
    kind: "cancellations_stopped",
    once: `cancellations_stopped ${customerId} ${Math.floor(at / hourMs)}`,
    detail: {
      cancellations: cancellationsPerHour,
      message:
        "So many appointments were cancelled within an hour by calls that serve single persons that no more are " +
        "cancelled for now. Look who they were; an agent key of audience business still cancels.",
    },
  };
}

const hourMs = 3_600_000;

function booked(booking: Booking): ActivityEvent {
  const { customerId, id, service } = booking;
  return {
    customerId,
    kind: "booked",
    once: `booked ${id}`,
    detail: { booking_id: id, service, ...sayRange(booking) },
  };
}

function rescheduled(booking: LedgerEntry, to: Interval, by: ChangedBy, move: string): ActivityEvent {
  const { customerId, id, timeZone } = booking;
  const { start: from } = sayRange(booking);
  const { start, end } = sayRange({ start: to.start, end: to.end, timeZone });
  return {
    customerId,
    kind: "rescheduled",
    once: `rescheduled ${move}`,
    detail: { booking_id: id, from, start, end, by },
  };
}

/** Nothing, where it was already there, or somebody else has moved or cancelled it in the meantime. */
async function moveByHandOf(
  ledger: Ledger,
  booking: LedgerEntry,
  event: Interval,
): Promise<ActivityEvent | undefined> {
  if (isSameInterval(event, booking)) return undefined;
  const present = await ledger.find(booking.customerId, booking.id);
  if (present?.status !== "confirmed" || present.start !== event.start) return undefined;
  // All who noticed it have seen the booking as it was before.
  return rescheduled(booking, event, "calendar", `${booking.id} ${booking.updatedAt} ${event.start}`);
}

/** Nothing, where somebody has moved it in the meantime: then it isn't cancelled. */
async function cancellationOf(
  ledger: Ledger,
  booking: LedgerEntry,
  by: ChangedBy,
): Promise<ActivityEvent | undefined> {
  const { customerId, id } = booking;
  if ((await ledger.find(customerId, id))?.status !== "cancelled") return undefined;
  const { start } = sayRange(booking);
  return {
    customerId,
    kind: "cancelled",
    once: `cancelled ${id}`,
    detail: { booking_id: id, start, by },
  };
}

/** With the offset of the business, as its bookings are told everywhere. */
function sayRange({ start, end, timeZone }: Pick<Booking, "start" | "end" | "timeZone">) {
  const clock = createClock(timeZone ?? "UTC");
  return { start: sayTime(clock, start).iso, end: sayTime(clock, end).iso };
}
