/** What the rows of the ledger mean: requests and moves to rows, rows to bookings. */

import { randomBytes } from "node:crypto";
import { type Insertable, sql } from "kysely";
import {
  type Author,
  type BookedEvent,
  type Booking,
  type BookingRequest,
  type ConfirmedBooking,
  type HeldBooking,
  isStranded,
  type LedgerEntry,
  type RequestedRange,
  toBlockedSpan,
  wasConfirmed,
} from "../booking.ts";
import type { HoldTerms } from "./ledger.ts";
import { hashRequest } from "./request-hash.ts";
import type { BookingRow, BookingTables } from "./tables.ts";

/** A row before the database has given it its seat and number. */
export type NewBookingRow = Omit<Insertable<BookingTables["bookings"]>, "seat" | "sequence" | "version">;

/** The instance that makes a row, and when it does (epoch milliseconds). */
export type Maker = { readonly instanceId: string; readonly now: number };

export function toRequestRow(request: BookingRequest, terms: HoldTerms, maker: Maker): NewBookingRow {
  const id = randomBytes(16).toString("hex");
  return {
    id,
    customer_id: request.customerId,
    ...newHold(request, terms, maker),
    writes_event: 1,
    moves_id: null,
    service: request.service,
    attendee_name: request.attendee.name,
    attendee_phone: request.attendee.phone,
    attendee_phone_written: request.attendee.phoneWritten,
    attendee_email: request.attendee.email,
    attendee_ref: request.attendee.ref,
    attendee_name_key: toNameKey(request.attendee.name),
    notes: request.notes,
    idempotency_key: request.idempotencyKey,
    request_hash: hashRequest(request),
  };
}

/** The hold of the range that a booking is to be moved to. Only the hold of a stranded booking has its own event. */
export function toMoveRow(
  booking: ConfirmedBooking,
  to: RequestedRange,
  terms: HoldTerms,
  maker: Maker & { readonly author: Author },
): NewBookingRow {
  const id = randomBytes(16).toString("hex");
  return {
    id,
    customer_id: booking.customerId,
    ...newHold(to, terms, maker),
    ...toAuthorColumns(maker.author),
    writes_event: isStranded(booking, terms.accountId) ? 1 : 0,
    moves_id: booking.id,
    service: booking.service,
    attendee_name: booking.attendee.name,
    attendee_phone: null,
    attendee_phone_written: null,
    attendee_email: null,
    attendee_ref: null,
    attendee_name_key: null,
    notes: null,
    idempotency_key: null,
    request_hash: "",
  };
}

function newHold(range: RequestedRange, { until, accountId }: HoldTerms, { instanceId, now }: Maker) {
  const at = new Date(now).toISOString();
  return {
    status: "held",
    ...toRangeColumns(range),
    held_until_ms: until,
    instance_id: instanceId,
    cancelling_instance_id: null,
    account_id: accountId,
    event_id: null,
    event_mark: null,
    time_zone: null,
    meet_link: null,
    invitation: null,
    invite_after_ms: null,
    created_at: at,
    updated_at: at,
  } as const;
}

export function toAuthorColumns({ by, actor }: Author) {
  return { asked_by: by, asked_actor: actor };
}

/** @returns null: who has asked isn't known. */
export function toAuthor(row: Pick<BookingRow, "asked_by" | "asked_actor">): Author | null {
  return row.asked_by === null ? null : { by: row.asked_by, actor: row.asked_actor };
}

/** Set by every change of the status, the range or the event. @param now epoch milliseconds. */
export function toChangeColumns(now: number) {
  return { updated_at: new Date(now).toISOString(), version: sql<number>`version + 1` };
}

export function toRangeColumns(range: Omit<RequestedRange, "capacity">) {
  const blocked = toBlockedSpan(range);
  return {
    start_ms: range.start,
    end_ms: range.end,
    blocked_from_ms: blocked.start,
    blocked_until_ms: blocked.end,
  };
}

export function toEventColumns({ eventId, mark, timeZone, meetLink, invitation }: BookedEvent) {
  return { event_id: eventId, event_mark: mark, time_zone: timeZone, meet_link: meetLink, invitation };
}

/** The form by which names are compared: without differences in case, compatibility forms (NFKC) and spacing. */
export function toNameKey(name: string): string {
  return name.normalize("NFKC").toLowerCase().replaceAll(/\s+/g, " ").trim();
}

export function toBooking(row: SelectedBookingRow): Booking {
  const { status } = row;
  const stored = {
    ...toOccupation(row),
    attendee: {
      name: row.attendee_name,
      phone: row.attendee_phone,
      phoneWritten: row.attendee_phone_written,
      email: row.attendee_email,
      ref: row.attendee_ref,
    },
    notes: row.notes,
    createdAt: Date.parse(row.created_at),
  };
  if (status !== "confirmed" && status !== "cancelled")
    return {
      ...stored,
      status,
      moves: row.moves_id,
      writesEvent: row.writes_event === 1,
      author: toAuthor(row),
    };
  return {
    ...stored,
    status,
    ...toEventKey(row),
    timeZone: toTimeZone(row),
    meetLink: row.meet_link,
    invitation: row.invitation,
  };
}

/** @throws TypeError for a row that was ever confirmed: a statement about holds returns none. */
export function toHold(row: SelectedBookingRow): HeldBooking {
  const booking = toBooking(row);
  if (wasConfirmed(booking)) throw new TypeError("A hold was expected, and the booking was confirmed.");
  return booking;
}

/** The columns of a `LedgerEntry`: queries over many bookings read no others. */
export const entryColumns = [
  "id",
  "customer_id",
  "status",
  "start_ms",
  "end_ms",
  "blocked_from_ms",
  "blocked_until_ms",
  "service",
  "seat",
  "sequence",
  "event_id",
  "event_mark",
  "moves_id",
  "time_zone",
  "account_id",
  "updated_at",
  "version",
] as const satisfies (keyof BookingRow)[];

type EntryRow = Pick<BookingRow, (typeof entryColumns)[number]>;

/** The columns of a `Booking`, by their names, so that PostgreSQL prepares the queries (docs/decisions/0090). */
export const bookingColumns = [
  ...entryColumns,
  "writes_event",
  "attendee_name",
  "attendee_phone",
  "attendee_phone_written",
  "attendee_email",
  "attendee_ref",
  "notes",
  "meet_link",
  "invitation",
  "asked_by",
  "asked_actor",
  "created_at",
] as const satisfies (keyof BookingRow)[];

export type SelectedBookingRow = Pick<BookingRow, (typeof bookingColumns)[number]>;

/** @param row of a booking that takes time: held, abandoned or confirmed. */
export function toEntry(row: EntryRow): LedgerEntry {
  const occupation = toOccupation(row);
  if (row.status === "confirmed")
    return { ...occupation, status: row.status, timeZone: toTimeZone(row), ...toEventKey(row) };
  const status = row.status === "held" ? "held" : "abandoned";
  return { ...occupation, status, moves: row.moves_id };
}

function toOccupation(row: Omit<EntryRow, "status" | "moves_id" | "time_zone" | "event_id" | "event_mark">) {
  return {
    id: row.id,
    customerId: row.customer_id,
    start: row.start_ms,
    end: row.end_ms,
    bufferBeforeMs: row.start_ms - row.blocked_from_ms,
    bufferAfterMs: row.blocked_until_ms - row.end_ms,
    service: row.service,
    seat: row.seat,
    sequence: row.sequence,
    accountId: row.account_id,
    updatedAt: Date.parse(row.updated_at),
    version: row.version,
  };
}

/** The id is null only for holds, as is the time zone: every version has written both when it confirmed a booking. */
function toEventKey({ id, event_id, event_mark }: Pick<BookingRow, "id" | "event_id" | "event_mark">) {
  return { eventId: event_id ?? "", mark: event_mark ?? id };
}

function toTimeZone({ time_zone }: Pick<BookingRow, "time_zone">): string {
  return time_zone ?? "UTC";
}
