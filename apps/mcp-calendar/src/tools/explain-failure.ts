import { ToolError } from "@cita/mcp-endpoint";
import { BookingError, BookingMovedByHand } from "../bookings/booking-error.ts";
import { CalendarError } from "../calendars/calendar.ts";
import { localized } from "../language/language.ts";
import type { Words } from "../language/words.ts";
import { explainMoveByHand, explainRefusal } from "./explain-refusal.ts";

/** Converts the errors of bookings and calendars to a ToolError. Other errors are returned unchanged. */
export function explainFailure(error: unknown): unknown {
  if (error instanceof BookingError) return explainRefusal(error);
  if (error instanceof BookingMovedByHand) return explainMoveByHand(error);
  return error instanceof CalendarError ? explainCalendarFailure(error) : error;
}

/** The texts never say that there is no availability. */
function explainCalendarFailure(error: CalendarError): ToolError {
  if (error.problem?.lasts) return new ToolError(error.code, { ...lastingProblem, cause: error });
  return new ToolError(error.code, {
    ...explanations[error.code],
    message: localized(({ calendar }) => calendar[error.code]),
    cause: error,
  });
}

/** A repeated call would fail as well. */
const lastingProblem = {
  message: localized((words: Words) => words.lastingProblem),
  retryable: false,
  next_step:
    "Don't say that there is no availability, nor that anything was done, and don't repeat the call. Tell the person that online booking is interrupted: the business has to be told that its calendar can't be read.",
};

const explanations = {
  not_connected: {
    retryable: false,
    next_step:
      "Tell the person that online booking isn't ready yet. The business has to open its connection link.",
  },
  reconnect_required: {
    retryable: false,
    next_step:
      "Tell the person that online booking is interrupted. The business has to connect its calendar again.",
  },
  calendar_unavailable: {
    retryable: true,
    next_step:
      "Don't say that there is no availability, nor that anything was done. Repeat the same call in a minute, or offer to get back to the person.",
  },
  rate_limited: {
    retryable: true,
    next_step: "Wait a minute, then try again. Don't say that there is no availability.",
  },
} as const;
