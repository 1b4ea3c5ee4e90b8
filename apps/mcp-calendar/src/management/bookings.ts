import type { BookingsPage, BookingsQuery, BookingView } from "@cita/calendar-api";
import { type Booking, bookedChoice, toRange } from "../bookings/booking.ts";
import { cancelBooking } from "../bookings/cancel-booking.ts";
import { expectConfirmed } from "../bookings/find-booking.ts";
import type { BookingPosition } from "../bookings/ledger.ts";
import { rescheduleBooking } from "../bookings/reschedule-booking.ts";
import { readStart } from "../tools/appointment-arguments.ts";
import type { ToolDeps } from "../tools/define-tool.ts";
import { explainToAdmin } from "./booking-change-error.ts";
import { isAheadAndStranded, positionCursor, viewOf } from "./booking-view.ts";
import { cutPage } from "./page-cursor.ts";

/**
 * What admin-api may know of customers' bookings, and do about them. What is known is what the ledger has, also
 * while the calendar is out of reach; a change is made in the calendar, as an agent's is.
 */
export type CustomerBookings = {
  /** @throws InvalidCursorError */
  page(customerId: string, query: BookingsQuery): Promise<BookingsPage>;
  /** How many that lie ahead are in the calendar of an account that isn't connected any more. */
  countStranded(customerId: string): Promise<number>;
  /** @throws BookingChangeError */
  cancel(customerId: string, bookingId: string): Promise<BookingView>;
  /** A stranded one is written anew into the calendar that is connected. @throws BookingChangeError */
  reschedule(customerId: string, bookingId: string, startIso: string): Promise<BookingView>;
};

export function createCustomerBookings(deps: ToolDeps): CustomerBookings {
  const { ledger, readAccountId, findSchedule, now } = deps;

  async function viewsOf(customerId: string, bookings: readonly Booking[]): Promise<BookingView[]> {
    const connected = await readAccountId(customerId);
    return bookings.map((booking) => viewOf(booking, isAheadAndStranded(booking, connected, now())));
  }

  /** As it is after a change, or as somebody else has changed it since. */
  async function presentView(customerId: string, bookingId: string): Promise<BookingView> {
    const booking = await ledger.find(customerId, bookingId);
    const [view] = await viewsOf(customerId, booking === undefined ? [] : [booking]);
    if (view === undefined) throw new Error("a booking that was changed is not in the ledger");
    return view;
  }

  return {
    async page(customerId, query) {
      const { to, limit } = query;
      const choice = choose(query, await readAccountId(customerId), now());
      if (choice === undefined) return { bookings: [], next_cursor: null };
      const until = to === undefined ? undefined : Date.parse(to);
      const found = await ledger.page(customerId, { ...choice, until, most: limit + 1 });
      const { shown, next_cursor } = cutPage(found, limit, positionCursor.write);
      return { bookings: await viewsOf(customerId, shown), next_cursor };
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
      return presentView(customerId, bookingId);
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
      return presentView(customerId, bookingId);
    },
  };
}

/** Which bookings, and from where on; undefined: there are none of them. */
function choose(query: BookingsQuery, accountId: string | null, now: number) {
  const after = beginningOf(query, now);
  if (query.status !== "stranded") return { status: query.status, after };
  if (accountId === null) return undefined;
  // What has begun can be neither written anew nor cancelled.
  return { status: { accountId }, after: after.start > now ? after : { start: now + 1, id: "" } };
}

/** Where the last page ended is also later than the "now" it began at, which has moved on since. */
function beginningOf({ from, cursor }: BookingsQuery, now: number): BookingPosition {
  const reached = cursor === undefined ? undefined : positionCursor.read(cursor);
  const start = from === undefined ? (reached?.start ?? now) : Date.parse(from);
  return reached !== undefined && reached.start >= start ? reached : { start, id: "" };
}
