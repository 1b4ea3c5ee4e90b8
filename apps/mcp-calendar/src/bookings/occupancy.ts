import type { Schedule } from "@cita/calendar-api";
import type { Interval } from "@cita/scheduling";
import type { BusyTime, BusyTimes } from "../calendars/calendar.ts";
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
  /** Where the reading showed events of ours, by their ids. */
  readonly shown: ReadonlyMap<string, Interval>;
};

const day = 86_400_000;

/** Every event id of ours begins with it. */
const ownEvents = /^cita[0-9a-v]/;

/** Who has which time, by the calendar and by the ledger, after the ledger has followed the calendar. */
export async function readOccupancy(deps: OccupancyDeps, question: OccupancyQuestion): Promise<Occupancy> {
  const { customerId, schedule, span, fresh, hold } = question;
  const { calendar, ledger } = deps;
  const asked = { customerId, span, calendars: schedule.busy_calendars };
  const reading = await (fresh ? calendar.readBusy(asked) : calendar.readRecentBusy(asked));
  const shown = new Map(
    reading.busy.filter(({ eventId }) => ownEvents.test(eventId)).map((event) => [event.eventId, event]),
  );
  const weeksAround = { start: span.start - 7 * day, end: span.end + 7 * day };
  const inForce = () => ledger.inForce(customerId, weeksAround, [...shown.keys()]);

  const known = await inForce();
  const followed = await followCalendar(deps, { reading, span, bookings: known });
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
  const booking = bookings.find(({ eventId }) => eventId === event.eventId);
  if (booking === undefined) return false;
  if (booking.id === hold?.id || booking.id === hold?.moves) return true;
  return bookings.some(
    (one) => (one.id === booking.id || one.moves === booking.id) && isSameTime(one, event),
  );
}

function isSameTime(a: Interval, b: Interval): boolean {
  return a.start === b.start && a.end === b.end;
}

/** More than that at once is no person's doing; the rest is looked at by the next reading. */
const mostFollowed = 20;

/** How long a provider may say that it doesn't know an event before we believe that it is gone. */
const passingAbsenceMs = 60_000;

type Comparison = { reading: BusyTimes; span: Interval; bookings: readonly Booking[] };

/**
 * Lets the ledger follow what a person did in the calendar itself: moved or deleted an event of ours.
 * A reading alone doesn't prove it, since it may lag behind, so the event itself is asked for.
 * @returns whether anything changed.
 */
async function followCalendar(
  deps: OccupancyDeps,
  { reading, span, bookings }: Comparison,
): Promise<boolean> {
  const events = new Map(reading.busy.map((event) => [event.eventId, event]));
  const moving = new Set(bookings.map(({ moves }) => moves));
  const doubtful = bookings.filter((booking) => {
    if (booking.status !== "confirmed" || booking.updatedAt >= reading.readAt) return false;
    if (booking.end <= reading.readAt || moving.has(booking.id)) return false;
    const event = events.get(booking.eventId);
    if (event !== undefined) return !isSameTime(event, booking);
    return booking.start < span.end && span.start < booking.end;
  });
  let changed = false;
  for (const booking of doubtful.slice(0, mostFollowed)) {
    if (await followEvent(deps, booking, reading.readAt)) changed = true;
  }
  return changed;
}

async function followEvent(
  { calendar, ledger }: OccupancyDeps,
  booking: Booking,
  at: number,
): Promise<boolean> {
  const event = await calendar.findEvent(booking.customerId, booking.eventId);
  if (event.kind === "standing" && isSameTime(event, booking)) return false;
  if (event.kind === "unknown" && at - booking.updatedAt < passingAbsenceMs) return false;
  await ledger.follow(booking, event.kind === "standing" ? event : undefined);
  return true;
}
