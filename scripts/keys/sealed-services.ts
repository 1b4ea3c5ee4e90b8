import { type Database, databaseExists, migrate, type OwnedTables, openDatabase } from "@cita/database";
import { openEventLog } from "@cita/events";
import { createLogger } from "@cita/process";
import {
  createSealedTokens,
  type Forgotten,
  forgetKey,
  type KeyRing,
  type KeyUse,
  openTokenStore,
  type SealedStore,
  tokenStoreMigrations,
} from "@cita/token-store";
import { serviceName as integrationsName } from "../../apps/integrations/src/config.ts";
import { forgetIntegrations } from "../../apps/integrations/src/integrations/integration-keys.ts";
import { integrationMigrations } from "../../apps/integrations/src/integrations/migrations.ts";
import { openIntegrationStores } from "../../apps/integrations/src/integrations/open-integration-stores.ts";
import type { IntegrationTables } from "../../apps/integrations/src/integrations/schema.ts";
import { webhookMigrations } from "../../apps/integrations/src/webhooks/migrations.ts";
import { createSealedSecrets, forgetWebhooks } from "../../apps/integrations/src/webhooks/webhook-keys.ts";
import { serviceName as mcpName } from "../../apps/mcp-calendar/src/config.ts";
import type { ServiceDatabase } from "../db/service-databases.ts";

/** A service that seals with TOKEN_ENCRYPTION_KEY, and what is said of what it has sealed. */
export type SealedService = {
  readonly name: string;
  /** Must be up to date. */
  readonly tables: readonly OwnedTables[];
  createSealed(db: Database, keys: KeyRing): SealedStore;
  /** Migrates the tables. */
  open(stored: Stored): Promise<unknown>;
  /** Gives up what a lost key has sealed. @param fingerprint null: of a key that was never recorded. */
  forget(stored: Stored, fingerprint: string | null, onBatch: (batch: Forgotten) => void): Promise<Forgotten>;
  /** Such as `connections: 3, links: 1`. */
  formatCounts(use: KeyUse | undefined): string;
  /** What a connection is called. */
  readonly noun: "connection" | "integration";
  /** Whose rows they are. */
  readonly owners: string;
  /** What an owner whose row is lost needs. */
  readonly connectAgain: string;
  /** What a key that is missing in part means. */
  readonly partOnly: string;
  /** Before the owners whose rows were given up. */
  readonly afterForgetting: string;
};

type Stored = {
  readonly db: Database;
  readonly keys: KeyRing;
  readonly events: Awaited<ReturnType<typeof openEventLog>>;
  readonly reconnectLinkMs: number;
};

const calendars: SealedService = {
  name: mcpName,
  tables: [tokenStoreMigrations],
  createSealed: (db, keys) => createSealedTokens({ db, keys }),
  open: (stored) => openTokenStore(stored),
  forget: (stored, fingerprint, onBatch) => forgetKey({ ...stored, onBatch }, fingerprint),
  formatCounts(use) {
    const { connections = 0, liveLinks = 0, deadLinks = 0 } = use ?? {};
    const over = deadLinks > 0 ? ` (and ${deadLinks} that are over)` : "";
    return `connections: ${connections}, links: ${liveLinks}${over}`;
  },
  noun: "connection",
  owners: "Customers",
  connectAgain: "Send each a new link",
  partOnly: "Those customers can't be served without it; the others are.",
  afterForgetting: "Ask admin-api for a new link for each of these customers",
};

const integrations: SealedService = {
  name: integrationsName,
  tables: [integrationMigrations, webhookMigrations],
  createSealed: (db, keys) => createSealedSecrets({ db, keys }),
  async open(stored) {
    await openIntegrationStores(stored);
    await migrate(stored.db, webhookMigrations);
  },
  async forget({ db, ...stored }, fingerprint, onBatch) {
    const disconnected: string[] = [];
    const deps = { ...stored, db: db.withTables<IntegrationTables>(), now: () => new Date() };
    // Each of its rows names its key.
    for await (const batch of forgetIntegrations(deps, fingerprint ?? "")) {
      disconnected.push(...batch);
      onBatch({ disconnected: batch, unlinked: [] });
    }
    for await (const batch of forgetWebhooks({ ...deps, db }, fingerprint ?? "")) {
      disconnected.push(...batch);
      onBatch({ disconnected: batch, unlinked: [] });
    }
    return { disconnected, unlinked: [] };
  },
  formatCounts: (use) => `integrations: ${use?.connections ?? 0}, webhooks: ${use?.webhooks ?? 0}`,
  noun: "integration",
  owners: "Owners of integrations",
  connectAgain: "Have each connect again",
  partOnly: "Those integrations can't be used without it; the others are.",
  afterForgetting: "Each of these has to connect its accounts again, and to rotate its webhooks' secrets",
};

const sealedServices: readonly SealedService[] = [calendars, integrations];

/** A service and what is sealed in its database. */
export type OpenedService = Stored & { readonly service: SealedService; readonly sealed: SealedStore };

export type KeysDatabase = { readonly service: SealedService; readonly url: string };

/** Those of the databases that have something sealed with TOKEN_ENCRYPTION_KEY. @throws DatabaseError */
export async function findSealed(databases: readonly ServiceDatabase[]): Promise<KeysDatabase[]> {
  const found: KeysDatabase[] = [];
  for (const { name, url } of databases) {
    const service = sealedServices.find((one) => one.name === name);
    if (service !== undefined && (await databaseExists(url, { service: name }))) found.push({ service, url });
  }
  return found;
}

/** Opens a service's database, and migrates what is sealed in it. The caller closes `db`. @throws DatabaseError */
export async function openSealed(
  { service, url }: KeysDatabase,
  { keys, reconnectLinkMs }: Pick<Stored, "keys" | "reconnectLinkMs">,
): Promise<OpenedService> {
  const db = openDatabase(url, { service: service.name, mustExist: true });
  try {
    const events = await openEventLog({ db, logger: createLogger("silent") });
    const stored = { db, keys, events, reconnectLinkMs };
    await service.open(stored);
    return { ...stored, service, sealed: service.createSealed(db, keys) };
  } catch (error) {
    await db.destroy();
    throw error;
  }
}
