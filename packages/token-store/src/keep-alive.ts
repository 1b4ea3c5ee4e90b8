import { type BackgroundLoop, createBackgroundLoop } from "@cita/process";
import type { AccessTokens } from "./access-tokens.ts";
import type { CustomerKey } from "./customer-key.ts";
import type { ConnectionStore } from "./token-store.ts";

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
}: Deps): BackgroundLoop {
  async function renewDue(stopping: AbortSignal): Promise<void> {
    for (const provider of providers) {
      for (const key of await connections.takeDueForRenewal(provider, maxRenewalsPerRound)) {
        if (stopping.aborted) return;
        await accessTokens.renew(key).catch((error: unknown) => onFailure(error, key));
      }
    }
  }

  return createBackgroundLoop(
    async (stopping) => {
      await renewDue(stopping).catch(onFailure);
      return intervalMs;
    },
    // Random, so that processes don't run their rounds together.
    Math.random() * intervalMs,
  );
}
