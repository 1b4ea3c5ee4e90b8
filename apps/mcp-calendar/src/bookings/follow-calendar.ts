/**
 * The ledger follows the calendar: where somebody has moved or deleted an event of ours by hand, the booking moves or
 * is cancelled. A reading may lag behind a write, so the event itself is asked for before the ledger changes.
 */

import { isSameInterval } from "@cita/scheduling";
import { LRUCache } from "lru-cache";
import type { Calendar } from "../calendars/calendar.ts";
import {
  type ConfirmedBooking,
  type ConfirmedEntry,
  isConfirmed,
  isStranded,
  type LedgerEntry,
  movedIdOf,
} from "./booking.ts";
import type { Ledger } from "./ledger/ledger.ts";
import { createEventMatcher, type OwnBusyTime } from "./match-events.ts";

export type FollowDeps = {
  calendar: Calendar;
  ledger: Ledger;
  /** The account that is connected, by `accountKey`; null: not known, or none is. */
  readAccountId(customerId: string): Promise<string | null>;
  recentChecks: RecentChecks;
  /** Has the sweeper settle abandoned holds at once. */
  settleSoon(): void;
};

/** A reading of the calendar and the ledger's entries of the same span. */
export type Comparison = {
  readonly customerId: string;
  /** The account that is connected; null: not known. */
  readonly accountId: string | null;
  /** Epoch milliseconds at which the reading began. */
  readonly readAt: number;
  readonly span: { readonly start: number; readonly end: number };
  /** Events of ours that the reading has found. */
  readonly ownEvents: readonly OwnBusyTime[];
  readonly bookings: readonly LedgerEntry[];
};

/** Nobody changes more events by hand between two readings; later readings check the others. */
const maxChecked = 20;

/** Compares a reading with the ledger. @returns whether anything changed in the ledger. */
export async function followCalendar(deps: FollowDeps, comparison: Comparison): Promise<boolean> {
  await adoptAccount(deps, comparison);
  const unexpected = findUnexpected(comparison).filter(({ id }) => !deps.recentChecks.has(id));
  // The random start gives each its turn: some may differ for a long time, and would always come first.
  const from = Math.floor(Math.random() * unexpected.length);
  const chosen = [...unexpected.slice(from), ...unexpected.slice(0, from)].slice(0, maxChecked);
  const found = await Promise.all(chosen.map((booking) => followEvent(deps, booking)));
  for (const [i, booking] of chosen.entries()) {
    const result = found[i];
    if (result === "unknown" || result === "unchanged") deps.recentChecks.note(booking.id, result);
  }
  await reopenStrays(deps, comparison);
  return found.includes("changed");
}

/**
 * The same for a few bookings, whose events are asked for one by one.
 * @returns whether anything changed.
 * @throws CalendarError
 */
export async function followBookings(
  deps: FollowDeps,
  bookings: readonly ConfirmedBooking[],
): Promise<boolean> {
  const found = await Promise.all(
    bookings.map(async (booking) => {
      if (isStranded(booking, await deps.readAccountId(booking.customerId))) return undefined;
      if ((await deps.ledger.findMove(booking)) !== undefined) return undefined;
      return followEvent(deps, booking);
    }),
  );
  return found.includes("changed");
}

/** Confirmed bookings whose events the reading shows elsewhere, or doesn't show although it should. */
function findUnexpected({ accountId, readAt, ownEvents, span, bookings }: Comparison): ConfirmedEntry[] {
  const moving = new Set(bookings.map(movedIdOf));
  const ownEventsById = Map.groupBy(ownEvents, ({ own }) => own.eventId);
  return bookings.filter(isConfirmed).filter((booking) => {
    if (moving.has(booking.id) || isStranded(booking, accountId) || isNewer(booking, readAt)) return false;
    const events = ownEventsById.get(booking.eventId) ?? [];
    if (events.length > 0) return !events.some((event) => isSameInterval(event, booking));
    return booking.end > readAt && booking.start < span.end && span.start < booking.end;
  });
}

/** Whether the booking was written too late for the reading to show it. A time far ahead is a clock's mistake. */
function isNewer({ updatedAt }: LedgerEntry, readAt: number): boolean {
  return updatedAt >= readAt && updatedAt < readAt + longestReadingMs;
}

const longestReadingMs = 60_000;

async function followEvent(
  { calendar, ledger }: FollowDeps,
  booking: ConfirmedEntry,
): Promise<"unknown" | "unchanged" | "changed"> {
  const { customerId, eventId, mark: bookingId, timeZone } = booking;
  const event = await calendar.findEvent(customerId, { bookingId, eventId }, timeZone);
  if (event.kind === "unknown") return "unknown";
  if (event.kind === "found" && isSameInterval(event, booking)) return "unchanged";
  await ledger.follow(booking, event.kind === "found" ? event : undefined);
  return "changed";
}

/** Notes the connected account for bookings whose events the reading has found and whose account isn't known. */
async function adoptAccount(
  { ledger }: FollowDeps,
  { customerId, accountId: connected, bookings, ownEvents }: Comparison,
): Promise<void> {
  if (connected === null) return;
  const unknown = bookings.filter(({ accountId }) => accountId === null);
  const findBooking = createEventMatcher(unknown, connected);
  const adopted = new Set(ownEvents.flatMap(({ own }) => findBooking(own)?.id ?? []));
  if (adopted.size > 0) await ledger.adopt(customerId, [...adopted], connected);
}

/** Events of holds that were released although their events were written: the sweeper removes them. */
async function reopenStrays(
  { ledger, settleSoon }: FollowDeps,
  { customerId, accountId, readAt, bookings, ownEvents }: Comparison,
): Promise<void> {
  const findBooking = createEventMatcher(bookings, accountId);
  const strays = ownEvents.filter(({ own }) => findBooking(own) === undefined);
  const marks = [...new Set(strays.map(({ own }) => own.bookingId))];
  const reading = { start: readAt, end: readAt + longestReadingMs };
  if (marks.length > 0 && (await ledger.reopen(customerId, marks, reading))) settleSoon();
}

/** Bookings whose events were asked for recently and had not changed, so that not every reading asks again. */
export type RecentChecks = {
  has(bookingId: string): boolean;
  /** @param result `unknown`: the provider knows no such event, as in another account's calendar. */
  note(bookingId: string, result: "unknown" | "unchanged"): void;
};

/** Bounds the memory: some 100 bytes each. A booking that is evicted is asked for again. */
const maxNoted = 20_000;

/** How long a result counts. An event that was marked as free by hand exists, and no reading shows it. */
const validForMs = { unknown: 600_000, unchanged: 60_000 };

export function createRecentChecks(): RecentChecks {
  const noted = new LRUCache<string, true>({ max: maxNoted });
  return {
    has: (bookingId) => noted.has(bookingId),
    note: (bookingId, result) => {
      noted.set(bookingId, true, { ttl: validForMs[result] });
    },
  };
}
