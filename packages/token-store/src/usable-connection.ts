import { AccessTokenError } from "./access-tokens.ts";
import type { Renewable, RenewableStore, RenewalWords } from "./renewable.ts";

/** How long an access token must be valid for a call to be sent with it. */
const freshForMs = 60_000;

/** @throws AccessTokenError `not_connected`, `reconnect_required` */
export async function findConnected<Key, Stored extends Renewable>(
  store: Pick<RenewableStore<Key, Stored, never>, "find">,
  key: Key,
  words: RenewalWords,
): Promise<Stored> {
  const stored = await store.find(key);
  if (stored === undefined) throw new AccessTokenError("not_connected", words.notConnected);
  if (stored.reconnectRequiredSince !== null) {
    throw reconnectRequiredError(words, stored.reconnectReason ?? "unknown");
  }
  return stored;
}

/** Whether the access token is valid for a minute, and not the rejected one. @param now in epoch milliseconds */
export function isUsable(stored: Renewable, now: number, rejected?: string): boolean {
  return stored.accessToken !== rejected && isValidFor(stored, freshForMs, now);
}

/** @param now in epoch milliseconds */
export function isValidFor({ tokenExpiry }: Renewable, ms: number, now: number): boolean {
  return tokenExpiry === null || tokenExpiry.getTime() > now + ms;
}

export function reconnectRequiredError(words: RenewalWords, reason: string): AccessTokenError {
  return new AccessTokenError("reconnect_required", words.reconnectRequired(reason));
}
