import type { Database } from "@cita/database";
import type { IntegrationsApiClient } from "@cita/integrations-api";
import { type BackgroundLoop, createBackgroundLoop, type Logger } from "@cita/process";
import type { PeopleTables } from "./migrations.ts";

/** Removals of one round. */
const maxPerRound = 200;

/**
 * Tells the integration service of users who were removed, until it has answered. The rows were written in the transaction of
 * the removal; one that was told in the moment in which its process ends is told again.
 * @param deps `repeatAfterMs`: between two rounds. Default: 5 seconds.
 */
export function createToldRemovals(deps: {
  readonly db: Database;
  readonly integrationsApi: Pick<IntegrationsApiClient, "remove">;
  readonly logger: Logger;
  readonly repeatAfterMs?: number | undefined;
}): BackgroundLoop {
  const { integrationsApi, logger, repeatAfterMs = 5_000 } = deps;
  const db = deps.db.withTables<PeopleTables>();

  async function tellAll(stopping: AbortSignal): Promise<void> {
    const removed = await db
      .selectFrom("removed_users")
      .select("user_id")
      .orderBy("removed_at")
      .limit(maxPerRound)
      .execute();
    const failures: unknown[] = [];
    for (const { user_id } of removed) {
      if (stopping.aborted) break;
      // One whose removal fails there holds up nobody behind them.
      await tell(user_id).catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0)
      logger.warn(
        { err: failures[0], users: failures.length },
        "the integration service couldn't be told of everybody who is removed; it is told again",
      );
  }

  async function tell(userId: string): Promise<void> {
    await integrationsApi.remove({ type: "user.deleted", data: { userId } });
    await db.deleteFrom("removed_users").where("user_id", "=", userId).execute();
  }

  return createBackgroundLoop(async (stopping) => {
    await tellAll(stopping).catch((err: unknown) =>
      logger.warn({ err }, "who is removed could not be read; the integration service is told later"),
    );
    return repeatAfterMs;
  });
}
