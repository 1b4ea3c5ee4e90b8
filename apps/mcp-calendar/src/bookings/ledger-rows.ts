import { createHash, randomBytes } from "node:crypto";
import type { Insertable, Selectable } from "kysely";
import type {
  Booking,
  BookingRequest,
  BookingStatus,
  HoldTerms,
  Invitation,
  LedgerEntry,
  Place,
} from "./booking.ts";
import type { BookingTables } from "./migrations.ts";

export type BookingRow = Selectable<BookingTables["bookings"]>;

/** A row before the database has given it its seat and number. */
export type NewBookingRow = Omit<Insertable<BookingTables["bookings"]>, "seat" | "sequence">;

/** By whom a row is made, and when (epoch milliseconds). */
export type Maker = { readonly instanceId: string; readonly now: number };

export function rowOfRequest(request: BookingRequest, terms: HoldTerms, maker: Maker): NewBookingRow {
  const id = randomBytes(16).toString("hex");
  return {
    id,
    customer_id: request.customerId,
    ...newHold(request, terms, maker),
    event_id: `cita${id}`,
    moves_id: null,
    service: request.service,
    attendee_name: request.attendee.name,
    attendee_phone: request.attendee.phone,
    attendee_phone_written: request.attendee.phoneWritten,
    attendee_email: request.attendee.email,
    attendee_ref: request.attendee.ref,
    attendee_name_key: nameKeyOf(request.attendee.name),
    notes: request.notes,
    idempotency_key: request.idempotencyKey,
    request_hash: hashOf(request),
  };
}

/**
 * The hold of the range a booking is to be moved to. It has an event of its own only where the booking's is
 * in the calendar of another account, and has to be written anew.
 */
export function rowOfMove(booking: Booking, to: Place, terms: HoldTerms, maker: Maker): NewBookingRow {
  const id = randomBytes(16).toString("hex");
  return {
    id,
    customer_id: booking.customerId,
    ...newHold(to, terms, maker),
    event_id: isStranded(booking, terms.accountId) ? `cita${id}` : `move${id}`,
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

/** Whether a booking's event is in the calendar of another account than the one that is connected. */
export function isStranded({ accountId }: Pick<Booking, "accountId">, connected: string | null): boolean {
  return accountId !== null && connected !== null && accountId !== connected;
}

/** Whether the hold of a move writes an event of its own. */
export function writesAnew(move: Pick<Booking, "moves" | "eventId">): boolean {
  return move.moves !== null && move.eventId.startsWith("cita");
}

function newHold(place: Place, { until, accountId }: HoldTerms, { instanceId, now }: Maker) {
  const at = new Date(now).toISOString();
  return {
    status: "held",
    start_ms: place.start,
    end_ms: place.end,
    blocked_from_ms: place.start - place.bufferBeforeMs,
    blocked_until_ms: place.end + place.bufferAfterMs,
    held_until_ms: until,
    instance_id: instanceId,
    cancelling_instance_id: null,
    account_id: accountId,
    time_zone: null,
    meet_link: null,
    invitation: null,
    created_at: at,
    updated_at: at,
  };
}

/** What makes two requests the same. How a service is set up may change between them. */
export function hashOf({ start, asked, attendee, notes }: BookingRequest): string {
  const parts = [
    start,
    asked.service,
    asked.durationMinutes,
    attendee.name,
    attendee.phone,
    attendee.email,
    notes,
    // Appended only where there is one, so that hashes stored before references existed still match.
    ...(attendee.ref === null ? [] : [attendee.ref]),
  ];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

/** The form in which names are compared: case, compatibility forms (NFKC) and spacing don't count. */
export function nameKeyOf(name: string): string {
  return name.normalize("NFKC").toLowerCase().replaceAll(/\s+/g, " ").trim();
}

export function toBooking(row: BookingRow): Booking {
  return {
    ...toEntry(row),
    attendee: {
      name: row.attendee_name,
      phone: row.attendee_phone,
      phoneWritten: row.attendee_phone_written,
      email: row.attendee_email,
      ref: row.attendee_ref,
    },
    notes: row.notes,
    meetLink: row.meet_link,
    invitation: row.invitation as Invitation | null,
    createdAt: Date.parse(row.created_at),
  };
}

/** The columns of a `LedgerEntry`: a question that looks at many bookings reads no more of them. */
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
  "moves_id",
  "time_zone",
  "account_id",
  "updated_at",
] as const satisfies (keyof BookingRow)[];

export function toEntry(row: Pick<BookingRow, (typeof entryColumns)[number]>): LedgerEntry {
  return {
    id: row.id,
    customerId: row.customer_id,
    status: row.status as BookingStatus,
    start: row.start_ms,
    end: row.end_ms,
    bufferBeforeMs: row.start_ms - row.blocked_from_ms,
    bufferAfterMs: row.blocked_until_ms - row.end_ms,
    service: row.service,
    seat: row.seat,
    sequence: row.sequence,
    eventId: row.event_id,
    moves: row.moves_id,
    timeZone: row.time_zone,
    accountId: row.account_id,
    updatedAt: Date.parse(row.updated_at),
  };
}
