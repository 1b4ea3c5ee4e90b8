import { type Database, migrate } from "@cita/database";
import { sql } from "kysely";
import { createCalendarStateStore } from "./calendar-state-store.ts";
import { completeConsent, createConnections, disconnect } from "./connections.ts";
import { createConsentLinks } from "./consent-links.ts";
import type { KeyRing } from "./key-ring.ts";
import { tokenStoreMigrations } from "./migrations.ts";
import { recordLinkFingerprints } from "./record-link-fingerprints.ts";
import { resealWithoutProvider } from "./reseal-without-provider.ts";
import type { TokenStoreTables } from "./schema.ts";
import type { TokenStore } from "./token-store.ts";

export type TokenStoreDeps = {
  /** May have other packages' tables too. The caller closes it. */
  db: Database;
  keys: KeyRing;
  /** Default: the system's clock. */
  now?: () => Date;
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
  const deps = { db, keys: options.keys, now: options.now ?? (() => new Date()) };
  return {
    connections: createConnections(deps),
    consentLinks: createConsentLinks(deps),
    calendarStates: createCalendarStateStore(deps),
    completeConsent: (attempt, grant) => completeConsent(deps, attempt, grant),
    disconnect: (customerId) => disconnect(deps, customerId),
    check: async () => {
      await sql`select 1`.execute(db);
    },
  };
}
