import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { AccessTokenError, type RefreshOutcome, type RenewConnection } from "./access-tokens.ts";
import type { CustomerKey } from "./customer-key.ts";
import type { Connection, ConnectionStore, RefreshedTokens } from "./token-store.ts";
import {
  findConnected,
  isUsable,
  isValidFor,
  reconnectRequiredError,
  toMapKey,
} from "./usable-connection.ts";

type Deps = {
  readonly connections: ConnectionStore;
  readonly renewConnection: RenewConnection;
  readonly leaseMs: number;
  /** A token that is valid for longer isn't renewed. */
  readonly renewBeforeMs: number;
  readonly now: () => number;
};

const maxWaitMs = 15_000;
const waitStepMs = 50;

/** Caps the provider's `Retry-After`, so that one response can't block a customer for a day. */
const maxPauseMs = 300_000;

/** The pause after renewed tokens couldn't be stored, as on a full disk: each try costs the provider a request. */
const unsavedPauseMs = 10_000;

const failureCodes = {
  misconfigured: "refresh_misconfigured",
  transient: "refresh_failed",
  rate_limited: "refresh_rate_limited",
} as const;

const pauseMessages = {
  refresh_rate_limited: "The provider has asked us to wait.",
  refresh_failed: "The renewed access could not be stored.",
} as const;

/**
 * Makes the function that renews a customer's access token. It reads the connection repeatedly until the connection has a
 * usable token, or this process gets the lease and refreshes it. A token that couldn't be stored isn't used
 * (docs/decisions/0019).
 * @returns a function of the customer and of a rejected token, which isn't returned. It throws AccessTokenError.
 */
export function createRefreshUnderLease(deps: Deps) {
  const { connections, leaseMs, renewBeforeMs, now } = deps;
  const pauses = createPauses();

  return async (key: CustomerKey, rejected: string): Promise<string> => {
    const owner = randomUUID();
    for (const deadline = performance.now() + maxWaitMs; ; await sleep(waitStepMs)) {
      const connection = await findConnected(connections, key);
      if (connection.accessToken !== rejected && isValidFor(connection, renewBeforeMs, now())) {
        return connection.accessToken;
      }
      const paused = pauses.findFailure(key);
      if (paused !== undefined) {
        if (isUsable(connection, now(), rejected)) return connection.accessToken;
        throw new AccessTokenError(paused, pauseMessages[paused]);
      }
      if (await connections.acquireRefreshLease(connection, owner, new Date(now() + leaseMs))) {
        return renewOrRelease(deps, pauses, connection, owner);
      }
      // Another process renews it. The present token may be valid until then.
      if (isUsable(connection, now(), rejected)) return connection.accessToken;
      if (performance.now() > deadline) {
        const message = "The access is being renewed elsewhere, and takes too long.";
        throw new AccessTokenError("refresh_failed", message);
      }
    }
  };
}

async function renewOrRelease(
  deps: Deps,
  pauses: Pauses,
  connection: Connection,
  owner: string,
): Promise<string> {
  try {
    const outcome = await deps.renewConnection(connection);
    return await applyOutcome(deps, pauses, connection, outcome);
  } catch (error) {
    // Releasing may fail as storing did. The lease then expires by itself.
    await deps.connections.releaseRefreshLease(connection, owner).catch(() => undefined);
    throw error;
  }
}

/** Saves tokens or records the loss, unless somebody has saved or reconnected since the connection was read. */
async function applyOutcome(
  { connections, now }: Deps,
  pauses: Pauses,
  connection: Connection,
  outcome: RefreshOutcome,
): Promise<string> {
  switch (outcome.kind) {
    case "ok":
      if (await save(connections, pauses, connection, outcome.tokens)) return outcome.tokens.accessToken;
      break;
    case "reauth_required":
      if ((await connections.requireReconnect(connection, outcome.reason)) !== undefined) {
        throw reconnectRequiredError(outcome.reason);
      }
      break;
    default: {
      if (outcome.retryAfterMs) pauses.begin(connection, outcome.retryAfterMs, "refresh_rate_limited");
      const message = `The access could not be renewed (${outcome.reason}).`;
      throw new AccessTokenError(failureCodes[outcome.kind], message, { cause: outcome.cause });
    }
  }
  const current = await findConnected(connections, connection);
  if (isUsable(current, now())) return current.accessToken;
  const message = "The access was changed by somebody else while it was renewed.";
  throw new AccessTokenError("refresh_failed", message);
}

async function save(
  connections: ConnectionStore,
  pauses: Pauses,
  connection: Connection,
  tokens: RefreshedTokens,
): Promise<boolean> {
  try {
    return await connections.saveRefreshed(connection, tokens);
  } catch (cause) {
    pauses.begin(connection, unsavedPauseMs, "refresh_failed");
    throw new AccessTokenError("refresh_failed", pauseMessages.refresh_failed, { cause });
  }
}

/** Customers whose refreshes are paused, with the code that callers get. */
function createPauses() {
  const pauses = new Map<string, { failure: keyof typeof pauseMessages; end: NodeJS.Timeout }>();
  return {
    findFailure: (key: CustomerKey) => pauses.get(toMapKey(key))?.failure,
    begin(key: CustomerKey, forMs: number, failure: keyof typeof pauseMessages): void {
      const name = toMapKey(key);
      clearTimeout(pauses.get(name)?.end);
      const end = setTimeout(() => pauses.delete(name), Math.min(forMs, maxPauseMs)).unref();
      pauses.set(name, { failure, end });
    },
  };
}

type Pauses = ReturnType<typeof createPauses>;
