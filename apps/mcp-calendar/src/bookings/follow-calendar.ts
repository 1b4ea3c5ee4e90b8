import { isSameInterval } from "@cita/scheduling";
import { LRUCache } from "lru-cache";
import type { BusyTime, Calendar } from "../calendars/calendar.ts";
import {
  type ConfirmedBooking,
  type ConfirmedEntry,
  isConfirmed,
  isStranded,
  type LedgerEntry,
  movedIdOf,
} from "./booking.ts";
import type { Ledger } from "./ledger/ledger.ts";

/**
 * The ledger follows the calendar: what was done there by hand to an event of ours, moved or deleted, is stored in the
 * ledger. A reading alone doesn't prove it, since it may lag behind a write, so the event itself is asked for.
 */

export type FollowDeps = {
  calendar: Calendar;
  ledger: Ledger;
  /** The provider's id of the account that is connected; null: not known, or none is. */
  readAccountId(customerId: string): Promise<string | null>;
  recentChecks: RecentChecks;
  /** Makes the sweeper settle abandoned holds at once. */
  settleSoon(): void;
};

/** A reading of the calendar, beside what the ledger has. */
export type Comparison = {
  readonly customerId: string;
  /** Epoch milliseconds at which the reading began. */
  readonly readAt: number;
  readonly span: { readonly start: number; readonly end: number };
  /** Events of ours that the reading shows. */
  readonly shown: readonly BusyTime[];
  readonly bookings: readonly LedgerEntry[];
};

/** More at once weren't changed by hand; the others are checked by later readings. */
const maxChecked = 20;

/** Compares a reading with the ledger. @returns whether anything changed in the ledger. */
export async function followCalendar(deps: FollowDeps, comparison: Comparison): Promise<boolean> {
  const connected = await deps.readAccountId(comparison.customerId);
  await adoptShown(deps, comparison, connected);
  const unexpected = findUnexpected(comparison, connected).filter(({ id }) => !deps.recentChecks.has(id));
  // From a random one on, since some may differ for long and would otherwise always be the ones that are checked.
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
function findUnexpected(
  { readAt, shown, span, bookings }: Comparison,
  connected: string | null,
): ConfirmedEntry[] {
  const moving = new Set(bookings.map(movedIdOf));
  const shownById = Map.groupBy(shown, ({ eventId }) => eventId);
  return bookings.filter(isConfirmed).filter((booking) => {
    if (moving.has(booking.id) || isStranded(booking, connected) || isNewer(booking, readAt)) return false;
    const events = shownById.get(booking.eventId) ?? [];
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
  { calendar, ledger }: FollowDeps,
  booking: ConfirmedEntry,
): Promise<"unknown" | "unchanged" | "changed"> {
  const { customerId, eventId, timeZone } = booking;
  const event = await calendar.findEvent(customerId, eventId, timeZone);
  if (event.kind === "unknown") return "unknown";
  if (event.kind === "found" && isSameInterval(event, booking)) return "unchanged";
  await ledger.follow(booking, event.kind === "found" ? event : undefined);
  return "changed";
}

/** An event that is shown is in the calendar of the account that is connected. */
async function adoptShown(
  { ledger }: FollowDeps,
  { customerId, bookings, shown }: Comparison,
  connected: string | null,
): Promise<void> {
  if (connected === null) return;
  const shownIds = new Set(shown.map(({ eventId }) => eventId));
  const adopted = bookings
    .filter(({ accountId, eventId }) => accountId === null && shownIds.has(eventId))
    .map(({ eventId }) => eventId);
  if (adopted.length > 0) await ledger.adopt(customerId, adopted, connected);
}

/** Events of holds that were released: they were written all the same, and are to be removed. */
async function reopenStrays(
  { ledger, settleSoon }: FollowDeps,
  { customerId, readAt, bookings, shown }: Comparison,
): Promise<void> {
  const known = new Set(bookings.map(({ eventId }) => eventId));
  const strays = [...new Set(shown.map(({ eventId }) => eventId))].filter((id) => !known.has(id));
  const reading = { start: readAt, end: readAt + longestReadingMs };
  if (strays.length > 0 && (await ledger.reopen(customerId, strays, reading))) settleSoon();
}

/** Bookings whose events were asked for recently without any change: otherwise each reading would ask again. */
export type RecentChecks = {
  has(bookingId: string): boolean;
  /** @param result `unknown`: the provider knows no such event, as in another account's calendar. */
  note(bookingId: string, result: "unknown" | "unchanged"): void;
};

/** A bound on memory, some 100 bytes each; one that is dropped is asked for again. */
const maxNoted = 20_000;

/** How long a result holds: an event that is marked as free by hand is there, and no reading shows it. */
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
