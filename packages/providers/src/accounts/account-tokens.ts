import type { AccountTokens } from "./account-client.ts";
import type { AccountRenewal } from "./definition.ts";
import type { TokenResponse } from "./token-response.ts";

const dayMs = 86_400_000;

/** Of an access's idle limit we let pass a third: renewals may fail for days. */
const idleShare = 1 / 3;

/** Of an access token's life, the part after which it is renewed. Random, so that what was connected together is not renewed together. */
const renewedAfter = { min: 0.75, max: 0.9 };
const exchangedAfter = { min: 0.4, max: 0.6 };

/** The tokens of a response, with their times. @param now in epoch milliseconds, of the response. */
export function toTokens(response: TokenResponse, renewal: AccountRenewal, now: number): AccountTokens {
  const { accessToken, refreshToken, tokenType, facts, refreshExpiresInSeconds } = response;
  const seconds = response.expiresInSeconds ?? renewal.accessLifetimeSeconds;
  const lifetimeMs = seconds === null ? null : seconds * 1_000;
  const at = (ms: number | null) => (ms === null ? null : new Date(now + ms));
  return {
    ...{ accessToken, refreshToken, tokenType, facts },
    issuedAt: new Date(now),
    expiresAt: at(lifetimeMs),
    renewAt: at(renewAfter(renewal, refreshToken !== null, lifetimeMs)),
    accessEndsAt: at(endAfter(renewal, { refreshToken, lifetimeMs, refreshExpiresInSeconds })),
  };
}

/** After how many milliseconds it is to be renewed; null: it needs no renewal, or can't be renewed. */
function renewAfter(
  renewal: AccountRenewal,
  hasRefreshToken: boolean,
  lifetimeMs: number | null,
): number | null {
  if (renewal.kind === "none") return null;
  if (renewal.kind === "exchange_access_token")
    return lifetimeMs === null ? null : lifetimeMs * between(exchangedAfter);
  if (!hasRefreshToken) return null;
  const idleMs = renewal.idleLimitDays === null ? null : renewal.idleLimitDays * dayMs * idleShare;
  const earlyMs = lifetimeMs === null ? null : lifetimeMs * between(renewedAfter);
  return earlyMs === null || idleMs === null ? (earlyMs ?? idleMs) : Math.min(earlyMs, idleMs);
}

/** The end that no renewal puts off. */
function endAfter(
  renewal: AccountRenewal,
  given: Pick<TokenResponse, "refreshToken" | "refreshExpiresInSeconds"> & {
    readonly lifetimeMs: number | null;
  },
): number | null {
  if (given.refreshToken !== null)
    return given.refreshExpiresInSeconds === null ? null : given.refreshExpiresInSeconds * 1_000;
  return renewal.kind === "exchange_access_token" ? null : given.lifetimeMs;
}

function between({ min, max }: { readonly min: number; readonly max: number }): number {
  return min + Math.random() * (max - min);
}
