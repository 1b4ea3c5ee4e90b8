import { ToolError } from "@cita/mcp-endpoint";
import { createClock, createTimeFormatter, type Language } from "@cita/scheduling";
import { type BookingError, type BookingMovedByHand, SlotRefused } from "../bookings/booking-error.ts";
import { localized } from "../language/language.ts";
import { formatStart } from "./answers.ts";

/** The ToolError for a refused booking or change, with the nearest free times where the time is what was refused. */
export function explainRefusal(error: BookingError): ToolError {
  const { code, ...explanation } = explanations[error.code];
  return new ToolError(code, {
    ...explanation,
    message: localized(({ refusals }) => refusals[error.code]),
    details: (language) =>
      offersOthers.has(error.code) ? { alternatives: formatAlternatives(error, language) } : {},
    cause: error,
  });
}

/** The ToolError for an appointment that the business has moved itself: it has the new time. */
export function explainMoveByHand(error: BookingMovedByHand): ToolError {
  const { start, timeZone } = error.booking;
  const formatIn = (language: Language) =>
    formatStart(createTimeFormatter(createClock(timeZone), language), start);
  return new ToolError("booking_not_found", {
    message: localized((words) => words.movedByHand(formatIn(words.language).label)),
    retryable: true,
    next_step: "Tell the person the new time. Only if they still want another one, call again.",
    details: (language) => ({ booking_id: error.booking.id, now_at: formatIn(language) }),
    cause: error,
  });
}

function formatAlternatives(error: BookingError, language: Language) {
  if (!(error instanceof SlotRefused)) return [];
  const format = createTimeFormatter(createClock(error.timeZone), language);
  return error.alternatives.map((start) => formatStart(format, start));
}

const offersOthers = new Set(["taken", "outside_hours", "too_soon", "too_far"]);

const explanations = {
  taken: {
    code: "slot_taken",
    retryable: false,
    next_step:
      "If an earlier try got no answer, see with list_bookings whether it was booked then. Otherwise offer the " +
      "person the alternatives, or look for other days with get_available_slots.",
  },
  outside_hours: {
    code: "outside_hours",
    retryable: false,
    next_step: "Offer the person the alternatives, or look for times with get_available_slots.",
  },
  too_soon: {
    code: "too_soon",
    retryable: false,
    next_step: "Check today's date in get_available_slots and offer a later time.",
  },
  too_far: {
    code: "too_far",
    retryable: false,
    next_step: "Check the year, and look for an earlier time with get_available_slots.",
  },
  idempotency_conflict: {
    code: "idempotency_conflict",
    retryable: false,
    next_step: "Use a new idempotency_key for a new booking, or repeat the first one unchanged.",
  },
  not_found: {
    code: "booking_not_found",
    retryable: false,
    next_step:
      "Look for it with list_bookings by the person's phone number or e-mail, and use its booking_id.",
  },
  begun: {
    code: "too_soon",
    retryable: false,
    next_step: "If the person needs another appointment, look for a free time and book it.",
  },
  cancelled_since: {
    code: "booking_not_found",
    retryable: false,
    next_step: "If the person still wants one, look for a free time and book it with a new idempotency_key.",
  },
  series: {
    code: "booking_not_found",
    retryable: false,
    next_step: "Tell the person to speak with the business itself about this appointment.",
  },
  stranded: {
    code: "calendar_unavailable",
    retryable: false,
    next_step:
      "Promise nothing about it. The business knows of it; the person can have it moved to a free time with " +
      "reschedule_booking, or cancelled.",
  },
  account_changed: {
    code: "calendar_unavailable",
    retryable: true,
    next_step:
      "Don't say that anything was done. Repeat the same call: it looks in the calendar that is connected now.",
  },
  unsettled: {
    code: "calendar_unavailable",
    retryable: true,
    next_step: "Promise neither time. Repeat the same call in a minute, or look with list_bookings.",
  },
  too_many_open: {
    code: "limit_reached",
    retryable: false,
    next_step:
      "Tell the person, and list them with list_bookings: one of them can be moved or cancelled. For more, the " +
      "person has to speak with the business itself.",
  },
  too_many_changes: {
    code: "limit_reached",
    retryable: false,
    next_step:
      "Book, move or cancel nothing more for this person now. Offer to go on in an hour, or to speak with the " +
      "business itself.",
  },
  cancellations_stopped: {
    code: "limit_reached",
    retryable: false,
    next_step:
      "Say that the appointment still stands. Offer to cancel it later, or to speak with the business itself.",
  },
  in_progress: {
    code: "calendar_unavailable",
    retryable: true,
    next_step:
      "Repeat the same call, with the same idempotency_key if it has one, in a few seconds to learn how it ended.",
  },
} as const;
