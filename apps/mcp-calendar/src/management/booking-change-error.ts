import type { Alternative } from "@cita/calendar-api";
import { ToolError } from "@cita/mcp-endpoint";
import { createClock, formatTime } from "@cita/scheduling";
import {
  BookingError,
  type BookingErrorCode,
  BookingMovedByHand,
  SlotRefused,
} from "../bookings/booking-error.ts";
import { CalendarError } from "../calendars/calendar.ts";

/** Why an admin's change of a booking was refused. The codes are those of tool errors, where there is one. */
export class BookingChangeError extends Error {
  override readonly name = "BookingChangeError";
  readonly code: string;
  readonly statusCode: number;
  /** The nearest free times, where the one that was asked for isn't. */
  readonly alternatives: readonly Alternative[] | undefined;
  constructor({ code, statusCode, message }: Explanation, options: BookingChangeErrorOptions) {
    super(message, options);
    this.code = code;
    this.statusCode = statusCode;
    this.alternatives = options.alternatives;
  }
}

type BookingChangeErrorOptions = ErrorOptions & { alternatives?: readonly Alternative[] | undefined };

type Explanation = { readonly code: string; readonly statusCode: number; readonly message: string };

/** Converts the errors of bookings and calendars to a BookingChangeError. Other errors are returned unchanged. */
export function explainToAdmin(error: unknown): unknown {
  if (error instanceof SlotRefused) {
    const clock = createClock(error.timeZone);
    const alternatives = error.alternatives.map((start) => {
      const { iso, weekday, label } = formatTime(clock, start);
      return { start: iso, weekday, label };
    });
    return new BookingChangeError(refusals[error.code], { cause: error, alternatives });
  }
  if (error instanceof BookingError) return new BookingChangeError(refusals[error.code], { cause: error });
  if (error instanceof BookingMovedByHand)
    return new BookingChangeError(movedByHand(error), { cause: error });
  if (error instanceof CalendarError) return new BookingChangeError(explainCalendar(error), { cause: error });
  if (error instanceof ToolError && error.code === "invalid_time") {
    const { code, message } = error;
    return new BookingChangeError({ code, statusCode: 400, message }, { cause: error });
  }
  return error;
}

function movedByHand({ booking }: BookingMovedByHand): Explanation {
  const { iso } = formatTime(createClock(booking.timeZone), booking.start);
  return {
    code: "booking_changed",
    statusCode: 409,
    message: `The business has moved this booking itself: it is at ${iso} now. Nothing was changed; repeat the request to change it all the same.`,
  };
}

function explainCalendar({ code, problem }: CalendarError): Explanation {
  return { code, ...(problem?.lasts ? lastingProblem : calendarFailures[code]) };
}

const refusals: Readonly<Record<BookingErrorCode, Explanation>> = {
  taken: { code: "slot_taken", statusCode: 409, message: "That time isn't free." },
  outside_hours: {
    code: "outside_hours",
    statusCode: 409,
    message: "By its schedule the customer has no appointment that starts at that time.",
  },
  too_soon: {
    code: "too_soon",
    statusCode: 409,
    message: "That time has passed, or is sooner than the schedule's minimum_notice_minutes allow.",
  },
  too_far: {
    code: "too_far",
    statusCode: 409,
    message: "That time is farther ahead than the schedule's horizon_days.",
  },
  idempotency_conflict: {
    code: "idempotency_conflict",
    statusCode: 409,
    message: "The key was used for another booking.",
  },
  not_found: {
    code: "booking_not_found",
    statusCode: 404,
    message: "This customer has no booking with this id.",
  },
  cancelled_since: {
    code: "booking_not_found",
    statusCode: 404,
    message: "This booking was cancelled, or its event was deleted from the calendar.",
  },
  begun: {
    code: "too_soon",
    statusCode: 409,
    message: "This booking has begun, so it can't be changed any more.",
  },
  series: {
    code: "booking_changed",
    statusCode: 409,
    message:
      "The business has made this booking's event a recurring one: it can be changed in the calendar only.",
  },
  stranded: {
    code: "calendar_unavailable",
    statusCode: 503,
    message: "Another account was connected meanwhile. Repeat the request.",
  },
  account_changed: {
    code: "calendar_unavailable",
    statusCode: 503,
    message: "Another account was connected meanwhile, and nothing was changed. Repeat the request.",
  },
  unsettled: {
    code: "calendar_unavailable",
    statusCode: 503,
    message:
      "The calendar stopped answering, so it isn't known yet whether the booking was moved. Repeat the request in a minute.",
  },
  too_many_open: {
    code: "limit_reached",
    statusCode: 409,
    message: "The person already has as many bookings ahead as the schedule allows.",
  },
  too_many_changes: {
    code: "limit_reached",
    statusCode: 409,
    message: "The person has changed bookings too often in the last hour.",
  },
  cancellations_stopped: {
    code: "limit_reached",
    statusCode: 409,
    message: "Unusually many bookings of this customer were cancelled in the last hour.",
  },
  in_progress: {
    code: "calendar_unavailable",
    statusCode: 503,
    message: "Another change of this booking is being worked on. Repeat the request in some seconds.",
  },
};

const calendarFailures: Readonly<Record<CalendarError["code"], Omit<Explanation, "code">>> = {
  not_connected: { statusCode: 409, message: "The customer has no calendar connected. Nothing was changed." },
  reconnect_required: {
    statusCode: 409,
    message: "The customer has to connect its calendar again (reconnect_link). Nothing was changed.",
  },
  calendar_unavailable: {
    statusCode: 503,
    message: "The calendar can't be reached right now. Repeat the request in a minute: it is safe.",
  },
  rate_limited: {
    statusCode: 503,
    message: "The calendar is being asked too often right now. Repeat the request in a minute: it is safe.",
  },
};

const lastingProblem: Omit<Explanation, "code"> = {
  statusCode: 503,
  message:
    "The calendar can't be used, and that won't pass by itself: the customer's calendar_state says why.",
};
