import { randomUUID } from "node:crypto";
import { type AgentKeyStore, openAgentKeyStore } from "@cita/agent-keys";
import { type Database, openDatabase } from "@cita/database";
import type { Logger } from "@cita/process";
import { checkKeys, createKeyRing, opensStored, openTokenStore, type TokenStore } from "@cita/token-store";
import { sql } from "kysely";
import type { ActivityLog } from "./activity/activity-log.ts";
import { openActivityLog } from "./activity/open-activity-log.ts";
import type { Ledger } from "./bookings/ledger.ts";
import { openLedger } from "./bookings/open-ledger.ts";
import { type InstanceStore, openInstanceStore } from "./instances/instance-store.ts";
import { expectKeys, KeysMissingError } from "./key-check.ts";
import { openScheduleStore, type ScheduleStore } from "./schedules/schedule-store.ts";

export type StorageDeps = {
  /** `file:./data/calendar.db` */
  databaseUrl: string;
  /** Fernet keys, comma-separated. */
  encryptionKeys: string;
  logger: Logger;
  now: () => number;
};

/** Everything this service keeps, in one database. */
export type Storage = {
  readonly db: Database;
  readonly store: TokenStore;
  /** Under which this process holds times, and beats. */
  readonly instanceId: string;
  readonly instances: InstanceStore;
  readonly ledger: Ledger;
  readonly schedules: ScheduleStore;
  readonly activity: ActivityLog;
  readonly agentKeys: AgentKeyStore;
  /** @throws when no configured key opens what is stored. */
  checkKeys(): Promise<void>;
};

/**
 * Opens the database and brings its tables up to date. Who opens it closes it, by `db.destroy()`.
 * @throws KeysMissingError, DatabaseError
 */
export async function openStorage({
  databaseUrl,
  encryptionKeys,
  logger,
  now,
}: StorageDeps): Promise<Storage> {
  const db = openDatabase(databaseUrl);
  const sealed = { db, keys: createKeyRing(encryptionKeys), now: () => new Date(now()) };
  const store = await openTokenStore(sealed);
  expectKeys(await checkKeys(sealed), logger);
  const instanceId = randomUUID();
  return {
    db,
    store,
    instanceId,
    instances: await openInstanceStore({ db, now }),
    ledger: await openLedger({ db, instanceId, mayHold: isConnected, now }),
    schedules: await openScheduleStore({ db, now }),
    activity: await openActivityLog({ db, isKnown: isCustomer, now }),
    agentKeys: await openAgentKeyStore({ db, now }),
    async checkKeys() {
      if (await opensStored(sealed)) return;
      const { missing } = await checkKeys(sealed);
      throw new KeysMissingError(missing);
    },
  };
}

/** In the ledger's own statement, since removing a customer may come between any two. */
const isConnected = (customerId: string) =>
  sql<boolean>`exists (select 1 from oauth_tokens where customer_id = ${customerId})`;

/** By the rows that come before anything is recorded of a customer. Removing it takes the entries of the log last. */
const isCustomer = (customerId: string) =>
  sql<boolean>`(${sql.join(
    ["consent_links", "oauth_tokens", "schedules", "agent_keys"].map(
      (table) => sql`exists (select 1 from ${sql.table(table)} where customer_id = ${customerId})`,
    ),
    sql` or `,
  )})`;
