/**
 * How long an answer asks us to wait, in seconds or until a date (RFC 9110, section 10.2.3). A date is
 * counted from the answer's own, so that it doesn't matter what our clock says.
 */
export function retryAfterMs(headers: HeaderReader, now = Date.now()): number | undefined {
  const asked = headers.get("retry-after");
  if (asked === null) return undefined;
  const ms = /^\d+$/.test(asked) ? Number(asked) * 1_000 : Date.parse(asked) - (answerTime(headers) ?? now);
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

type HeaderReader = { get(name: string): string | null };

/** When an answer was made, by the clock of whoever made it: its `Date` (RFC 9110, section 6.6.1). */
export function answerTime(headers: HeaderReader): number | undefined {
  const date = Date.parse(headers.get("date") ?? "");
  return Number.isNaN(date) ? undefined : date;
}
