import type { Schedule } from "@cita/calendar-api";
import { type Interval, isSameInterval } from "@cita/scheduling";
import type { BusyTime } from "../calendars/calendar.ts";
import type { CalendarWithRecentReadings } from "../calendars/recent-readings.ts";
import type { Booking } from "./booking.ts";
import type { Ledger } from "./ledger.ts";

export type OccupancyDeps = { calendar: CalendarWithRecentReadings; ledger: Ledger };

export type OccupancyQuestion = {
  readonly customerId: string;
  readonly schedule: Schedule;
  readonly span: Interval;
  /** Read now, for a booking; otherwise it may be a moment old. */
  readonly fresh: boolean;
  /**
   * The hold that asks: neither it nor what it moves stands in its way, nor does a later hold, which has
   * to count this one.
   */
  readonly hold?: Booking;
};

export type Occupancy = {
  /** The calendar's own zone. */
  readonly timeZone: string;
  /** Events of others. */
  readonly busy: readonly Interval[];
  /** Ours: what is held and what is confirmed, in the whole weeks around the span. */
  readonly bookings: readonly Booking[];
  /** Where the reading showed events of ours. */
  readonly shown: readonly BusyTime[];
};

const day = 86_400_000;

/** An event id of ours; an occurrence of one that was made into a series carries its own time behind it. */
const ownEvent = /^(cita[0-9a-v]+)(_.*)?$/;

function ownEventId(eventId: string): string | undefined {
  return ownEvent.exec(eventId)?.[1];
}

/** Who has which time, by the calendar and by the ledger, after the ledger has followed the calendar. */
export async function readOccupancy(deps: OccupancyDeps, question: OccupancyQuestion): Promise<Occupancy> {
  const { customerId, schedule, span, fresh, hold } = question;
  const { calendar, ledger } = deps;
  const asked = { customerId, span, calendars: schedule.busy_calendars };
  const reading = await (fresh ? calendar.readBusy(asked) : calendar.readRecentBusy(asked));
  const shown = reading.busy.flatMap((event) => {
    const id = ownEventId(event.eventId);
    return id === undefined ? [] : [{ ...event, eventId: id }];
  });
  const weeksAround = { start: span.start - 7 * day, end: span.end + 7 * day };
  const inForce = () =>
    ledger.inForce(customerId, weeksAround, [...new Set(shown.map(({ eventId }) => eventId))]);

  const known = await inForce();
  const followed = await followCalendar(deps, { readAt: reading.readAt, shown, span, bookings: known });
  const bookings = followed ? await inForce() : known;
  return {
    timeZone: reading.timeZone,
    busy: reading.busy.filter(
      (event) => (schedule.tentative_is_busy || !event.tentative) && !isOurs(event, bookings, hold),
    ),
    shown,
    bookings: hold === undefined ? bookings : bookings.filter((booking) => standsInTheWayOf(hold, booking)),
  };
}

function standsInTheWayOf(hold: Booking, booking: Booking): boolean {
  if (booking.id === hold.id || booking.id === hold.moves) return false;
  return booking.status !== "held" || booking.sequence < hold.sequence;
}

/** An event of ours that isn't where the ledger has it counts as somebody else's: both places are blocked. */
function isOurs(event: BusyTime, bookings: readonly Booking[], hold: Booking | undefined): boolean {
  const id = ownEventId(event.eventId);
  const booking = id === undefined ? undefined : bookings.find(({ eventId }) => eventId === id);
  if (booking === undefined) return false;
  if (event.eventId === id && (booking.id === hold?.id || booking.id === hold?.moves)) return true;
  return bookings.some(
    (one) => (one.id === booking.id || one.moves === booking.id) && isSameInterval(one, event),
  );
}

/** More than that at once is no person's doing; others are looked at by later readings. */
const mostFollowed = 20;

type Comparison = {
  readAt: number;
  shown: readonly BusyTime[];
  span: Interval;
  bookings: readonly Booking[];
};

/**
 * Lets the ledger follow what a person did in the calendar itself: moved or deleted an event of ours.
 * A reading alone doesn't prove it, since it may lag behind, so the event itself is asked for.
 * @returns whether anything changed.
 */
async function followCalendar(deps: OccupancyDeps, comparison: Comparison): Promise<boolean> {
  const doubtful = doubtfulBookings(comparison);
  // Not always the same ones first: some may stay doubtful for long.
  const from = Math.floor(Math.random() * doubtful.length);
  const chosen = [...doubtful.slice(from), ...doubtful.slice(0, from)].slice(0, mostFollowed);
  const changes = await Promise.all(chosen.map((booking) => followEvent(deps, booking)));
  return changes.includes(true);
}

function doubtfulBookings({ readAt, shown, span, bookings }: Comparison): Booking[] {
  const moving = new Set(bookings.map(({ moves }) => moves));
  return bookings.filter((booking) => {
    if (booking.status !== "confirmed" || booking.updatedAt >= readAt || moving.has(booking.id)) return false;
    const events = shown.filter(({ eventId }) => eventId === booking.eventId);
    if (events.length > 0) return !events.some((event) => isSameInterval(event, booking));
    return booking.end > readAt && booking.start < span.end && span.start < booking.end;
  });
}

async function followEvent({ calendar, ledger }: OccupancyDeps, booking: Booking): Promise<boolean> {
  const { customerId, eventId, timeZone } = booking;
  const event = await calendar.findEvent(customerId, eventId, timeZone ?? "UTC");
  // An event the calendar doesn't know proves nothing: it may be another account's calendar by now.
  if (event.kind === "unknown" || (event.kind === "standing" && isSameInterval(event, booking))) return false;
  await ledger.follow(booking, event.kind === "standing" ? event : undefined);
  return true;
}
