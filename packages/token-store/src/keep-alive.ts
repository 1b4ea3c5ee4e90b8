import type { AccessTokens } from "./access-tokens.ts";
import type { CustomerKey } from "./customer-key.ts";
import type { ConnectionStore } from "./token-store.ts";

export type KeepAlive = {
  start(): void;
  /** Resolves when the round under way has ended. */
  stop(): Promise<void>;
};

type Deps = {
  connections: Pick<ConnectionStore, "idleSince">;
  accessTokens: Pick<AccessTokens, "renew">;
  /** Called after each renewal that has failed. The next round tries again. */
  onFailure: (error: unknown, key?: CustomerKey) => void;
  /** How long a grant may go unused. Default: 30 days; Google ends it after six months. */
  idleMs?: number;
  /** Between two rounds. Default: an hour. */
  intervalMs?: number;
  /** In epoch milliseconds. Default: the system's clock. */
  now?: () => number;
};

const dayMs = 86_400_000;

/** Spreads renewals where thousands of customers were connected on one day. */
const maxRenewalsPerRound = 50;

/**
 * Renews the grants of customers that no agent asks for, so that the provider doesn't end them as unused.
 * @see https://developers.google.com/identity/protocols/oauth2#expiration
 */
export function createKeepAlive({
  connections,
  accessTokens,
  onFailure,
  idleMs = 30 * dayMs,
  intervalMs = 3_600_000,
  now = Date.now,
}: Deps): KeepAlive {
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> = Promise.resolve();
  let stopping = false;

  async function renewIdle(): Promise<void> {
    const idle = await connections.idleSince(new Date(now() - idleMs), maxRenewalsPerRound);
    for (const key of idle) {
      if (stopping) return;
      await accessTokens.renew(key).catch((error: unknown) => onFailure(error, key));
    }
  }

  return {
    start() {
      // Random, so that processes don't run their rounds together.
      const first = Math.random() * intervalMs;
      const next = () => {
        round = renewIdle().catch(onFailure);
        timer = setTimeout(next, intervalMs).unref();
      };
      timer = setTimeout(next, first).unref();
    },
    async stop() {
      stopping = true;
      clearTimeout(timer);
      await round;
    },
  };
}
