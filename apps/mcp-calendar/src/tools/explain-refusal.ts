import { createClock, sayTime } from "@cita/scheduling";
import { SlotRefused } from "../bookings/book-appointment.ts";
import type { BookingError } from "../bookings/booking.ts";
import { ToolError } from "./tool-error.ts";

/** What an agent is told when a time can't be booked, with the nearest free ones. */
export function explainRefusal(error: SlotRefused | BookingError): ToolError {
  const alternatives = error instanceof SlotRefused ? sayAlternatives(error) : [];
  const { code, ...explanation } = explanations[error.code];
  return new ToolError(code, {
    ...explanation,
    details: offersOthers.has(code) ? { alternatives } : {},
    cause: error,
  });
}

function sayAlternatives({ timeZone, alternatives }: SlotRefused) {
  const clock = createClock(timeZone);
  return alternatives.map((start) => {
    const { iso, weekday, label } = sayTime(clock, start);
    return { start: iso, weekday, label };
  });
}

const offersOthers = new Set(["slot_taken", "outside_hours", "too_soon", "too_far"]);

const explanations = {
  taken: {
    code: "slot_taken",
    message: "That time has just been taken or isn't free.",
    retryable: false,
    next_step: "Offer the person the alternatives, or look for other days with get_available_slots.",
  },
  outside_hours: {
    code: "outside_hours",
    message: "Appointments don't start at that time.",
    retryable: false,
    next_step: "Offer the person the alternatives, or look for times with get_available_slots.",
  },
  too_soon: {
    code: "too_soon",
    message: "That time has passed or is too soon to be booked.",
    retryable: false,
    next_step: "Check today's date in get_available_slots and offer a later time.",
  },
  too_far: {
    code: "too_far",
    message: "That time is too far ahead to be booked.",
    retryable: false,
    next_step: "Check the year, and look for an earlier time with get_available_slots.",
  },
  idempotency_conflict: {
    code: "idempotency_conflict",
    message: "This idempotency key was already used for another booking.",
    retryable: false,
    next_step: "Use a new idempotency_key for a new booking, or repeat the first one unchanged.",
  },
  cancelled_since: {
    code: "booking_not_found",
    message: "That appointment was made, and has since been deleted from the calendar.",
    retryable: false,
    next_step: "If the person still wants it, look for a free time and book it with a new idempotency_key.",
  },
  in_progress: {
    code: "calendar_unavailable",
    message: "This very booking is still being made.",
    retryable: true,
    next_step: "Repeat the same call with the same idempotency_key in a few seconds to learn how it ended.",
  },
} as const;
