import { z } from "zod";
import type { CalendarError } from "./calendar.ts";

/** https://developers.google.com/workspace/calendar/api/guides/errors */
const googleError = z.object({
  error: z.object({ errors: z.array(z.object({ reason: z.string() })).min(1) }),
});

const rateLimitReasons = new Set(["rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"]);
const missingScopeReasons = new Set(["insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"]);

type HttpFailure = {
  status?: unknown;
  response?: { status?: unknown; data?: unknown; headers?: { get?: (name: string) => string | null } };
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

/** How long the provider asks us to wait, in seconds or until a date (RFC 9110, section 10.2.3). */
export function retryAfterMs(error: unknown, now = Date.now()): number | undefined {
  const asked = (error as HttpFailure | undefined)?.response?.headers?.get?.("retry-after");
  if (asked === null || asked === undefined) return undefined;
  const ms = /^\d+$/.test(asked) ? Number(asked) * 1_000 : Date.parse(asked) - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** What a failed call means for whoever asked. Anything we don't know counts as unavailable. */
export function explainGoogleFailure(error: unknown): { code: CalendarError["code"]; reason: string } {
  const status = googleStatus(error);
  if (status === undefined) return { code: "calendar_unavailable", reason: networkReason(error) };
  const reason = googleReason(error);
  if (status === 429 || (status === 403 && rateLimitReasons.has(reason)))
    return { code: "rate_limited", reason };
  if (status === 403 && missingScopeReasons.has(reason)) return { code: "reconnect_required", reason };
  return { code: "calendar_unavailable", reason: `${status} ${reason}` };
}

function googleReason(error: unknown): string {
  const body = googleError.safeParse((error as HttpFailure).response?.data);
  return body.success ? (body.data.error.errors[0]?.reason ?? "unknown") : "unknown";
}

function networkReason(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return `no answer (${typeof code === "string" ? code : String(name)})`;
}
