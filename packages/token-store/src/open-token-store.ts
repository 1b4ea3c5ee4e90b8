import { type Database, migrate } from "@cita/database";
import { sql } from "kysely";
import { createCalendarStates } from "./calendar-states.ts";
import { createConnections, removeConnection, saveGrant } from "./connections.ts";
import { recordOutcome } from "./consent-attempts.ts";
import { createConsentLinks, markLinkUsed, revokeLive } from "./consent-links.ts";
import type { KeyRing } from "./key-ring.ts";
import { recordLinkFingerprints } from "./link-fingerprints.ts";
import { tokenStoreMigrations } from "./migrations.ts";
import type { TokenStoreTables } from "./schema.ts";
import type { TokenStore } from "./token-store.ts";

export type TokenStoreDeps = {
  /** May hold other packages' tables too. Who opened it closes it. */
  db: Database;
  keys: KeyRing;
  /** Default: the system's clock. */
  now?: () => Date;
};

/** Brings the tables up to date and returns the store over them. */
export async function openTokenStore(options: TokenStoreDeps): Promise<TokenStore> {
  await migrate(options.db, tokenStoreMigrations);
  const db = options.db.withTables<TokenStoreTables>();
  await recordLinkFingerprints(db, options.keys);
  const deps = { db, keys: options.keys, now: options.now ?? (() => new Date()) };
  return {
    connections: createConnections(deps),
    consentLinks: createConsentLinks(deps),
    calendarStates: createCalendarStates(deps),
    completeConsent: (attempt, grant) =>
      db.transaction().execute(async (trx) => {
        await markLinkUsed(trx, attempt.link, deps.now());
        await saveGrant({ ...deps, db: trx }, attempt.link, grant);
        await recordOutcome(trx, attempt.id, "connected", grant.calendarEmail);
      }),
    disconnect: (key) =>
      db.transaction().execute(async (trx) => {
        await revokeLive(trx, key, deps.now());
        return removeConnection(trx, key);
      }),
    check: async () => {
      await sql`select 1`.execute(db);
    },
  };
}
