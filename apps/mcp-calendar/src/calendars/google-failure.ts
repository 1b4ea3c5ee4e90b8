import { classifyAnswer, type GoogleCallFailure, retryAfterMs } from "@cita/providers";
import type { CalendarError, CalendarTrouble } from "./calendar.ts";

/** What Google's own client throws: a failure, with the answer where there was one. */
type HttpFailure = {
  response?: { status?: unknown; data?: unknown; headers?: Pick<Headers, "get"> };
};

/** The HTTP status Google answered with; undefined when it didn't answer. */
export function googleStatus(error: unknown): number | undefined {
  const status = (error as HttpFailure | undefined)?.response?.status;
  return typeof status === "number" ? status : undefined;
}

/** No answer, or one of those that say it isn't us: what was asked for may have been done or not. */
export function isUnanswered(error: unknown): boolean {
  const status = googleStatus(error);
  return status === undefined || status >= 500;
}

/** How long the provider asks us to wait. */
export function pauseOf(error: unknown): number | undefined {
  const headers = (error as HttpFailure | undefined)?.response?.headers;
  return headers && retryAfterMs(headers);
}

const calendarCodes = {
  reauth_required: "reconnect_required",
  misconfigured: "calendar_unavailable",
  refused: "calendar_unavailable",
  transient: "calendar_unavailable",
  rate_limited: "rate_limited",
} as const;

export type ExplainedFailure = {
  readonly code: CalendarError["code"];
  readonly reason: string;
  readonly trouble: CalendarTrouble | undefined;
};

/**
 * What a failed call means for whoever asked. Anything we don't know counts as unavailable.
 * @param calendar which one was asked: a further one that is refused says nothing of the consent.
 */
export function explainGoogleFailure(error: unknown, calendar = "primary"): ExplainedFailure {
  const failure = ofCalendar(judge(error), calendar);
  const { kind, reason } = failure;
  return { code: calendarCodes[kind], reason, trouble: troubleOf(failure, googleStatus(error), calendar) };
}

/** A permission that is missing for one of several calendars is no permission that the business took back. */
function ofCalendar(failure: GoogleCallFailure, calendar: string): GoogleCallFailure {
  const isFurther = calendar !== "primary" && failure.kind === "reauth_required";
  return isFurther ? { kind: "refused", reason: failure.reason } : failure;
}

/** Refusals that are about one calendar; the others are about the account, whichever was asked. */
const refusedCalendar = new Set([
  "forbidden",
  "requiredAccessLevel",
  "insufficientPermissions",
  "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
]);

function troubleOf(
  { kind, reason }: GoogleCallFailure,
  status: number | undefined,
  asked: string,
): CalendarTrouble | undefined {
  const further = asked === "primary" ? null : asked;
  switch (kind) {
    case "reauth_required":
    case "rate_limited":
      return undefined;
    case "misconfigured":
      return { name: "refused", calendar: null, reason, lasts: true };
    case "refused": {
      const calendar = refusedCalendar.has(reason) ? further : null;
      return { name: "refused", calendar, reason, lasts: true };
    }
    case "transient":
      // Google says of some 404 that they pass; one for a calendar that an admin has typed rarely does.
      if (status === 404 && isWorded(status, reason))
        return { name: "not_found", calendar: asked, reason, lasts: further !== null };
      return isWordedRefusal(status, reason)
        ? { name: "refused", calendar: further, reason, lasts: false }
        : { name: "unreachable", calendar: null, reason, lasts: false };
  }
}

/** Google itself has refused, by a word that we don't know: whether that passes shows in time. */
function isWordedRefusal(status: number | undefined, reason: string): boolean {
  return [400, 401, 403].includes(status ?? 0) && isWorded(status, reason);
}

/** Whether the answer has a word of Google's: a page without one may come from any proxy. */
function isWorded(status: number | undefined, reason: string): boolean {
  return reason !== `${status} unknown`;
}

function judge(error: unknown): GoogleCallFailure {
  const status = googleStatus(error);
  const verdict = classifyAnswer({ status, body: (error as HttpFailure).response?.data }, "call");
  if (status !== undefined && verdict.kind !== "ok") return verdict;
  const { code, name } = error as { code?: unknown; name?: unknown };
  return { kind: "transient", reason: `no answer (${typeof code === "string" ? code : String(name)})` };
}
