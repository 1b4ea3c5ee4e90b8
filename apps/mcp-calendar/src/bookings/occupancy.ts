import type { Schedule } from "@cita/calendar-api";
import { type Interval, isSameInterval } from "@cita/scheduling";
import type { BusyTime, CallOptions } from "../calendars/calendar.ts";
import type { CalendarWithRecentReadings } from "../calendars/recent-readings.ts";
import type { Booking, LedgerEntry } from "./booking.ts";
import type { Ledger } from "./ledger.ts";
import { isStranded } from "./ledger-rows.ts";
import type { SettledDoubts } from "./settled-doubts.ts";

export type OccupancyDeps = {
  calendar: CalendarWithRecentReadings;
  ledger: Ledger;
  /** The provider's id of the account that is connected; null: not known, or none is. */
  accountOf(customerId: string): Promise<string | null>;
  doubts: SettledDoubts;
  /** Has what was given up settled soon. */
  settleSoon(): void;
};

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
  readonly options?: CallOptions;
};

export type Occupancy = {
  /** The calendar's own zone. */
  readonly timeZone: string;
  /** Events of others. */
  readonly busy: readonly Interval[];
  /** Ours: what is held and what is confirmed, in the span and as far around it as the schedule's limits count. */
  readonly bookings: readonly LedgerEntry[];
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
  const { customerId, schedule, span, fresh, hold, options } = question;
  const { calendar, ledger } = deps;
  const asked = { customerId, span, calendars: schedule.busy_calendars };
  const reading = await (fresh ? calendar.readBusy(asked, options) : calendar.readRecentBusy(asked));
  const shown = reading.busy.flatMap((event) => {
    const id = ownEventId(event.eventId);
    return id === undefined ? [] : [{ ...event, eventId: id }];
  });
  const shownIds = [...new Set(shown.map(({ eventId }) => eventId))];
  const inForce = () => ledger.inForce(customerId, countedSpan(schedule, span), shownIds);

  const known = await inForce();
  const connected = await deps.accountOf(customerId);
  const comparison = { customerId, readAt: reading.readAt, shown, span, bookings: known, connected };
  const followed = await followCalendar(deps, comparison);
  await reopenStrays(deps, comparison, shownIds);
  const bookings = followed ? await inForce() : known;
  const isOurs = createOwnership(bookings, hold);
  return {
    timeZone: reading.timeZone,
    busy: reading.busy.filter((event) => (schedule.tentative_is_busy || !event.tentative) && !isOurs(event)),
    shown,
    bookings: hold === undefined ? bookings : bookings.filter((booking) => standsInTheWayOf(hold, booking)),
  };
}

/** The limits of a schedule count whole dates, or whole weeks, of whatever zone it is in. */
function countedSpan(schedule: Schedule, { start, end }: Interval): Interval {
  const { max_bookings_per_day, max_bookings_per_week } = schedule;
  const around = max_bookings_per_week !== null ? 8 * day : max_bookings_per_day !== null ? 2 * day : 0;
  return { start: start - around, end: end + around };
}

function standsInTheWayOf(hold: Booking, booking: LedgerEntry): boolean {
  if (booking.id === hold.id || booking.id === hold.moves) return false;
  return booking.status !== "held" || booking.sequence < hold.sequence;
}

/**
 * Tells which events are ours. One that isn't where the ledger has it counts as somebody else's: both places
 * are blocked.
 */
function createOwnership(bookings: readonly LedgerEntry[], hold: Booking | undefined) {
  const byEvent = new Map(bookings.map((booking) => [booking.eventId, booking]));
  const moves = Map.groupBy(
    bookings.filter((booking) => booking.moves !== null),
    (move) => move.moves,
  );
  return (event: BusyTime): boolean => {
    const id = ownEventId(event.eventId);
    const booking = id === undefined ? undefined : byEvent.get(id);
    if (booking === undefined) return false;
    if (event.eventId === id && (booking.id === hold?.id || booking.id === hold?.moves)) return true;
    return [booking, ...(moves.get(booking.id) ?? [])].some((place) => isSameInterval(place, event));
  };
}

/** More than that at once is no person's doing; others are looked at by later readings. */
const maxFollowed = 20;

type Comparison = {
  customerId: string;
  readAt: number;
  shown: readonly BusyTime[];
  span: Interval;
  bookings: readonly LedgerEntry[];
  /** The account that the calendar belongs to; null: not known. */
  connected: string | null;
};

/**
 * Lets the ledger follow what a person did in the calendar itself: moved or deleted an event of ours.
 * A reading alone doesn't prove it, since it may lag behind, so the event itself is asked for.
 * @returns whether anything changed.
 */
async function followCalendar(deps: OccupancyDeps, comparison: Comparison): Promise<boolean> {
  await adoptShown(deps, comparison);
  const doubtful = doubtfulBookings(comparison).filter(({ id }) => !deps.doubts.has(id));
  // Not always the same ones first: some may stay doubtful for long.
  const from = Math.floor(Math.random() * doubtful.length);
  const chosen = [...doubtful.slice(from), ...doubtful.slice(0, from)].slice(0, maxFollowed);
  const found = await Promise.all(chosen.map((booking) => followEvent(deps, booking)));
  for (const [i, booking] of chosen.entries()) {
    const what = found[i];
    if (what === "unknown" || what === "standing") deps.doubts.settle(booking.id, what);
  }
  return found.includes("changed");
}

/**
 * The same for a few bookings, whose events are asked for one by one.
 * @returns whether anything changed.
 * @throws CalendarError
 */
export async function followBookings(deps: OccupancyDeps, bookings: readonly Booking[]): Promise<boolean> {
  const found = await Promise.all(
    bookings.map(async (booking) => {
      if (isStranded(booking, await deps.accountOf(booking.customerId))) return undefined;
      if ((await deps.ledger.moveOf(booking)) !== undefined) return undefined;
      return followEvent(deps, booking);
    }),
  );
  return found.includes("changed");
}

function doubtfulBookings({ readAt, shown, span, bookings, connected }: Comparison): LedgerEntry[] {
  const moving = new Set(bookings.map(({ moves }) => moves));
  const shownAt = new Map<string, BusyTime[]>();
  for (const event of shown) shownAt.set(event.eventId, [...(shownAt.get(event.eventId) ?? []), event]);
  return bookings.filter((booking) => {
    if (booking.status !== "confirmed" || moving.has(booking.id) || isStranded(booking, connected))
      return false;
    if (isNewer(booking, readAt)) return false;
    const events = shownAt.get(booking.eventId) ?? [];
    if (events.length > 0) return !events.some((event) => isSameInterval(event, booking));
    return booking.end > readAt && booking.start < span.end && span.start < booking.end;
  });
}

/** Whether a reading may not show a booking yet. One from far ahead was written by a clock that was ahead. */
function isNewer({ updatedAt }: LedgerEntry, readAt: number): boolean {
  return updatedAt >= readAt && updatedAt < readAt + longestReadingMs;
}

const longestReadingMs = 60_000;

async function followEvent(
  { calendar, ledger }: OccupancyDeps,
  booking: LedgerEntry,
): Promise<"unknown" | "standing" | "changed"> {
  const { customerId, eventId, timeZone } = booking;
  const event = await calendar.findEvent(customerId, eventId, timeZone ?? "UTC");
  if (event.kind === "unknown") return "unknown";
  if (event.kind === "standing" && isSameInterval(event, booking)) return "standing";
  await ledger.follow(booking, event.kind === "standing" ? event : undefined);
  return "changed";
}

/** What is shown where it should be is in this account's calendar. */
async function adoptShown({ ledger }: OccupancyDeps, comparison: Comparison): Promise<void> {
  const { customerId, bookings, shown, connected } = comparison;
  if (connected === null) return;
  const nobodys = bookings.filter(({ accountId }) => accountId === null).map(({ eventId }) => eventId);
  if (nobodys.length === 0) return;
  const shownIds = new Set(shown.map(({ eventId }) => eventId));
  const adopted = nobodys.filter((id) => shownIds.has(id));
  if (adopted.length > 0) await ledger.adopt(customerId, adopted, connected);
}

/** An event of ours that nobody was promised: its hold was released, and it came all the same. */
async function reopenStrays(
  { ledger, settleSoon }: OccupancyDeps,
  { customerId, readAt, bookings }: Comparison,
  shownIds: readonly string[],
): Promise<void> {
  const known = new Set(bookings.map(({ eventId }) => eventId));
  const strays = shownIds.filter((id) => !known.has(id));
  const reading = { start: readAt, end: readAt + longestReadingMs };
  if (strays.length > 0 && (await ledger.reopen(customerId, strays, reading))) settleSoon();
}
