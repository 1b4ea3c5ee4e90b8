/**
 * The service's database as a whole: opened with every store in it and its keys checked (here), its migrations listed
 * (`migrations.ts`), and a copy prepared for a backup (`prepare-backup.ts`). Each store, with its tables and migrations, is
 * in the folder or package of what it stores.
 */

import { randomUUID } from "node:crypto";
import { type AgentKeyStore, openAgentKeyStore } from "@cita/agent-keys";
import { type Database, openDatabase, rowLock } from "@cita/database";
import { type EventLog, openEventLog } from "@cita/events";
import type { Logger } from "@cita/process";
import { openSharedCounts, type SharedCounts } from "@cita/shared-counts";
import {
  checkKeys,
  createKeyRing,
  expectKeys,
  KeysMissingError,
  opensStored,
  openTokenStore,
  type TokenStore,
} from "@cita/token-store";
import { type Expression, sql } from "kysely";
import type { Ledger } from "../bookings/ledger/ledger.ts";
import { openLedger } from "../bookings/ledger/open-ledger.ts";
import { createStrandedNote } from "../bookings/ledger/stranded.ts";
import { serviceName } from "../config.ts";
import { type InstanceStore, openInstanceStore } from "../instances/instance-store.ts";
import { openRemovedCustomers, type RemovedCustomers } from "../retention/removed-customers.ts";
import { openScheduleStore, type ScheduleStore } from "../schedules/schedule-store.ts";

export type StorageDeps = {
  /** `file:./data/calendar.db`, `postgres://…` */
  databaseUrl: string;
  /** Fernet keys, comma-separated. */
  encryptionKeys: string;
  /** How long a link lives that is made when a connection is lost. */
  reconnectLinkMs: number;
  logger: Logger;
  now: () => number;
};

/** All stores of this service, over one database. */
export type Storage = {
  readonly db: Database;
  readonly store: TokenStore;
  /** The id of this process in its heartbeat and its holds. */
  readonly instanceId: string;
  readonly instances: InstanceStore;
  readonly ledger: Ledger;
  readonly schedules: ScheduleStore;
  readonly events: EventLog;
  readonly agentKeys: AgentKeyStore;
  readonly sharedCounts: SharedCounts;
  readonly removedCustomers: RemovedCustomers;
  /** @throws when no configured key opens what is stored. */
  checkKeys(): Promise<void>;
};

/**
 * Opens the database and migrates it. The caller closes it, by `db.destroy()`.
 * @throws KeysMissingError, DatabaseError
 */
export async function openStorage(deps: StorageDeps): Promise<Storage> {
  const db = openDatabase(deps.databaseUrl, { service: serviceName });
  try {
    return await openStores(db, deps);
  } catch (error) {
    // Its connections would keep the process from ending.
    await db.destroy();
    throw error;
  }
}

async function openStores(
  db: Database,
  { encryptionKeys, reconnectLinkMs, logger, now }: Omit<StorageDeps, "databaseUrl">,
): Promise<Storage> {
  const isKnown = isCustomer(db);
  const events = await openEventLog({ db, logger, isKnown, now });
  const sealed = { db, keys: createKeyRing(encryptionKeys), now: () => new Date(now()) };
  const store = await openTokenStore({
    ...{ ...sealed, events, reconnectLinkMs },
    onConnected: createStrandedNote(now),
  });
  expectKeys(await checkKeys(sealed), logger);
  const instanceId = randomUUID();
  return {
    db,
    events,
    store,
    instanceId,
    instances: await openInstanceStore({ db, now }),
    ledger: await openLedger({ db, events, instanceId, mayHold: isConnected(db), isKnown, now }),
    schedules: await openScheduleStore({ db, events, now }),
    agentKeys: await openAgentKeyStore({ db, events, now }),
    sharedCounts: await openSharedCounts({ db, logger }),
    removedCustomers: await openRemovedCustomers(db, now),
    async checkKeys() {
      if (await opensStored(sealed)) return;
      const { missing } = await checkKeys(sealed);
      throw new KeysMissingError(missing);
    },
  };
}

/** A condition within the ledger's statement, since a customer may be removed between two statements. */
const isConnected = (db: Database) => (customerId: string) => hasRow(db, "oauth_tokens", customerId);

/** By the rows that exist before any event is appended or change is counted, and that are removed before those are. */
const isCustomer = (db: Database) => (customerId: CustomerIdSql) =>
  sql<boolean>`(${sql.join(
    ["consent_links", "oauth_tokens", "schedules", "agent_keys"].map((table) =>
      hasRow(db, table, customerId),
    ),
    sql` or `,
  )})`;

type CustomerIdSql = string | Expression<string>;

/** The row stays until the transaction's end, so that whoever removes it then sees what was written for it. */
function hasRow(db: Database, table: string, customerId: CustomerIdSql) {
  const rows = sql`select 1 from ${sql.table(table)} where customer_id = ${customerId}`;
  return sql<boolean>`exists (${rows} ${rowLock(db, "for key share")})`;
}
