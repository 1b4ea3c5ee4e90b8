import type { Schedule } from "@cita/calendar-api";
import { type Interval, isSameInterval } from "@cita/scheduling";
import type { BusyTime, CallOptions } from "../calendars/calendar.ts";
import type { CalendarWithRecentReadings } from "../calendars/recent-readings.ts";
import { spanOfLimits } from "../schedules/slot-rules.ts";
import { type HeldBooking, type LedgerEntry, movedIdOf, parseEventId } from "./booking.ts";
import { type FollowDeps, followCalendar } from "./follow-calendar.ts";

export type OccupancyDeps = FollowDeps & { calendar: CalendarWithRecentReadings };

/** Who has which time, by the calendar and by the ledger. */
export type Occupancy = {
  /** The calendar's own time zone. */
  readonly timeZone: string;
  /** Events of others. */
  readonly busy: readonly Interval[];
  /** Holds and confirmed bookings in the span, and around it as far as the schedule's limits count. */
  readonly bookings: readonly LedgerEntry[];
  /** Events of ours that the reading has found. */
  readonly ownEvents: readonly BusyTime[];
};

/** Which reading of a span is wanted. */
export type SpanReading =
  /** The reading may be a moment old: good for showing times. */
  | { readonly kind: "recent"; readonly span: Interval }
  /** The calendar is read now: needed for booking a time. */
  | {
      readonly kind: "present";
      readonly span: Interval;
      /**
       * The hold that the reading is for. The hold itself, the booking that it moves and later holds don't block it: a
       * later hold is blocked by this one.
       */
      readonly hold?: HeldBooking;
      readonly options?: CallOptions;
    };

/** Reads the calendar and the ledger, after the ledger has followed the calendar. @throws CalendarError */
export async function readOccupancy(
  deps: OccupancyDeps,
  { customerId, schedule }: { readonly customerId: string; readonly schedule: Schedule },
  reading: SpanReading,
): Promise<Occupancy> {
  const { span } = reading;
  const { timeZone, readAt, busy } = await readBusy(deps, { customerId, schedule }, reading);
  const ownEvents = busy.flatMap((event) => {
    const eventId = parseEventId(event.eventId);
    return eventId === undefined ? [] : [{ ...event, eventId }];
  });
  const ownEventIds = [...new Set(ownEvents.map(({ eventId }) => eventId))];
  const listInForce = () => deps.ledger.listInForce(customerId, spanOfLimits(schedule, span), ownEventIds);
  const known = await listInForce();
  const isChanged = await followCalendar(deps, { customerId, readAt, span, ownEvents, bookings: known });
  const bookings = isChanged ? await listInForce() : known;
  const hold = reading.kind === "present" ? reading.hold : undefined;
  return {
    timeZone,
    busy: toOthers(busy, { bookings, hold, withTentative: schedule.tentative_is_busy }),
    bookings: hold === undefined ? bookings : bookings.filter((booking) => blocksHold(hold, booking)),
    ownEvents,
  };
}

function readBusy(
  { calendar }: OccupancyDeps,
  { customerId, schedule }: { readonly customerId: string; readonly schedule: Schedule },
  reading: SpanReading,
) {
  const question = { customerId, span: reading.span, calendars: schedule.busy_calendars };
  if (reading.kind === "recent") return calendar.readRecentBusy(question);
  return calendar.readBusy(question, reading.options);
}

/** Whether a booking blocks a hold. */
function blocksHold(hold: HeldBooking, booking: LedgerEntry): boolean {
  if (booking.id === hold.id || booking.id === hold.moves) return false;
  return booking.status !== "held" || booking.sequence < hold.sequence;
}

type Ours = {
  readonly bookings: readonly LedgerEntry[];
  readonly hold: HeldBooking | undefined;
  readonly withTentative: boolean;
};

/**
 * The events of others. An event of ours outside its booking's range counts as somebody else's, so that both ranges are
 * blocked.
 */
function toOthers(busy: readonly BusyTime[], { bookings, hold, withTentative }: Ours): BusyTime[] {
  const byEvent = new Map(bookings.map((booking) => [booking.eventId, booking]));
  const moves = Map.groupBy(
    bookings.filter((booking) => movedIdOf(booking) !== null),
    movedIdOf,
  );
  const isOurs = (event: BusyTime): boolean => {
    const eventId = parseEventId(event.eventId);
    const booking = eventId === undefined ? undefined : byEvent.get(eventId);
    if (booking === undefined) return false;
    if (event.eventId === eventId && (booking.id === hold?.id || booking.id === hold?.moves)) return true;
    return [booking, ...(moves.get(booking.id) ?? [])].some((range) => isSameInterval(range, event));
  };
  return busy.filter((event) => (withTentative || !event.tentative) && !isOurs(event));
}
