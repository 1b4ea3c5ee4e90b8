import { AccessTokenError } from "@cita/token-store";
import { ProviderDownError } from "./breakers.ts";
import { CalendarError, type CalendarTrouble } from "./calendar.ts";

const tokenFailures = {
  not_connected: "not_connected",
  reconnect_required: "reconnect_required",
  refresh_rate_limited: "rate_limited",
  refresh_failed: "calendar_unavailable",
  refresh_misconfigured: "calendar_unavailable",
} as const;

/** What isn't about renewing is about what is stored: a key that is missing, a damaged row, a database that fails. */
export function asTokenFailure(error: unknown): CalendarError {
  if (error instanceof AccessTokenError) {
    const code = tokenFailures[error.code];
    return new CalendarError(code, error.code, { cause: error, trouble: troubleOf(error) });
  }
  return new CalendarError("calendar_unavailable", "the stored access can't be used", { cause: error });
}

function troubleOf({ code, cause }: AccessTokenError): CalendarTrouble | undefined {
  if (code === "refresh_misconfigured") {
    // Whoever is changing our client's secret needs a minute: no event for each customer at once.
    return { name: "refused", calendar: null, reason: code, lasts: false };
  }
  // An open breaker has sent nothing, so that it says nothing of the calendar.
  if (code !== "refresh_failed" || cause instanceof ProviderDownError) return undefined;
  return { name: "unreachable", calendar: null, reason: code, lasts: false };
}
