type HeaderReader = { get(name: string): string | null };

/**
 * The `Retry-After` of a response in milliseconds. A date counts from the response's own `Date`, so that our own clock may
 * be wrong.
 * @param now our own time in epoch milliseconds, for a response without a `Date`.
 * @returns undefined where the header is missing or doesn't parse.
 * @see RFC 9110, section 10.2.3
 */
export function retryAfterMs(headers: HeaderReader, now = Date.now()): number | undefined {
  const asked = headers.get("retry-after");
  if (asked === null) return undefined;
  const ms = /^\d+$/.test(asked) ? Number(asked) * 1_000 : Date.parse(asked) - (answerTime(headers) ?? now);
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/**
 * The `Date` of a response in epoch milliseconds.
 * @see RFC 9110, section 6.6.1
 */
export function answerTime(headers: HeaderReader): number | undefined {
  const date = Date.parse(headers.get("date") ?? "");
  return Number.isNaN(date) ? undefined : date;
}
