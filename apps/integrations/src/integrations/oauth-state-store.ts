import { randomUUID } from "node:crypto";
import { exclusively, rowLock } from "@cita/database";
import { hashSecret } from "@cita/token-store";
import { type Kysely, type Selectable, sql } from "kysely";
import { ownerOf } from "./integration-rows.ts";
import type { OAuthState, OAuthStateStore } from "./oauth-state.ts";
import type { IntegrationTables, OAuthStatesTable } from "./schema.ts";
import { readList, readObject, toDate } from "./stored-values.ts";

type Db = Kysely<IntegrationTables>;

/** The tables of `integrationMigrations` must exist. */
export function createOAuthStateStore({
  db,
  now,
}: {
  readonly db: Db;
  readonly now: () => Date;
}): OAuthStateStore {
  return {
    async start(state) {
      const row = await db
        .insertInto("oauth_states")
        .values({
          ...{ id: randomUUID(), state: hashSecret(state.state), owner: ownerOf(state) },
          ...{ provider: state.provider, user_id: state.userId, organization_id: state.organizationId },
          ...{ redirect_uri: state.redirectUri, metadata: JSON.stringify(state.metadata) },
          ...{ inputs: JSON.stringify(state.inputs), scopes: JSON.stringify(state.scopes) },
          ...{ client_id: state.clientId, created_at: now().toISOString() },
          ...{ login_hint: state.loginHint, expires_at: state.expiresAt.toISOString() },
          ...{ consumed_at: null, integration_id: null },
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      return toState(row);
    },

    async find(state) {
      const row = await db
        .selectFrom("oauth_states")
        .selectAll()
        .where("state", "=", hashSecret(state))
        .executeTakeFirst();
      return row && toState(row);
    },

    addInputs: (id, inputs) =>
      exclusively(db, `inputs of ${id}`, async (trx) => {
        const before = await selectOpen(trx, id, now()).executeTakeFirst();
        if (before === undefined) return undefined;
        const row = await trx
          .updateTable("oauth_states")
          .set({ inputs: JSON.stringify({ ...readObject(before.inputs), ...inputs }) })
          .where("id", "=", id)
          .where("consumed_at", "is", null)
          .returningAll()
          .executeTakeFirst();
        return row && toState(row);
      }),

    consume: (id) => consumeState(db, id, now()),

    async end(id) {
      await db
        .updateTable("oauth_states")
        .set({ expires_at: now().toISOString() })
        .where("id", "=", id)
        .where("integration_id", "is", null)
        .execute();
    },

    async purge(before, limit) {
      const ended = db
        .selectFrom("oauth_states")
        .select("id")
        .where("expires_at", "<", before.toISOString())
        .orderBy("expires_at")
        .limit(limit)
        .modifyEnd(rowLock(db, "for update skip locked"));
      const { numDeletedRows } = await db
        .with("ended", () => ended)
        .deleteFrom("oauth_states")
        .where("id", "in", (eb) => eb.selectFrom("ended").select("id"))
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}

/** Consumes a state in one statement, so that only one of several callers does. @returns whether this one did. */
async function consumeState(db: Db, id: string, at: Date): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("oauth_states")
    .set({ consumed_at: at.toISOString() })
    .where("id", "=", id)
    .where("consumed_at", "is", null)
    .where("expires_at", ">", at.toISOString())
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/**
 * Notes what a state has connected, and consumes it where nobody has. `db` may be a transaction.
 * @returns false where it has connected something already, has ended unconsumed, is another owner's, or is gone with it.
 */
export async function concludeState(
  db: Db,
  id: string,
  { owner, integrationId, at }: { readonly owner: string; readonly integrationId: string; readonly at: Date },
): Promise<boolean> {
  const time = at.toISOString();
  const { numUpdatedRows } = await db
    .updateTable("oauth_states")
    .set({ integration_id: integrationId, consumed_at: sql`coalesce(consumed_at, ${time})` })
    .where("id", "=", id)
    .where("owner", "=", owner)
    .where("integration_id", "is", null)
    .where(({ or, eb }) => or([eb("consumed_at", "is not", null), eb("expires_at", ">", time)]))
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

function selectOpen(db: Db, id: string, at: Date) {
  return db
    .selectFrom("oauth_states")
    .select("inputs")
    .where("id", "=", id)
    .where("consumed_at", "is", null)
    .where("expires_at", ">", at.toISOString());
}

function toState(row: Selectable<OAuthStatesTable>): OAuthState {
  return {
    id: row.id,
    provider: row.provider,
    userId: row.user_id,
    organizationId: row.organization_id,
    redirectUri: row.redirect_uri,
    metadata: readObject(row.metadata),
    inputs: readObject(row.inputs),
    scopes: readList(row.scopes),
    loginHint: row.login_hint,
    clientId: row.client_id,
    expiresAt: new Date(row.expires_at),
    consumedAt: toDate(row.consumed_at),
    integrationId: row.integration_id,
  };
}
