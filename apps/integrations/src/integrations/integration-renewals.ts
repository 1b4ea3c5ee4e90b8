import { rowLock, unindexed } from "@cita/database";
import type { AccountTokens } from "@cita/providers/accounts";
import { isLeaseFree, noLease } from "@cita/token-store";
import { type SqlBool, sql, type Updateable } from "kysely";
import type { IntegrationAccess, IntegrationStore } from "./integration.ts";
import { toFailed } from "./integration-events.ts";
import type { IntegrationDeps } from "./integration-ownership.ts";
import { ownerOf, sealTokens } from "./integration-rows.ts";
import type { IntegrationsTable, IntegrationTables } from "./schema.ts";

type Renewals = Pick<
  IntegrationStore,
  | "saveRenewed"
  | "acquireRefreshLease"
  | "releaseRefreshLease"
  | "suspectLoss"
  | "requireReconnect"
  | "takeDue"
>;

/** The condition of two indexes, which SQLite requires literally. */
const isRenewable = sql<SqlBool>`is_active = 1 and reconnect_required_since is null`;

const dueColumns = { renewal: "renew_at", probe: "probe_due" } as const;

/** The part of `IntegrationStore` that keeps accesses alive. */
export function createIntegrationRenewals(deps: IntegrationDeps): Renewals {
  const { db, keys, events, now } = deps;
  return {
    saveRenewed(access, tokens) {
      const at = now().toISOString();
      return updateIfUnchanged(db, access, {
        ...sealTokens(keys, { ...access, owner: ownerOf(access) }, completeTokens(access, tokens)),
        ...{ last_sync_at: at, last_error: null, error_reason: null, loss_suspected_since: null },
        updated_at: at,
      });
    },

    async acquireRefreshLease({ id, version }, owner, until) {
      const { numUpdatedRows } = await db
        .updateTable("integrations")
        .set({ lease_owner: owner, lease_until: until.toISOString() })
        .where("id", "=", id)
        .where("version", "=", version)
        .where(isLeaseFree(now()))
        .executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    },

    async releaseRefreshLease({ id }, owner) {
      await db
        .updateTable("integrations")
        .set(noLease)
        .where("id", "=", id)
        .where("lease_owner", "=", owner)
        .execute();
    },

    async suspectLoss({ id, version }) {
      const at = now();
      const row = await db
        .updateTable("integrations")
        .set({ loss_suspected_since: sql<string>`coalesce(loss_suspected_since, ${at.toISOString()})` })
        .where("id", "=", id)
        .where("version", "=", version)
        .returning("loss_suspected_since")
        .executeTakeFirst();
      return row?.loss_suspected_since == null ? at : new Date(row.loss_suspected_since);
    },

    requireReconnect: (access, { reason, message }) =>
      events.transaction(async (trx, append) => {
        const at = now().toISOString();
        const isRecorded = await updateIfUnchanged(trx.withTables<IntegrationTables>(), access, {
          ...{ reconnect_required_since: at, reconnect_reason: reason },
          ...{ last_error: message, error_reason: reason, updated_at: at },
        });
        if (isRecorded) await append(toFailed(access, reason, true));
        return isRecorded;
      }),

    takeDue: (what, provider, limit, again) => takeDue(deps, dueColumns[what], { provider, limit, again }),
  };
}

/** What an answer leaves out is as it was. */
function completeTokens(access: IntegrationAccess, tokens: AccountTokens): AccountTokens {
  return {
    ...tokens,
    refreshToken: tokens.refreshToken ?? access.refreshToken,
    accessEndsAt: tokens.accessEndsAt ?? access.accessEndsAt,
  };
}

/** Compare-and-swap by version. @returns false where somebody else has saved since. */
async function updateIfUnchanged(
  db: IntegrationDeps["db"],
  { id, version }: IntegrationAccess,
  values: Updateable<IntegrationsTable>,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("integrations")
    .set({ ...values, ...noLease, version: version + 1 })
    .where("id", "=", id)
    .where("version", "=", version)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

async function takeDue(
  { db, keys, now }: IntegrationDeps,
  column: (typeof dueColumns)[keyof typeof dueColumns],
  { provider, limit, again }: { provider: string; limit: number; again: Date },
): Promise<string[]> {
  const due = db
    .selectFrom("integrations")
    .select("id")
    .where("provider", "=", provider)
    .where(column, "<=", now().toISOString())
    .where(isRenewable)
    // Rows that no key opens are left out: nothing can be asked with them.
    .where(unindexed(db, "key_fingerprint"), "in", keys.fingerprints)
    .orderBy(column)
    .limit(limit)
    .modifyEnd(rowLock(db, "for update skip locked"));
  const rows = await db
    .with("due", () => due)
    .updateTable("integrations")
    .set({ [column]: again.toISOString() })
    .where("id", "in", (eb) => eb.selectFrom("due").select("id"))
    .returning("id")
    .execute();
  return rows.map(({ id }) => id);
}
