import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { AccessTokenError } from "./access-tokens.ts";
import { createPauses, type Pauses, pauseMessages, unsavedPauseMs } from "./refresh-pauses.ts";
import type { Renewable, RenewableStore, RenewalOutcome, RenewalWords, RenewedTokens } from "./renewable.ts";
import { findConnected, isUsable, isValidFor, reconnectRequiredError } from "./usable-connection.ts";

export type RefreshDeps<Key, Stored extends Renewable, Tokens extends RenewedTokens> = {
  readonly store: RenewableStore<Key, Stored, Tokens>;
  readonly renewConnection: (stored: Stored) => Promise<RenewalOutcome<Tokens>>;
  /** See `RenewedAccessDeps`. */
  readonly confirmLoss: (stored: Stored, reason: string) => Promise<boolean>;
  readonly toMapKey: (key: Key) => string;
  readonly words: RenewalWords;
  readonly leaseMs: number;
  /** A token that is valid for longer isn't renewed. */
  readonly renewBeforeMs: number;
  readonly now: () => number;
};

/** A token that isn't to be returned: the provider has rejected it, or else it is to be renewed although it is valid. */
export type UnwantedToken = { readonly accessToken: string; readonly isRejected: boolean };

const maxWaitMs = 15_000;
const waitStepMs = 50;

const failureCodes = {
  misconfigured: "refresh_misconfigured",
  transient: "refresh_failed",
  confirm_later: "refresh_failed",
  rate_limited: "refresh_rate_limited",
} as const;

/**
 * Makes the function that renews an access token. It reads the connection repeatedly until the connection has a usable
 * token, or this process gets the lease and refreshes it. A token that couldn't be stored isn't used
 * (docs/decisions/0019).
 * @returns a function that throws AccessTokenError.
 */
export function createRefreshUnderLease<Key, Stored extends Renewable, Tokens extends RenewedTokens>(
  deps: RefreshDeps<Key, Stored, Tokens>,
): (key: Key, unwanted: UnwantedToken | undefined) => Promise<string> {
  const { store, words, leaseMs, renewBeforeMs, now } = deps;
  const pauses = createPauses(deps.toMapKey);

  return async (key, unwanted) => {
    const owner = randomUUID();
    const other = unwanted?.accessToken;
    for (const deadline = performance.now() + maxWaitMs; ; await sleep(waitStepMs)) {
      const stored = await findConnected(store, key, words);
      if (stored.accessToken !== other && isValidFor(stored, renewBeforeMs, now())) {
        return stored.accessToken;
      }
      const paused = pauses.findFailure(key);
      if (paused !== undefined) {
        if (isUsable(stored, now(), other)) return stored.accessToken;
        throw new AccessTokenError(paused, pauseMessages[paused]);
      }
      if (await store.acquireRefreshLease(stored, owner, new Date(now() + leaseMs))) {
        return renewOrRelease(deps, pauses, { key, stored, owner, unwanted });
      }
      // Another process renews it. The present token may be valid until then.
      if (isUsable(stored, now(), other)) return stored.accessToken;
      if (performance.now() > deadline) {
        const message = "The access is being renewed elsewhere, and takes too long.";
        throw new AccessTokenError("refresh_failed", message);
      }
    }
  };
}

/** A connection, as it was read, whose lease this process has. */
type Leased<Key, Stored> = {
  readonly key: Key;
  readonly stored: Stored;
  readonly owner: string;
  readonly unwanted: UnwantedToken | undefined;
};

async function renewOrRelease<Key, Stored extends Renewable, Tokens extends RenewedTokens>(
  deps: RefreshDeps<Key, Stored, Tokens>,
  pauses: Pauses<Key>,
  leased: Leased<Key, Stored>,
): Promise<string> {
  const { stored, owner } = leased;
  try {
    const outcome = await deps.renewConnection(stored);
    return await applyOutcome(deps, pauses, leased, outcome);
  } catch (error) {
    // Releasing may fail as storing did. The lease then expires by itself.
    await deps.store.releaseRefreshLease(stored, owner).catch(() => undefined);
    throw error;
  }
}

/** Saves tokens or records the loss, unless somebody has saved or reconnected since the connection was read. */
async function applyOutcome<Key, Stored extends Renewable, Tokens extends RenewedTokens>(
  deps: RefreshDeps<Key, Stored, Tokens>,
  pauses: Pauses<Key>,
  { key, stored, owner, unwanted }: Leased<Key, Stored>,
  outcome: RenewalOutcome<Tokens>,
): Promise<string> {
  const { store, words, now } = deps;
  const isRejected = unwanted?.isRejected === true && unwanted.accessToken === stored.accessToken;
  switch (outcome.kind) {
    case "ok":
      if (await save(deps, pauses, key, stored, outcome.tokens)) return outcome.tokens.accessToken;
      break;
    case "reauth_required":
      await requireReconnect(deps, stored, outcome.reason);
      break;
    case "not_renewable":
      if (!isRejected && isUsable(stored, now())) {
        await store.releaseRefreshLease(stored, owner);
        return stored.accessToken;
      }
      await requireReconnect(deps, stored, isRejected ? "access_rejected" : "access_expired");
      break;
    case "confirm_later":
      if (!(await deps.confirmLoss(stored, outcome.reason))) throw refreshError(outcome);
      await requireReconnect(deps, stored, outcome.reason);
      break;
    default:
      if (outcome.retryAfterMs) pauses.begin(key, outcome.retryAfterMs, "refresh_rate_limited");
      throw refreshError(outcome);
  }
  const current = await findConnected(store, key, words);
  if (isUsable(current, now())) return current.accessToken;
  const message = "The access was changed by somebody else while it was renewed.";
  throw new AccessTokenError("refresh_failed", message);
}

async function save<Key, Stored extends Renewable, Tokens extends RenewedTokens>(
  { store }: Pick<RefreshDeps<Key, Stored, Tokens>, "store">,
  pauses: Pauses<Key>,
  key: Key,
  stored: Stored,
  tokens: Tokens,
): Promise<boolean> {
  try {
    return await store.saveRefreshed(stored, tokens);
  } catch (cause) {
    pauses.begin(key, unsavedPauseMs, "refresh_failed");
    throw new AccessTokenError("refresh_failed", pauseMessages.refresh_failed, { cause });
  }
}

/** Returns where somebody has saved since. @throws AccessTokenError `reconnect_required` */
async function requireReconnect<Key, Stored extends Renewable, Tokens extends RenewedTokens>(
  { store, words }: Pick<RefreshDeps<Key, Stored, Tokens>, "store" | "words">,
  stored: Stored,
  reason: string,
): Promise<void> {
  if (await store.requireReconnect(stored, reason)) throw reconnectRequiredError(words, reason);
}

function refreshError(failure: {
  readonly kind: keyof typeof failureCodes;
  readonly reason: string;
  readonly cause?: unknown;
}): AccessTokenError {
  const message = `The access could not be renewed (${failure.reason}).`;
  return new AccessTokenError(failureCodes[failure.kind], message, { cause: failure.cause });
}
