import { classifyAnswer, type GoogleCallFailure, retryAfterMs } from "@cita/providers";
import { AccessTokenError } from "@cita/token-store";
import { z } from "zod";
import { CalendarError, type CalendarTrouble } from "../calendar.ts";
import { ProviderDownError } from "../upstream/breakers.ts";
import type { RequestFailure } from "../upstream/upstream-policy.ts";

/** What Google's client throws: a failure, with the answer where there was one. */
type HttpFailure = {
  response?: { status?: unknown; data?: unknown; headers?: Pick<Headers, "get"> };
};

/** The HTTP status of Google's answer; undefined where no answer came. */
export function httpStatus(error: unknown): number | undefined {
  const status = (error as HttpFailure | undefined)?.response?.status;
  return typeof status === "number" ? status : undefined;
}

/** Whether what was asked for may have been done all the same: no answer came, or a 5xx, which may be a proxy's. */
export function mayHaveBeenDone(error: unknown): boolean {
  const status = httpStatus(error);
  return status === undefined || status >= 500;
}

/** The reason of a day's quota that is used up, such as of invitations. */
export const dailyQuotaReason = "quotaExceeded";

/** What a failed request says about sending it again. */
export function assessFailure(error: unknown): RequestFailure {
  const { code, reason } = explainFailure(error, "primary");
  const headers = (error as HttpFailure | undefined)?.response?.headers;
  return {
    outcome: outcomeOf(error),
    code,
    pauseMs: headers && retryAfterMs(headers),
    isDailyQuotaUsedUp: reason === dailyQuotaReason,
  };
}

/** An answer that can't be read was still sent by somebody, such as a proxy. */
function outcomeOf(error: unknown): RequestFailure["outcome"] {
  if (!mayHaveBeenDone(error)) return "answered";
  return httpStatus(error) === undefined && !(error instanceof CalendarError) ? "unanswered" : "failed";
}

/**
 * A failed request as the caller meets it. What isn't known counts as unavailable.
 * @param calendarId the calendar that was asked: a refusal for a further one says nothing of the consent.
 */
export function requestError(
  error: unknown,
  { calendarId, outcomeUnknown }: { calendarId: string; outcomeUnknown: boolean },
): CalendarError {
  if (error instanceof CalendarError) {
    const { cause, trouble } = error;
    return new CalendarError(error.code, error.reason, { cause, trouble, outcomeUnknown });
  }
  const { code, reason, trouble } = explainFailure(error, calendarId);
  return new CalendarError(code, reason, { cause: error, trouble, outcomeUnknown });
}

const requestCodes = {
  reauth_required: "reconnect_required",
  misconfigured: "calendar_unavailable",
  refused: "calendar_unavailable",
  transient: "calendar_unavailable",
  rate_limited: "rate_limited",
} as const;

function explainFailure(error: unknown, calendarId: string) {
  const failure = forCalendar(classifyError(error), calendarId);
  const { kind, reason } = failure;
  const trouble = troubleOf(failure, httpStatus(error), calendarId);
  return { code: requestCodes[kind], reason, trouble };
}

function classifyError(error: unknown): GoogleCallFailure {
  const status = httpStatus(error);
  const verdict = classifyAnswer({ status, body: (error as HttpFailure).response?.data }, "call");
  if (status !== undefined && verdict.kind !== "ok") return verdict;
  const { code, name } = error as { code?: unknown; name?: unknown };
  return { kind: "transient", reason: `no answer (${typeof code === "string" ? code : String(name)})` };
}

/** A permission that is missing for one of several calendars isn't one that the business has taken back. */
function forCalendar(failure: GoogleCallFailure, calendarId: string): GoogleCallFailure {
  const isFurther = calendarId !== "primary" && failure.kind === "reauth_required";
  return isFurther ? { kind: "refused", reason: failure.reason } : failure;
}

/** Refusals that are about one calendar; the others are about the account, whichever calendar was asked. */
const refusalsOfOneCalendar = new Set([
  "forbidden",
  "requiredAccessLevel",
  "insufficientPermissions",
  "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
]);

function troubleOf(
  { kind, reason }: GoogleCallFailure,
  status: number | undefined,
  calendarId: string,
): CalendarTrouble | undefined {
  const further = calendarId === "primary" ? null : calendarId;
  switch (kind) {
    case "reauth_required":
    case "rate_limited":
      return undefined;
    case "misconfigured":
      return { name: "refused", calendar: null, reason, lasts: true };
    case "refused": {
      const calendar = refusalsOfOneCalendar.has(reason) ? further : null;
      return { name: "refused", calendar, reason, lasts: true };
    }
    case "transient":
      // Google says of some 404 that they pass; one for a calendar that an admin has typed rarely does.
      if (status === 404 && hasReason(status, reason))
        return { name: "not_found", calendar: calendarId, reason, lasts: further !== null };
      // A refusal for a reason that isn't known here: whether it passes shows in time.
      return [400, 401, 403].includes(status ?? 0) && hasReason(status, reason)
        ? { name: "refused", calendar: further, reason, lasts: false }
        : { name: "unreachable", calendar: null, reason, lasts: false };
  }
}

/** Whether the answer gives one of Google's reasons: a page without any may come from a proxy. */
function hasReason(status: number | undefined, reason: string): boolean {
  return reason !== `${status} unknown`;
}

const tokenCodes = {
  not_connected: "not_connected",
  reconnect_required: "reconnect_required",
  refresh_rate_limited: "rate_limited",
  refresh_failed: "calendar_unavailable",
  refresh_misconfigured: "calendar_unavailable",
} as const;

/** A customer's token that couldn't be had, as the caller meets it: because of a refresh, or of what is stored. */
export function tokenError(error: unknown): CalendarError {
  if (error instanceof AccessTokenError) {
    const code = tokenCodes[error.code];
    return new CalendarError(code, error.code, { cause: error, trouble: troubleOfToken(error) });
  }
  return new CalendarError("calendar_unavailable", "the stored access can't be used", { cause: error });
}

function troubleOfToken({ code, cause }: AccessTokenError): CalendarTrouble | undefined {
  // It doesn't last: while our client's secret is being changed, not every customer shall get an event.
  if (code === "refresh_misconfigured")
    return { name: "refused", calendar: null, reason: code, lasts: false };
  // While a breaker is open nothing is sent, which says nothing of the calendar.
  if (code !== "refresh_failed" || cause instanceof ProviderDownError) return undefined;
  return { name: "unreachable", calendar: null, reason: code, lasts: false };
}

/** An answer that isn't what was asked for. It may come from a proxy, and passes. */
export function unreadableAnswer(cause?: unknown): CalendarError {
  const reason = "unreadable answer";
  const trouble: CalendarTrouble = { name: "unreachable", calendar: null, reason, lasts: false };
  return new CalendarError("calendar_unavailable", reason, { cause, trouble });
}

/** A page of events that can't be read: because of one of its events, or altogether. */
export function unreadablePage(data: unknown, cause: z.ZodError, calendarId: string): CalendarError {
  const [member, index] = cause.issues[0]?.path ?? [];
  const events = listedEvents.safeParse(data).data?.items;
  if (member !== "items" || typeof index !== "number" || events === undefined) return unreadableAnswer(cause);
  return unreadableCalendar(calendarId, nameOfEvent(events[index]), cause);
}

/** What stays so until somebody changes the calendar. @param what of it can't be read. */
export function unreadableCalendar(calendarId: string, what: string, cause?: unknown): CalendarError {
  const trouble: CalendarTrouble = { name: "unreadable", calendar: calendarId, reason: what, lasts: true };
  return new CalendarError("calendar_unavailable", "unreadable calendar", { cause, trouble });
}

const listedEvents = z.object({ kind: z.literal("calendar#events"), items: z.array(z.unknown()) });

const legibleTime = z.object({
  date: z.string().nullish().catch(null),
  dateTime: z.string().nullish().catch(null),
});
const legibleEvent = z.object({
  id: z.string().regex(/^[\w-]{1,200}$/),
  start: legibleTime.optional().catch(undefined),
});

/** An event by its id and date, as far as they can be read: never by what its owner wrote. */
export function nameOfEvent(event: unknown): string {
  const legible = legibleEvent.safeParse(event).data;
  if (legible === undefined) return "event";
  const [date] = /^\d{4}-\d{2}-\d{2}/.exec(legible.start?.dateTime ?? legible.start?.date ?? "") ?? [];
  return `event ${legible.id}${date === undefined ? "" : ` on ${date}`}`;
}
