import type { BookingsPage, BookingsQuery, BookingView } from "@cita/calendar-api";
import { createPageCursor, cutPage } from "@cita/http";
import { createClock, formatTime } from "@cita/scheduling";
import {
  type Booking,
  bookedChoice,
  type CancelledBooking,
  type ConfirmedBooking,
  isStranded,
  toRange,
  wasConfirmed,
} from "../bookings/booking.ts";
import { cancelBooking } from "../bookings/cancel-booking.ts";
import { expectConfirmed } from "../bookings/find-booking.ts";
import type { BookingPosition } from "../bookings/ledger/ledger.ts";
import { rescheduleBooking } from "../bookings/reschedule-booking.ts";
import { readStart } from "../tools/arguments.ts";
import type { ToolDeps } from "../tools/define-tool.ts";
import { explainToAdmin } from "./booking-change-error.ts";

/**
 * What admin-api may read and change of customers' bookings. Reading queries the ledger alone, so it works while the
 * calendar is out of reach. A change is made in the calendar, as an agent's is.
 */
export type CustomerBookings = {
  /** @throws InvalidCursorError */
  page(customerId: string, query: BookingsQuery): Promise<BookingsPage>;
  /** @returns how many bookings ahead are in the calendar of an account that isn't connected any more. */
  countStranded(customerId: string): Promise<number>;
  /** @throws BookingChangeError */
  cancel(customerId: string, bookingId: string): Promise<BookingView>;
  /** A stranded one is written anew into the calendar that is connected. @throws BookingChangeError */
  reschedule(customerId: string, bookingId: string, startIso: string): Promise<BookingView>;
};

/** A position as the start and the id of a page's last booking. */
export const bookingCursor = createPageCursor<BookingPosition>({
  write: ({ start, id }) => `${start} ${id}`,
  read(text) {
    const [, start, id] = /^(-?\d+) ([0-9a-f]+)$/.exec(text) ?? [];
    return start === undefined || id === undefined ? undefined : { start: Number(start), id };
  },
});

export function createCustomerBookings(deps: ToolDeps): CustomerBookings {
  const { ledger, readAccountId, findSchedule, now } = deps;

  async function readViews(customerId: string, bookings: readonly EverConfirmed[]): Promise<BookingView[]> {
    const connected = await readAccountId(customerId);
    return bookings.map((booking) => toBookingView(booking, isAheadAndStranded(booking, connected, now())));
  }

  /** The view of a booking that was just changed. */
  async function readBookingView(customerId: string, bookingId: string): Promise<BookingView> {
    const booking = await ledger.find(customerId, bookingId);
    const shown = booking !== undefined && wasConfirmed(booking) ? [booking] : [];
    const [view] = await readViews(customerId, shown);
    if (view === undefined) throw new Error("a booking that was changed is not in the ledger");
    return view;
  }

  return {
    async page(customerId, query) {
      const { to, limit } = query;
      const selection = toSelection(query, await readAccountId(customerId), now());
      if (selection === undefined) return { bookings: [], next_cursor: null };
      const until = to === undefined ? undefined : Date.parse(to);
      const found = await ledger.page(customerId, { ...selection, until, limit: limit + 1 });
      const { shown, next_cursor } = cutPage(found, limit, bookingCursor.write);
      return { bookings: await readViews(customerId, shown), next_cursor };
    },

    async countStranded(customerId) {
      const accountId = await readAccountId(customerId);
      return accountId === null ? 0 : ledger.countStranded(customerId, { accountId, after: now() });
    },

    async cancel(customerId, bookingId) {
      try {
        await cancelBooking(
          deps,
          await findSchedule(customerId),
          { customerId, attendee: undefined },
          bookingId,
        );
      } catch (error) {
        throw explainToAdmin(error);
      }
      return readBookingView(customerId, bookingId);
    },

    async reschedule(customerId, bookingId, startIso) {
      try {
        const schedule = await findSchedule(customerId);
        const choice = bookedChoice(schedule, await expectConfirmed(deps, customerId, bookingId));
        const start = await readStart(deps, { customerId, schedule }, startIso);
        const context = { customerId, schedule, choice, attendee: undefined };
        await rescheduleBooking(deps, context, bookingId, toRange(choice, start));
      } catch (error) {
        throw explainToAdmin(error);
      }
      return readBookingView(customerId, bookingId);
    },
  };
}

/** The ledger's filter for a query; undefined: no booking can match. */
function toSelection(query: BookingsQuery, accountId: string | null, now: number) {
  const after = toFirstPosition(query, now);
  if (query.status !== "stranded") return { status: query.status, after };
  if (accountId === null) return undefined;
  // A booking that has begun can be neither written anew nor cancelled.
  return { status: { accountId }, after: after.start > now ? after : { start: now + 1, id: "" } };
}

/** Where a page begins. The cursor wins over the default `now`, which is later than when the previous page was read. */
function toFirstPosition({ from, cursor }: BookingsQuery, now: number): BookingPosition {
  const reached = cursor === undefined ? undefined : bookingCursor.read(cursor);
  const start = from === undefined ? (reached?.start ?? now) : Date.parse(from);
  return reached !== undefined && reached.start >= start ? reached : { start, id: "" };
}

export function isAheadAndStranded(booking: Booking, connected: string | null, now: number): boolean {
  return booking.status === "confirmed" && booking.start > now && isStranded(booking, connected);
}

/** Stands for the event of a hold, which isn't written yet. */
const notWritten = { eventId: null, timeZone: "UTC", meetLink: null, invitation: null };

type EverConfirmed = ConfirmedBooking | CancelledBooking;

/** A booking as admins are shown it. */
function toBookingView(booking: EverConfirmed, stranded: boolean): BookingView {
  return { ...toStoredView(booking, stranded), event_id: booking.eventId };
}

/** What is shown of a booking in any state. */
export function toStoredView(
  booking: Booking,
  stranded: boolean,
): Omit<BookingView, "event_id"> & { event_id: string | null } {
  const { attendee } = booking;
  const { eventId, timeZone, meetLink, invitation } = wasConfirmed(booking) ? booking : notWritten;
  const clock = createClock(timeZone);
  return {
    booking_id: booking.id,
    status: booking.status === "cancelled" ? "cancelled" : "confirmed",
    start: formatTime(clock, booking.start).iso,
    end: formatTime(clock, booking.end).iso,
    time_zone: clock.timeZone,
    service: booking.service,
    attendee_name: attendee.name,
    attendee_phone: attendee.phone,
    attendee_phone_written: attendee.phoneWritten,
    attendee_email: attendee.email,
    attendee_ref: attendee.ref,
    notes: booking.notes,
    event_id: eventId,
    meet_link: meetLink,
    invitation,
    stranded,
    created_at: new Date(booking.createdAt).toISOString(),
    updated_at: new Date(booking.updatedAt).toISOString(),
  };
}
