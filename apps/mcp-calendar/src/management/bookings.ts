import type { BookingsPage, BookingsQuery, BookingView } from "@cita/calendar-api";
import { createPageCursor, cutPage } from "@cita/http";
import { createClock, formatTime, type Interval } from "@cita/scheduling";
import {
  type Booking,
  bookedChoice,
  type CancelledBooking,
  type ConfirmedBooking,
  isStranded,
  toRange,
  wasConfirmed,
} from "../bookings/booking.ts";
import { BookingError } from "../bookings/booking-error.ts";
import { cancelBooking } from "../bookings/cancel-booking.ts";
import { expectConfirmed } from "../bookings/find-booking.ts";
import type { BookingPosition, PageFilter } from "../bookings/ledger/ledger.ts";
import { rescheduleBooking } from "../bookings/reschedule-booking.ts";
import { readStart } from "../tools/arguments.ts";
import type { ToolDeps } from "../tools/define-tool.ts";
import { explainToAdmin } from "./booking-change-error.ts";

/**
 * What admin-api may read and change of customers' bookings. Reading queries the ledger alone, so it works while the
 * calendar is out of reach. A change is made in the calendar, as an agent's is.
 */
export type CustomerBookings = {
  /** @throws BookingChangeError */
  find(customerId: string, bookingId: string): Promise<BookingView>;
  /** Confirmed bookings that overlap a span. */
  listIn(customerId: string, span: Interval): Promise<BookingView[]>;
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
    const [view] = await readViews(customerId, [booking].filter(isEverConfirmed));
    if (view === undefined) throw new Error("a booking that was changed is not in the ledger");
    return view;
  }

  return {
    async find(customerId, bookingId) {
      const booking = await ledger.find(customerId, bookingId);
      const [view] = await readViews(customerId, [booking].filter(isEverConfirmed));
      if (view === undefined) throw explainToAdmin(new BookingError("not_found"));
      return view;
    },

    async listIn(customerId, span) {
      return readViews(customerId, await ledger.list(customerId, { ...span, limit: maxBookingsInSpan }));
    },

    async page(customerId, query) {
      const { limit } = query;
      const selection = toSelection(query, await readAccountId(customerId), now());
      if (selection === undefined) return { bookings: [], next_cursor: null };
      const found = await ledger.page(customerId, { ...selection, limit: limit + 1 });
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

/** More than a business has in the month that is asked for at most. */
const maxBookingsInSpan = 5_000;

type Selection = Omit<PageFilter, "limit">;

/** The ledger's filter for a query; undefined: no booking can match. */
function toSelection(query: BookingsQuery, accountId: string | null, now: number): Selection | undefined {
  // A stranded booking that has begun can be neither written anew nor cancelled.
  const earliest = query.status === "stranded" ? now + 1 : undefined;
  const range = query.order === "latest_first" ? toRangeFromEnd(query, earliest) : toRangeFromNow(query, now);
  if (query.status !== "stranded") return { ...range, status: query.status };
  if (accountId === null) return undefined;
  const { after } = range;
  const isTooEarly = query.order === "soonest_first" && after.start <= now;
  return { ...range, status: { accountId }, after: isTooEarly ? { start: now + 1, id: "" } : after };
}

type PageRange = Pick<PageFilter, "after" | "until" | "latestFirst">;

function toRangeFromNow(query: BookingsQuery, now: number): PageRange {
  const { to } = query;
  return { after: toFirstPosition(query, now), until: to === undefined ? undefined : Date.parse(to) };
}

/** @param earliest the first start that counts, whatever the query says. */
function toRangeFromEnd({ from, to, cursor }: BookingsQuery, earliest: number | undefined): PageRange {
  const reached = cursor === undefined ? undefined : bookingCursor.read(cursor);
  const end = { start: to === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(to), id: "" };
  const starts = [earliest, from === undefined ? undefined : Date.parse(from)].filter(
    (start) => start !== undefined,
  );
  return {
    after: reached !== undefined && reached.start < end.start ? reached : end,
    until: starts.length === 0 ? undefined : Math.max(...starts),
    latestFirst: true,
  };
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

function isEverConfirmed(booking: Booking | undefined): booking is EverConfirmed {
  return booking !== undefined && wasConfirmed(booking);
}

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
