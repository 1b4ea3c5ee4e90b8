import { AccessTokenError } from "@cita/token-store";
import { CalendarError, type CalendarProblem } from "../calendar.ts";
import { ProviderDownError } from "./breakers.ts";

const tokenCodes = {
  not_connected: "not_connected",
  reconnect_required: "reconnect_required",
  refresh_rate_limited: "rate_limited",
  refresh_failed: "calendar_unavailable",
  refresh_misconfigured: "calendar_unavailable",
} as const;

/** The CalendarError for an access token that can't be had, because of a refresh or of what is stored. */
export function tokenError(error: unknown): CalendarError {
  if (error instanceof AccessTokenError) {
    const code = tokenCodes[error.code];
    return new CalendarError(code, error.code, { cause: error, problem: toTokenProblem(error) });
  }
  return new CalendarError("calendar_unavailable", "the stored access can't be used", { cause: error });
}

function toTokenProblem({ code, cause }: AccessTokenError): CalendarProblem | undefined {
  // `lasts` is false, so that changing our client's secret doesn't change the state of every customer's calendar.
  if (code === "refresh_misconfigured")
    return { name: "refused", calendar: null, reason: code, lasts: false };
  // An open breaker has kept the request from being sent, which says nothing about the calendar.
  if (code !== "refresh_failed" || cause instanceof ProviderDownError) return undefined;
  return { name: "unreachable", calendar: null, reason: code, lasts: false };
}
