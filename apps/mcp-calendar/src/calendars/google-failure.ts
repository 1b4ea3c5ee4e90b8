import { classify, type GoogleFailure } from "../google/google-answer.ts";
import { retryAfterMs } from "../google/retry-after.ts";
import { CalendarError } from "./calendar.ts";

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
  transient: "calendar_unavailable",
  rate_limited: "rate_limited",
} as const;

/** What a failed call means for whoever asked. Anything we don't know counts as unavailable. */
export function explainGoogleFailure(error: unknown): { code: CalendarError["code"]; reason: string } {
  const { kind, reason } = judge(error);
  return { code: calendarCodes[kind], reason };
}

function judge(error: unknown): GoogleFailure {
  const status = googleStatus(error);
  const verdict = classify({ status, body: (error as HttpFailure).response?.data }, "call");
  if (status !== undefined && verdict.kind !== "ok") return verdict;
  const { code, name } = error as { code?: unknown; name?: unknown };
  return { kind: "transient", reason: `no answer (${typeof code === "string" ? code : String(name)})` };
}

/** An answer that isn't what was asked for. */
export function unreadable(cause?: unknown): CalendarError {
  return new CalendarError("calendar_unavailable", "unreadable answer", { cause });
}
