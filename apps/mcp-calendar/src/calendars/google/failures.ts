import { classifyAnswer, type GoogleCallFailure, retryAfterMs } from "@cita/providers";
import { z } from "zod";
import { CalendarError, type CalendarProblem } from "../calendar.ts";
import type { RequestFailure } from "../upstream/upstream-policy.ts";

/** An error of Google's client, with the response where one came. */
type HttpFailure = {
  response?: { status?: unknown; data?: unknown; headers?: Pick<Headers, "get"> };
};

/** The HTTP status of Google's response; undefined where none came. */
export function httpStatus(error: unknown): number | undefined {
  const status = (error as HttpFailure | undefined)?.response?.status;
  return typeof status === "number" ? status : undefined;
}

/** Whether a failed write may have been done: no response came, or a 5xx, which may be a proxy's. */
export function mayHaveBeenDone(error: unknown): boolean {
  const status = httpStatus(error);
  return status === undefined || status >= 500;
}

/** Google's reason where a daily quota, such as that of invitations, is used up. */
export const dailyQuotaReason = "quotaExceeded";

/** Whether and when a failed request may be sent again. */
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

/** A response that can't be parsed counts as `failed`: somebody, such as a proxy, has sent it. */
function outcomeOf(error: unknown): RequestFailure["outcome"] {
  if (!mayHaveBeenDone(error)) return "answered";
  return httpStatus(error) === undefined && !(error instanceof CalendarError) ? "unanswered" : "failed";
}

/**
 * The CalendarError for a failed request. Failures that aren't known are `calendar_unavailable`.
 * @param calendarId the calendar of the request. A refusal for another calendar than `primary` doesn't end the consent.
 */
export function requestError(
  error: unknown,
  { calendarId, outcomeUnknown }: { calendarId: string; outcomeUnknown: boolean },
): CalendarError {
  if (error instanceof CalendarError) {
    const { cause, problem } = error;
    return new CalendarError(error.code, error.reason, { cause, problem, outcomeUnknown });
  }
  const { code, reason, problem } = explainFailure(error, calendarId);
  return new CalendarError(code, reason, { cause: error, problem, outcomeUnknown });
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
  const problem = toProblem(failure, httpStatus(error), calendarId);
  return { code: requestCodes[kind], reason, problem };
}

function classifyError(error: unknown): GoogleCallFailure {
  const status = httpStatus(error);
  const verdict = classifyAnswer({ status, body: (error as HttpFailure).response?.data }, "call");
  if (status !== undefined && verdict.kind !== "ok") return verdict;
  const { code, name } = error as { code?: unknown; name?: unknown };
  return { kind: "transient", reason: `no answer (${typeof code === "string" ? code : String(name)})` };
}

/** A permission that is missing for another calendar than `primary` doesn't mean that the consent was revoked. */
function forCalendar(failure: GoogleCallFailure, calendarId: string): GoogleCallFailure {
  const isOfOneCalendar = calendarId !== "primary" && failure.kind === "reauth_required";
  return isOfOneCalendar ? { kind: "refused", reason: failure.reason } : failure;
}

/** Reasons that concern one calendar. Other reasons concern the account, whichever calendar was requested. */
const refusalsOfOneCalendar = new Set([
  "forbidden",
  "requiredAccessLevel",
  "insufficientPermissions",
  "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
]);

function toProblem(
  { kind, reason }: GoogleCallFailure,
  status: number | undefined,
  calendarId: string,
): CalendarProblem | undefined {
  const calendarOrAccount = calendarId === "primary" ? null : calendarId;
  switch (kind) {
    case "reauth_required":
    case "rate_limited":
      return undefined;
    case "misconfigured":
      return { name: "refused", calendar: null, reason, lasts: true };
    case "refused": {
      const calendar = refusalsOfOneCalendar.has(reason) ? calendarOrAccount : null;
      return { name: "refused", calendar, reason, lasts: true };
    }
    case "transient":
      // Some of Google's 404s pass. One for a calendar id that an admin has typed rarely does.
      if (status === 404 && hasReason(status, reason))
        return { name: "not_found", calendar: calendarId, reason, lasts: calendarOrAccount !== null };
      // Whether a refusal for an unknown reason passes is decided by later readings.
      return [400, 401, 403].includes(status ?? 0) && hasReason(status, reason)
        ? { name: "refused", calendar: calendarOrAccount, reason, lasts: false }
        : { name: "unreachable", calendar: null, reason, lasts: false };
  }
}

/** Whether the response has one of Google's reasons. A response without any may be a proxy's. */
function hasReason(status: number | undefined, reason: string): boolean {
  return reason !== `${status} unknown`;
}

/** A response of another shape than Google's. It may be a proxy's, and may pass. */
export function unreadableAnswer(cause?: unknown): CalendarError {
  const reason = "unreadable answer";
  const problem: CalendarProblem = { name: "unreachable", calendar: null, reason, lasts: false };
  return new CalendarError("calendar_unavailable", reason, { cause, problem });
}

/** The error for a page of events that doesn't parse, because of one event or as a whole. */
export function unreadablePage(data: unknown, cause: z.ZodError, calendarId: string): CalendarError {
  const [member, index] = cause.issues[0]?.path ?? [];
  const events = listedEvents.safeParse(data).data?.items;
  if (member !== "items" || typeof index !== "number" || events === undefined) return unreadableAnswer(cause);
  return unreadableCalendar(calendarId, nameOfEvent(events[index]), cause);
}

/** The error for a calendar that stays unreadable until somebody changes it. @param what can't be read. */
export function unreadableCalendar(calendarId: string, what: string, cause?: unknown): CalendarError {
  const problem: CalendarProblem = { name: "unreadable", calendar: calendarId, reason: what, lasts: true };
  return new CalendarError("calendar_unavailable", "unreadable calendar", { cause, problem });
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

/** Names an event by its id and date as far as they parse, never by text that its owner wrote. */
export function nameOfEvent(event: unknown): string {
  const legible = legibleEvent.safeParse(event).data;
  if (legible === undefined) return "event";
  const [date] = /^\d{4}-\d{2}-\d{2}/.exec(legible.start?.dateTime ?? legible.start?.date ?? "") ?? [];
  return `event ${legible.id}${date === undefined ? "" : ` on ${date}`}`;
}
