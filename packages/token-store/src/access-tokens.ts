import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Connection, CustomerKey, RefreshedTokens, TokenStore } from "./token-store.ts";

/**
 * What a provider said to a refresh. `reauth_required` is the only answer that ends a connection;
 * everything else passes.
 */
export type RefreshOutcome =
  | { readonly kind: "ok"; readonly tokens: RefreshedTokens }
  | { readonly kind: "reauth_required"; readonly reason: string }
  | {
      readonly kind: "misconfigured" | "transient" | "rate_limited";
      readonly reason: string;
      /** How long the provider asks not to be asked again. */
      readonly retryAfterMs?: number | undefined;
      /** Set where no answer came. */
      readonly cause?: unknown;
    };

/**
 * Sends one refresh request (RFC 6749, section 6). Never throws: a failure is an outcome.
 * @param key whose token it is
 */
export type RefreshGrant = (refreshToken: string, key: CustomerKey) => Promise<RefreshOutcome>;

export type AccessTokens = {
  /**
   * A token good for at least a minute.
   * @param rejected a token the provider has just answered 401 to: it is not returned again.
   * @throws AccessTokenError
   */
  get(key: CustomerKey, rejected?: string): Promise<string>;
  /** Renews although nothing has expired, so that an idle grant isn't forgotten. @throws AccessTokenError */
  renew(key: CustomerKey): Promise<void>;
  /**
   * Records that the provider has answered a call with this token by saying that only a new consent helps.
   * It counts if the token is still the customer's.
   */
  requireReconnect(key: CustomerKey, accessToken: string, reason: string): Promise<void>;
  /** Resolves when no renewal is under way: nobody waits for one ahead of time, but it has to be saved. */
  finishRenewals(): Promise<void>;
};

/**
 * `not_connected`: no connection. `reconnect_required`: only a new consent helps.
 * `refresh_misconfigured`, `refresh_failed`, `refresh_rate_limited`: the connection is healthy as
 * far as we know, but there is no usable token right now.
 */
export class AccessTokenError extends Error {
  override readonly name = "AccessTokenError";
  readonly code:
    | "not_connected"
    | "reconnect_required"
    | "refresh_misconfigured"
    | "refresh_failed"
    | "refresh_rate_limited";
  constructor(code: AccessTokenError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const freshForMs = 60_000;

/** Renewed ahead of time, and not by all processes in the same second. */
const earlyMs = { min: 120_000, max: 360_000 };

const defaultLeaseMs = 8_000;
const maxWaitMs = 15_000;
const waitStepMs = 50;

/** Whatever a provider asks for: a customer isn't shut out for a day by one answer. */
const maxPauseMs = 300_000;

/** As long as what was renewed can't be stored, as on a full disk, each try costs the provider a request. */
const unsavedPauseMs = 10_000;

const failureCodes = {
  misconfigured: "refresh_misconfigured",
  transient: "refresh_failed",
  rate_limited: "refresh_rate_limited",
} as const;

type PauseFailure = "refresh_rate_limited" | "refresh_failed";

const pauseMessages: Record<PauseFailure, string> = {
  refresh_rate_limited: "The provider has asked us to wait.",
  refresh_failed: "The renewed access could not be stored.",
};

type Deps = {
  connections: TokenStore["connections"];
  refreshGrant: RefreshGrant;
  /** Told of renewals ahead of time that failed: nobody waits for those, and they are tried again. */
  onEarlyFailure?: (error: unknown, key: CustomerKey) => void;
  /** Longer than a refresh may take, so that only a process that died keeps others waiting. Default: 8 seconds. */
  leaseMs?: number;
  now?: () => number;
};

/**
 * Hands out access tokens and renews them: at most one refresh a customer at a time, in this process by
 * sharing it, across processes by a lease in the store.
 */
export function createAccessTokens({
  connections,
  refreshGrant,
  onEarlyFailure,
  leaseMs = defaultLeaseMs,
  now = Date.now,
}: Deps): AccessTokens {
  const inFlight = new Map<string, Promise<string>>();
  /** Whose refresh isn't sent for a while, and what is said instead. Each ends by itself. */
  const pauses = new Map<string, { failure: PauseFailure; end: NodeJS.Timeout }>();
  const earlyBy = earlyMs.min + Math.random() * (earlyMs.max - earlyMs.min);

  const lasts = (connection: Connection, forMs: number) => connection.tokenExpiry.getTime() > now() + forMs;
  const usable = (connection: Connection, rejected?: string) =>
    connection.accessToken !== rejected && lasts(connection, freshForMs);

  async function load(key: CustomerKey): Promise<Connection> {
    const connection = await connections.find(key);
    if (connection === undefined) {
      throw new AccessTokenError("not_connected", "No calendar is connected for this customer.");
    }
    if (connection.reconnectRequiredSince !== null)
      throw reconnectRequired(connection.reconnectReason ?? "unknown");
    return connection;
  }

  /** Reads again until there is a usable token or the right to get one. */
  async function refresh(key: CustomerKey, rejected?: string): Promise<string> {
    const owner = randomUUID();
    for (const deadline = performance.now() + maxWaitMs; ; await sleep(waitStepMs)) {
      const connection = await load(key);
      if (connection.accessToken !== rejected && lasts(connection, earlyBy)) return connection.accessToken;
      const paused = pauses.get(nameOf(key));
      if (paused !== undefined) {
        if (usable(connection, rejected)) return connection.accessToken;
        throw new AccessTokenError(paused.failure, pauseMessages[paused.failure]);
      }
      if (await connections.acquireRefreshLease(connection, owner, new Date(now() + leaseMs))) {
        return renewUnderLease(key, connection, owner);
      }
      // Somebody else renews it; what is still good needn't wait for that.
      if (usable(connection, rejected)) return connection.accessToken;
      if (performance.now() > deadline) {
        throw new AccessTokenError(
          "refresh_failed",
          "The access is being renewed elsewhere, and takes too long.",
        );
      }
    }
  }

  async function renewUnderLease(key: CustomerKey, connection: Connection, owner: string): Promise<string> {
    try {
      return await renewWith(key, connection, await refreshGrant(connection.refreshToken, key));
    } catch (error) {
      // What refuses to store the tokens may refuse this too; the lease ends by itself.
      await connections.releaseRefreshLease(connection, owner).catch(() => undefined);
      throw error;
    }
  }

  function pause(key: CustomerKey, forMs: number, failure: PauseFailure): void {
    const name = nameOf(key);
    clearTimeout(pauses.get(name)?.end);
    const end = setTimeout(() => pauses.delete(name), Math.min(forMs, maxPauseMs)).unref();
    pauses.set(name, { failure, end });
  }

  /** What couldn't be stored isn't used: docs/decisions/0019. */
  async function save(key: CustomerKey, connection: Connection, tokens: RefreshedTokens): Promise<boolean> {
    try {
      return await connections.saveRefreshed(connection, tokens);
    } catch (cause) {
      pause(key, unsavedPauseMs, "refresh_failed");
      throw new AccessTokenError("refresh_failed", pauseMessages.refresh_failed, { cause });
    }
  }

  async function renewWith(
    key: CustomerKey,
    connection: Connection,
    outcome: RefreshOutcome,
  ): Promise<string> {
    switch (outcome.kind) {
      case "ok":
        if (await save(key, connection, outcome.tokens)) return outcome.tokens.accessToken;
        return reread(key);
      case "reauth_required":
        // Somebody may have renewed or reconnected meanwhile: the verdict only counts on what we read.
        if ((await connections.requireReconnect(connection, outcome.reason)) !== undefined)
          throw reconnectRequired(outcome.reason);
        return reread(key);
      default:
        if (outcome.retryAfterMs) pause(key, outcome.retryAfterMs, "refresh_rate_limited");
        throw new AccessTokenError(
          failureCodes[outcome.kind],
          `The access could not be renewed (${outcome.reason}).`,
          { cause: outcome.cause },
        );
    }
  }

  async function reread(key: CustomerKey): Promise<string> {
    const connection = await load(key);
    if (usable(connection)) return connection.accessToken;
    throw new AccessTokenError(
      "refresh_failed",
      "The access was changed by somebody else while it was renewed.",
    );
  }

  /** Shared by those who want the same: who was refused a token must not be given it by one who wasn't. */
  function refreshOnce(key: CustomerKey, rejected = ""): Promise<string> {
    const flight = `${nameOf(key)}\n${rejected}`;
    const running = inFlight.get(flight);
    if (running !== undefined) return running;
    const started = refresh(key, rejected).finally(() => inFlight.delete(flight));
    inFlight.set(flight, started);
    return started;
  }

  return {
    async get(key, rejected) {
      const connection = await load(key);
      if (!usable(connection, rejected)) return refreshOnce(key, rejected);
      if (!lasts(connection, earlyBy)) {
        refreshOnce(key).catch((error: unknown) => onEarlyFailure?.(error, key));
      }
      return connection.accessToken;
    },

    async renew(key) {
      await refreshOnce(key, (await load(key)).accessToken);
    },

    async requireReconnect(key, accessToken, reason) {
      const connection = await connections.find(key);
      if (connection?.accessToken !== accessToken || connection.reconnectRequiredSince !== null) return;
      await connections.requireReconnect(connection, reason);
    },

    async finishRenewals() {
      await Promise.allSettled(inFlight.values());
    },
  };
}

function nameOf({ provider, customerId }: CustomerKey): string {
  return `${provider}\n${customerId}`;
}

function reconnectRequired(reason: string): AccessTokenError {
  return new AccessTokenError(
    "reconnect_required",
    `The business has to connect its calendar again (${reason}).`,
  );
}
