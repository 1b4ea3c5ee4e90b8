type HeaderReader = { get(name: string): string | null };

/**
 * How long an answer asks us to wait, in milliseconds. A date is counted from the answer's own `Date`, so that a wrong
 * clock of ours doesn't matter.
 * @param now our own time in epoch milliseconds, for an answer without a `Date`.
 * @returns undefined where it doesn't ask, or not in a way that can be read.
 * @see RFC 9110, section 10.2.3
 */
export function retryAfterMs(headers: HeaderReader, now = Date.now()): number | undefined {
  const asked = headers.get("retry-after");
  if (asked === null) return undefined;
  const ms = /^\d+$/.test(asked) ? Number(asked) * 1_000 : Date.parse(asked) - (answerTime(headers) ?? now);
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/**
 * When an answer was made, in epoch milliseconds by the clock of whoever made it.
 * @see RFC 9110, section 6.6.1
 */
export function answerTime(headers: HeaderReader): number | undefined {
  const date = Date.parse(headers.get("date") ?? "");
  return Number.isNaN(date) ? undefined : date;
}
