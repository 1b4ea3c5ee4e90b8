import type { z } from "zod";
import { CalendarError, type CalendarProblem } from "../../../../apps/mcp-calendar/src/calendars/calendar.ts";
import type { RequestErrors } from "../../../../apps/mcp-calendar/src/calendars/upstream/customer-requests.ts";
import type { RequestFailure } from "../../../../apps/mcp-calendar/src/calendars/upstream/upstream-policy.ts";

type FailureParts = {
  status: number;
  pauseMs: number | undefined;
  fault?: string;
  existing?: string | undefined;
  /** Why a response with status 200 doesn't parse. */
  unreadable?: z.ZodError;
};

/** A response that says that something failed, or that doesn't parse. */
export class AgendaFailure extends Error {
  override readonly name = "AgendaFailure";
  readonly status: number;
  /** Agenda's own word. */
  readonly fault: string | undefined;
  readonly existing: string | undefined;
  readonly pauseMs: number | undefined;
  readonly unreadable: z.ZodError | undefined;
  constructor({ status, pauseMs, fault, existing, unreadable }: FailureParts) {
    super(fault ?? `${status}`);
    this.status = status;
    this.pauseMs = pauseMs;
    this.fault = fault;
    this.existing = existing;
    this.unreadable = unreadable;
  }
}

type Meaning = { code: CalendarError["code"]; problem?: CalendarProblem };

function explain(error: unknown, calendarId: string): Meaning & { reason: string } {
  if (!(error instanceof AgendaFailure)) {
    const reason = `no answer (${error instanceof Error ? error.name : "unknown"})`;
    return { code: "calendar_unavailable", reason, problem: unreachable(reason) };
  }
  const { status, fault, unreadable } = error;
  const reason = fault ?? (unreadable === undefined ? `${status}` : "unreadable answer");
  const calendar = calendarId === "primary" ? null : calendarId;
  if (fault === "slow_down" || status === 429) return { code: "rate_limited", reason };
  if (fault === "not_granted" && calendar === null) return { code: "reconnect_required", reason };
  if (fault === "no_such_calendar") {
    const problem = { name: "not_found", calendar: calendarId, reason, lasts: calendar !== null } as const;
    return { code: "calendar_unavailable", reason, problem };
  }
  if (fault === "account_closed" || fault === "not_granted") {
    const problem = { name: "refused", calendar, reason, lasts: true } as const;
    return { code: "calendar_unavailable", reason, problem };
  }
  return { code: "calendar_unavailable", reason, problem: unreachable(reason) };
}

function unreachable(reason: string): CalendarProblem {
  return { name: "unreachable", calendar: null, reason, lasts: false };
}

/** A refusal has done nothing. Without one nobody knows: no response came, a proxy's, or half of one. */
function mayHaveBeenDone(error: unknown): boolean {
  return !(error instanceof AgendaFailure) || error.fault === undefined || error.status >= 500;
}

export const errors: RequestErrors = {
  mayHaveBeenDone,
  isTokenRefused: (error) => error instanceof AgendaFailure && error.fault === "token_stale",
  toCalendarError(error, { calendarId, outcomeUnknown }) {
    if (error instanceof CalendarError) {
      const { code, reason, cause, problem } = error;
      return new CalendarError(code, reason, { cause, problem, outcomeUnknown });
    }
    const { code, reason, problem } = explain(error, calendarId);
    return new CalendarError(code, reason, { cause: error, problem, outcomeUnknown });
  },
};

/** Whether and when a failed request may be sent again. */
export function assessFailure(error: unknown): RequestFailure {
  const { code } = explain(error, "primary");
  const isAnswer = error instanceof AgendaFailure;
  const outcome = !mayHaveBeenDone(error) ? "answered" : isAnswer ? "failed" : "unanswered";
  return { outcome, code, pauseMs: isAnswer ? error.pauseMs : undefined, isDailyQuotaUsedUp: false };
}

/** The error for a calendar that stays unreadable until somebody changes it. @param what can't be read. */
export function unreadableCalendar(calendarId: string, what: string, cause?: unknown): CalendarError {
  const problem: CalendarProblem = { name: "unreadable", calendar: calendarId, reason: what, lasts: true };
  return new CalendarError("calendar_unavailable", "unreadable calendar", { cause, problem });
}
