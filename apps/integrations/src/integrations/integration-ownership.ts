/** What makes an account an owner's integration, and what ends it. */

import { randomUUID } from "node:crypto";
import { type Database, unindexed } from "@cita/database";
import type { EventLog } from "@cita/events";
import { type KeyRing, noLease } from "@cita/token-store";
import { type Kysely, sql } from "kysely";
import type { Integration, IntegrationOwner, ObtainedIntegration } from "./integration.ts";
import { toConnected, toDisconnected } from "./integration-events.ts";
import { integrationColumns, ownerOf, sealTokens, toIntegration, toOwner } from "./integration-rows.ts";
import { OAuthStateOverError } from "./oauth-state.ts";
import { concludeState } from "./oauth-state-store.ts";
import type { IntegrationTables } from "./schema.ts";
import { readObject } from "./stored-values.ts";

type Db = Kysely<IntegrationTables>;

export type IntegrationDeps = {
  readonly db: Db;
  readonly keys: KeyRing;
  readonly events: Pick<EventLog, "transaction">;
  readonly now: () => Date;
};

/** Names what a connect and a removal decide about: which integrations an owner has. */
const keyOf = (owner: string) => `integrations of ${owner}`;

const tablesOf = (trx: Database): Db => trx.withTables<IntegrationTables>();

/** What is forgotten with each new consent, and with each disconnection. */
const noTrouble = {
  ...{ last_error: null, error_reason: null, obstacle: null, loss_suspected_since: null },
  ...{ reconnect_required_since: null, reconnect_reason: null },
};

const nextVersion = sql<number>`version + 1`;

/** See `IntegrationStore.connect`. */
export function connect(
  { keys, events, now }: IntegrationDeps,
  stateId: string,
  obtained: ObtainedIntegration,
): Promise<Integration> {
  const owner = ownerOf(obtained);
  return events.transaction(async (trx, append) => {
    const db = tablesOf(trx);
    const at = now();
    const earlier = await findEarlier(db, owner, obtained);
    const place = { id: earlier?.id ?? randomUUID(), owner, provider: obtained.provider };
    if (!(await concludeState(db, stateId, { owner, integrationId: place.id, at })))
      throw new OAuthStateOverError();
    const { account } = obtained;
    const values = {
      ...place,
      ...sealTokens(keys, place, obtained.tokens),
      ...{ user_id: obtained.userId, organization_id: obtained.organizationId, account_id: account.id },
      ...{ name: nameOf(account, earlier), email: account.email, grantor: account.grantor ?? account.id },
      ...{ scopes: JSON.stringify(obtained.scopes), inputs: JSON.stringify(obtained.inputs) },
      // What a program has noted stays until it is noted anew.
      metadata: JSON.stringify({ ...readObject(earlier?.metadata ?? "{}"), ...obtained.metadata }),
      ...{ client_id: obtained.clientId, is_active: 1, probe_due: at.toISOString() },
      ...noTrouble,
      ...noLease,
      updated_at: at.toISOString(),
    };
    const connected = await (earlier === undefined
      ? db
          .insertInto("integrations")
          .values({ ...values, is_named: 0, last_sync_at: null, version: 1, created_at: at.toISOString() })
          .returning(integrationColumns)
          .executeTakeFirstOrThrow()
      : db
          .updateTable("integrations")
          .set({ ...values, version: nextVersion })
          .where("id", "=", earlier.id)
          .returning(integrationColumns)
          .executeTakeFirstOrThrow());
    const integration = toIntegration(connected);
    // An event isn't stored where its customer was removed.
    if (!(await append(toConnected(integration, earlier === undefined)))) throw new OAuthStateOverError();
    return integration;
  }, keyOf(owner));
}

/** What a person has named it stays. */
function nameOf(
  { id, name, email }: ObtainedIntegration["account"],
  earlier: { readonly name: string; readonly is_named: number } | undefined,
): string {
  return earlier?.is_named === 1 ? earlier.name : (name ?? email ?? earlier?.name ?? id);
}

function findEarlier(db: Db, owner: string, { provider, account }: ObtainedIntegration) {
  return db
    .selectFrom("integrations")
    .select(["id", "name", "is_named", "metadata"])
    .where("owner", "=", owner)
    .where("provider", "=", provider)
    .where("account_id", "=", account.id)
    .executeTakeFirst();
}

/**
 * See `IntegrationStore.disconnect`.
 * @param unless nothing is done where it was connected or renewed since that version, or another key has sealed it since.
 */
export function disconnect(
  { events, now }: IntegrationDeps,
  id: string,
  isRevoked: boolean,
  unless: { readonly version?: number | undefined; readonly sealedWith?: string } = {},
): Promise<Integration | undefined> {
  const { version, sealedWith } = unless;
  const erased = {
    ...{ access_token: null, refresh_token: null, key_fingerprint: null, facts: "{}" },
    ...{ expires_at: null, renew_at: null, access_ends_at: null, is_active: 0 },
    ...noTrouble,
    ...noLease,
  };
  return events.transaction(async (trx, append) => {
    const row = await tablesOf(trx)
      .updateTable("integrations")
      .set({ ...erased, version: nextVersion, updated_at: now().toISOString() })
      .where("id", "=", id)
      .where("access_token", "is not", null)
      .$if(version !== undefined, (query) =>
        // What is recorded as lost since then is still the same access: a consent ends the loss.
        query.where(sql<boolean>`(version = ${version} or reconnect_required_since is not null)`),
      )
      .$if(sealedWith !== undefined, (query) =>
        query.where(unindexed(trx, "key_fingerprint"), "=", sealedWith ?? ""),
      )
      .returning(integrationColumns)
      .executeTakeFirst();
    if (row === undefined) return findIntegration(tablesOf(trx), id);
    const integration = toIntegration(row);
    await append(toDisconnected(integration, isRevoked));
    return integration;
  });
}

export async function findIntegration(db: Db, id: string): Promise<Integration | undefined> {
  const row = await db
    .selectFrom("integrations")
    .select(integrationColumns)
    .where("id", "=", id)
    .executeTakeFirst();
  return row && toIntegration(row);
}

/** See `IntegrationStore.removeOwner`. */
export function removeOwner({ events }: IntegrationDeps, removed: IntegrationOwner): Promise<number> {
  const owner = toOwner(removed);
  return events.transaction(async (trx) => {
    const db = tablesOf(trx);
    const states = db.deleteFrom("oauth_states");
    await ("userId" in removed
      ? states.where("user_id", "=", removed.userId)
      : states.where("owner", "=", owner)
    ).execute();
    const { numDeletedRows } = await db
      .deleteFrom("integrations")
      .where("owner", "=", owner)
      .executeTakeFirstOrThrow();
    return Number(numDeletedRows);
  }, keyOf(owner));
}
