import { randomUUID } from "node:crypto";
import { rowLock } from "@cita/database";
import type { EventLog } from "@cita/events";
import { type Kysely, type Selectable, type SqlBool, sql } from "kysely";
import { toRenewed, toSynced } from "./integration-events.ts";
import { findIntegration } from "./integration-ownership.ts";
import type { IntegrationTables, SyncLogsTable } from "./schema.ts";
import { readObject, toDate } from "./stored-values.ts";
import {
  housekeepingActions,
  type SyncLog,
  type SyncLogStore,
  type SyncResult,
  type SyncStatus,
} from "./sync-log.ts";

type Deps = {
  readonly db: Kysely<IntegrationTables>;
  readonly events: Pick<EventLog, "transaction">;
  readonly now: () => Date;
};

/** The condition of an index, which SQLite requires literally. */
const isInProgress = sql<SqlBool>`status = 'IN_PROGRESS'`;

/** The tables of `integrationMigrations` must exist. */
export function createSyncLogStore(deps: Deps): SyncLogStore {
  const { db, now } = deps;
  return {
    async begin({ integrationId, action, resourceType, resourceId = null, metadata = {} }) {
      const id = randomUUID();
      await db
        .insertInto("integration_sync_logs")
        .values({
          ...{ id, integration_id: integrationId, action, resource_type: resourceType },
          ...{ resource_id: resourceId, status: "IN_PROGRESS", items_processed: 0, items_failed: 0 },
          ...{ error: null, metadata: JSON.stringify(metadata) },
          ...{ started_at: now().toISOString(), completed_at: null },
        })
        .execute();
      return id;
    },

    finish: (id, result) => finish(deps, id, result),

    list: (filter) => listLogs(db, filter),

    async cancelOlderThan(time) {
      const { numUpdatedRows } = await db
        .updateTable("integration_sync_logs")
        .set({ status: "CANCELLED", completed_at: now().toISOString() })
        .where(isInProgress)
        .where("started_at", "<", time.toISOString())
        .executeTakeFirstOrThrow();
      return Number(numUpdatedRows);
    },

    async purge(before, limit) {
      const old = db
        .selectFrom("integration_sync_logs")
        .select("id")
        .where("started_at", "<", before.toISOString())
        .orderBy("started_at")
        .limit(limit)
        .modifyEnd(rowLock(db, "for update skip locked"));
      const { numDeletedRows } = await db
        .with("old", () => old)
        .deleteFrom("integration_sync_logs")
        .where("id", "in", (eb) => eb.selectFrom("old").select("id"))
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}

/** See `SyncLogStore.finish`. */
function finish({ events, now }: Deps, id: string, result: SyncResult): Promise<void> {
  const { status, itemsProcessed = 0, itemsFailed = 0, error = null } = result;
  return events.transaction(async (trx, append) => {
    const db = trx.withTables<IntegrationTables>();
    const log = await db
      .updateTable("integration_sync_logs")
      .set({ status, items_processed: itemsProcessed, items_failed: itemsFailed, error })
      .set({ completed_at: now().toISOString() })
      .where("id", "=", id)
      .where("status", "in", ["IN_PROGRESS", "CANCELLED"])
      .returning(["integration_id", "action"])
      .executeTakeFirst();
    if (log === undefined || status !== "COMPLETED" || log.action === housekeepingActions.probe) return;
    const integration = await findIntegration(db, log.integration_id);
    if (integration === undefined) return;
    const isRenewal = log.action === housekeepingActions.renewal;
    await append(isRenewal ? toRenewed(integration) : toSynced(integration, log.action));
  });
}

async function listLogs(
  db: Deps["db"],
  { integrationId, before, limit }: Parameters<SyncLogStore["list"]>[0],
): Promise<SyncLog[]> {
  let query = db.selectFrom("integration_sync_logs").selectAll().where("integration_id", "=", integrationId);
  if (before !== undefined) {
    const last = await db
      .selectFrom("integration_sync_logs")
      .select("started_at")
      .where("id", "=", before)
      .executeTakeFirst();
    // Purged meanwhile, and with it what is older.
    if (last === undefined) return [];
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple("started_at", "id"), "<", tuple(last.started_at, before)),
    );
  }
  const rows = await query.orderBy("started_at", "desc").orderBy("id", "desc").limit(limit).execute();
  return rows.map(toLog);
}

function toLog(row: Selectable<SyncLogsTable>): SyncLog {
  return {
    id: row.id,
    integrationId: row.integration_id,
    action: row.action,
    resourceType: row.resource_type,
    resourceId: row.resource_id,
    status: row.status as SyncStatus,
    itemsProcessed: row.items_processed,
    itemsFailed: row.items_failed,
    error: row.error,
    metadata: readObject(row.metadata),
    startedAt: new Date(row.started_at),
    completedAt: toDate(row.completed_at),
  };
}
