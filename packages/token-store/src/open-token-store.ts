import { type Database, migrate } from "@cita/database";
import type { EventLog } from "@cita/events";
import { sql } from "kysely";
import { createCalendarStateStore } from "./calendar-state-store.ts";
import { completeConsent, createConnections, disconnect } from "./connections.ts";
import { createConsentLinks } from "./consent-links.ts";
import type { KeyRing } from "./key-ring.ts";
import { tokenStoreMigrations } from "./migrations.ts";
import { recordLinkFingerprints } from "./record-link-fingerprints.ts";
import { resealWithoutProvider } from "./reseal-without-provider.ts";
import type { TokenStoreTables } from "./schema.ts";
import type { OnConnected, TokenStore } from "./token-store.ts";

/** The sealed rows, and the keys that open them. */
export type SealedRows = {
  /** May have other packages' tables too. The caller closes it. */
  db: Database;
  keys: KeyRing;
  /** Default: the system's clock. */
  now?: () => Date;
};

export type TokenStoreDeps = SealedRows & {
  events: Pick<EventLog, "transaction">;
  /** How long a link lives that is made when a connection is lost. */
  reconnectLinkMs: number;
  /** Called within the transaction that connects an account. */
  onConnected?: OnConnected;
};

/**
 * Migrates the tables and opens the store over them.
 * @throws DatabaseError
 */
export async function openTokenStore(options: TokenStoreDeps): Promise<TokenStore> {
  await migrate(options.db, tokenStoreMigrations);
  const db = options.db.withTables<TokenStoreTables>();
  await recordLinkFingerprints(db, options.keys);
  await resealWithoutProvider(db, options.keys);
  const { keys, events, reconnectLinkMs, onConnected, now = () => new Date() } = options;
  const deps = { db, keys, events, reconnectLinkMs, now };
  return {
    connections: createConnections(deps),
    consentLinks: createConsentLinks(deps),
    calendarStates: createCalendarStateStore(deps),
    completeConsent: (attempt, grant) => completeConsent({ ...deps, onConnected }, attempt, grant),
    disconnect: (customerId, isRevoked) => disconnect(deps, customerId, isRevoked),
    check: async () => {
      await sql`select 1`.execute(db);
    },
  };
}
