import { createHash } from "node:crypto";
import type { BookingRequest } from "../booking.ts";

/** Equal for equal requests. The service's settings are left out: they may change between two requests. */
export function hashRequest({ start, asked, attendee, notes }: BookingRequest): string {
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
