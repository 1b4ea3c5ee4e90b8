import { createHash, randomBytes } from "node:crypto";
import type { Insertable, Selectable } from "kysely";
import type { Booking, BookingRequest, BookingStatus, Place } from "./booking.ts";
import type { BookingTables } from "./migrations.ts";

export type BookingRow = Selectable<BookingTables["bookings"]>;

/** A row before the database has given it its seat and number. */
export type NewBookingRow = Omit<Insertable<BookingTables["bookings"]>, "seat" | "sequence">;

export function rowOfRequest(request: BookingRequest, heldUntil: number, now: number): NewBookingRow {
  const id = randomBytes(16).toString("hex");
  return {
    id,
    customer_id: request.customerId,
    ...newHold(request, heldUntil, now),
    event_id: `cita${id}`,
    moves_id: null,
    service: request.service,
    attendee_name: request.attendee.name,
    attendee_phone: request.attendee.phone,
    attendee_email: request.attendee.email,
    notes: request.notes,
    idempotency_key: request.idempotencyKey,
    request_hash: hashOf(request),
  };
}

/** The hold of the range a booking is to be moved to. It has no event of its own. */
export function rowOfMove(booking: Booking, to: Place, heldUntil: number, now: number): NewBookingRow {
  const id = randomBytes(16).toString("hex");
  return {
    id,
    customer_id: booking.customerId,
    ...newHold(to, heldUntil, now),
    event_id: `move${id}`,
    moves_id: booking.id,
    service: booking.service,
    attendee_name: booking.attendee.name,
    attendee_phone: null,
    attendee_email: null,
    notes: null,
    idempotency_key: null,
    request_hash: "",
  };
}

function newHold(place: Place, heldUntil: number, now: number) {
  const at = new Date(now).toISOString();
  return {
    status: "held",
    start_ms: place.start,
    end_ms: place.end,
    blocked_from_ms: place.start - place.bufferBeforeMs,
    blocked_until_ms: place.end + place.bufferAfterMs,
    held_until_ms: heldUntil,
    time_zone: null,
    meet_link: null,
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
  ];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

export function toBooking(row: BookingRow): Booking {
  return {
    id: row.id,
    customerId: row.customer_id,
    status: row.status as BookingStatus,
    start: row.start_ms,
    end: row.end_ms,
    bufferBeforeMs: row.start_ms - row.blocked_from_ms,
    bufferAfterMs: row.blocked_until_ms - row.end_ms,
    seat: row.seat,
    sequence: row.sequence,
    eventId: row.event_id,
    moves: row.moves_id,
    timeZone: row.time_zone,
    service: row.service,
    attendee: { name: row.attendee_name, phone: row.attendee_phone, email: row.attendee_email },
    notes: row.notes,
    meetLink: row.meet_link,
    createdAt: Date.parse(row.created_at),
    updatedAt: Date.parse(row.updated_at),
  };
}
