import type { Schedule } from "@cita/calendar-api";
import { isSameInterval } from "@cita/scheduling";
import { CalendarError, isOutcomeUnknown } from "../calendars/calendar.ts";
import type { BookingDeps, PlacedBooking } from "./book-appointment.ts";
import { type Booking, BookingError } from "./booking.ts";
import { countChange, type Requester } from "./count-change.ts";
import { HoldLostError } from "./hold-guard.ts";
import { isStranded } from "./ledger-rows.ts";
import { keepsChanging } from "./settlement.ts";
import {
  eventOfBooking,
  expectAhead,
  expectOwn,
  expectUnchanged,
  type StandingEvent,
} from "./standing-booking.ts";
import { untilSettled } from "./until-settled.ts";

/**
 * Takes the booking's event out of the calendar, and then the booking out of the ledger, which knows of it
 * from before the removal on: where a crash comes between, others settle it. One whose calendar isn't
 * connected any more is cancelled in the ledger alone. Cancelling again answers the same again.
 *
 * @throws BookingError `not_found`, `begun`, `series`, `too_many_changes`, `cancellations_stopped`;
 * BookingMovedByHand, CalendarError
 */
export async function cancelBooking(
  deps: BookingDeps,
  schedule: Schedule,
  requester: Requester,
  bookingId: string,
): Promise<PlacedBooking> {
  const { customerId } = requester;
  const own = await expectOwn(deps, requester, bookingId);
  const cancel = (noteUnchanged: () => void) =>
    untilSettled(async () => {
      const found = await cancelOnce(deps, schedule, customerId, bookingId);
      if (found.status === "cancelled") noteUnchanged();
      return found;
    });
  const change = { kind: "cancel", what: bookingId } as const;
  const found =
    own.status === "cancelled" ? await cancel(() => {}) : await countChange(deps, requester, change, cancel);
  // A move that ended meanwhile has given it another time.
  const { start, end } = (await deps.ledger.find(customerId, bookingId)) ?? found;
  return {
    ...found,
    start,
    end,
    status: "cancelled",
    timeZone: schedule.time_zone ?? found.timeZone ?? "UTC",
  };
}

/** @returns the booking as it was found. @throws BookingError `in_progress` while another instance cancels it */
async function cancelOnce(
  deps: BookingDeps,
  schedule: Schedule,
  customerId: string,
  bookingId: string,
): Promise<Booking> {
  const found = await deps.ledger.find(customerId, bookingId);
  if (found?.status === "cancelled") return found;
  if (found?.status !== "confirmed") throw new BookingError("not_found");
  if (isStranded(found, await deps.accountOf(customerId))) expectAhead(deps, found);
  else await removeEvent(deps, schedule, found);
  await deps.ledger.cancel(found);
  // Written anew meanwhile, it has another event, which is to be removed as well.
  const present = await deps.ledger.find(customerId, bookingId);
  if (present?.status === "confirmed") throw new BookingError("in_progress");
  return found;
}

async function removeEvent(deps: BookingDeps, schedule: Schedule, booking: Booking): Promise<void> {
  for (let looks = 0; looks < maxLooks; looks++) {
    const event = await eventOfBooking(deps, booking);
    if (event.kind === "gone") return;
    if (event.kind === "standing") await expectOursToCancel(deps, booking, event);
    expectAhead(deps, booking);
    if (event.kind === "unknown") return expectAbsent(deps, schedule, booking);
    // Changed meanwhile: a person has edited it, or a move of ours has ended.
    const removal = await removeStanding(deps, booking, event);
    if (removal === "removed") return;
    if (removal === "absent") {
      // Perhaps by a try of ours that got no answer: it stays on record until that is known.
      return expectAbsent(deps, schedule, booking).catch((error: unknown) => {
        deps.ledger.leaveCancelling(booking);
        throw error;
      });
    }
  }
  throw keepsChanging();
}

const maxLooks = 3;

async function removeStanding(deps: BookingDeps, booking: Booking, { version }: StandingEvent) {
  const { calendar, ledger } = deps;
  if (!(await ledger.beginCancelling(booking))) throw new BookingError("in_progress");
  const beforeAttempt = async () => {
    if (!(await ledger.isCancelling(booking)))
      throw new HoldLostError("the cancellation was taken over by another instance");
  };
  try {
    const { customerId, eventId: id } = booking;
    const removal = await calendar.removeEvent(customerId, { id, version }, { beforeAttempt });
    if (removal === "changed") await ledger.endCancelling(booking);
    return removal;
  } catch (error) {
    if (isOutcomeUnknown(error)) ledger.leaveCancelling(booking);
    else await ledger.endCancelling(booking);
    // Whoever has taken it over leaves the booking one way or the other: that is looked at again.
    throw error instanceof HoldLostError ? new BookingError("in_progress", { cause: error }) : error;
  }
}

/** Where it stands, or where a move of ours has put it, be that settled by now or not. */
async function expectOursToCancel(deps: BookingDeps, booking: Booking, event: StandingEvent): Promise<void> {
  const { ledger } = deps;
  const places = [booking, await ledger.moveOf(booking), await ledger.find(booking.customerId, booking.id)];
  if (!event.recurring && places.some((place) => place !== undefined && isSameInterval(event, place))) return;
  await expectUnchanged(deps, booking, event);
}

/** "Not found" may pass: it is believed where the event itself is gone, or a reading doesn't show it either. */
async function expectAbsent(deps: BookingDeps, schedule: Schedule, booking: Booking): Promise<void> {
  if ((await eventOfBooking(deps, booking)).kind === "gone") return;
  const { customerId, start, end } = booking;
  const asked = { customerId, span: { start, end }, calendars: schedule.busy_calendars };
  const { busy } = await deps.calendar.readBusy(asked);
  if (!busy.some(({ eventId }) => eventId === booking.eventId)) return;
  throw new CalendarError("calendar_unavailable", "the event is shown and can't be found");
}
