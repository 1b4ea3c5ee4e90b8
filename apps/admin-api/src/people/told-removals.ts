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
    for (const { user_id } of removed) {
      if (stopping.aborted) return;
      await integrationsApi.remove({ type: "user.deleted", data: { userId: user_id } });
      await db.deleteFrom("removed_users").where("user_id", "=", user_id).execute();
    }
  }

  return createBackgroundLoop(async (stopping) => {
    await tellAll(stopping).catch((err: unknown) =>
      logger.warn({ err }, "the integration service couldn't be told who is removed; it is told again"),
    );
    return repeatAfterMs;
  });
}
