/**
 * Integrations as they are stored. `integration.ts`, `oauth-state.ts` and `sync-log.ts` are the contracts, `schema.ts` has
 * the tables. Requests to providers are in packages/providers; who asks for them, and when, is elsewhere in this app.
 */

import { type Database, migrate } from "@cita/database";
import type { EventLog } from "@cita/events";
import type { KeyRing } from "@cita/token-store";
import type { IntegrationStore } from "./integration.ts";
import { createIntegrationStore } from "./integration-store.ts";
import { integrationMigrations } from "./migrations.ts";
import type { OAuthStateStore } from "./oauth-state.ts";
import { createOAuthStateStore } from "./oauth-state-store.ts";
import type { IntegrationTables } from "./schema.ts";
import type { SyncLogStore } from "./sync-log.ts";
import { createSyncLogStore } from "./sync-log-store.ts";

export type IntegrationStoresDeps = {
  /** May have others' tables too. The caller closes it. */
  readonly db: Database;
  readonly keys: KeyRing;
  readonly events: Pick<EventLog, "transaction">;
  /** Default: the system's clock. */
  readonly now?: (() => Date) | undefined;
};

export type IntegrationStores = {
  readonly integrations: IntegrationStore;
  readonly states: OAuthStateStore;
  readonly syncLogs: SyncLogStore;
};

/** Migrates the tables and opens the stores over them. @throws DatabaseError */
export async function openIntegrationStores({
  db: database,
  keys,
  events,
  now = () => new Date(),
}: IntegrationStoresDeps): Promise<IntegrationStores> {
  await migrate(database, integrationMigrations);
  const deps = { db: database.withTables<IntegrationTables>(), keys, events, now };
  return {
    integrations: createIntegrationStore(deps),
    states: createOAuthStateStore(deps),
    syncLogs: createSyncLogStore(deps),
  };
}
