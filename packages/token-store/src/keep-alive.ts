import type { AccessTokens } from "./access-tokens.ts";
import type { CustomerKey } from "./customer-key.ts";
import type { ConnectionStore } from "./token-store.ts";

export type KeepAlive = {
  start(): void;
  /** Resolves when the round under way has ended. */
  stop(): Promise<void>;
};

type Deps = {
  connections: Pick<ConnectionStore, "takeDueForRenewal">;
  accessTokens: Pick<AccessTokens, "renew">;
  /** The configured providers. Connections of any other stay as they are. */
  providers: readonly string[];
  /** Called after each renewal that has failed. It is tried again a day later. */
  onFailure: (error: unknown, key?: CustomerKey) => void;
  /** Between two rounds. Default: an hour. */
  intervalMs?: number;
};

/** Of one provider. Spreads renewals where thousands of customers were connected on one day. */
const maxRenewalsPerRound = 50;

/** Renews the access of customers that no agent asks for, so that their providers don't end it as unused. */
export function createKeepAlive({
  connections,
  accessTokens,
  providers,
  onFailure,
  intervalMs = 3_600_000,
}: Deps): KeepAlive {
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> = Promise.resolve();
  let stopping = false;

  async function renewDue(): Promise<void> {
    for (const provider of providers) {
      for (const key of await connections.takeDueForRenewal(provider, maxRenewalsPerRound)) {
        if (stopping) return;
        await accessTokens.renew(key).catch((error: unknown) => onFailure(error, key));
      }
    }
  }

  return {
    start() {
      // Random, so that processes don't run their rounds together.
      const first = Math.random() * intervalMs;
      const next = () => {
        round = renewDue().catch(onFailure);
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
