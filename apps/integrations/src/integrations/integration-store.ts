import { unindexed, valueList } from "@cita/database";
import { sql } from "kysely";
import type { Integration, IntegrationFilter, IntegrationStore } from "./integration.ts";
import { createIntegrationHealth } from "./integration-health.ts";
import {
  connect,
  disconnect,
  findIntegration,
  type IntegrationDeps,
  removeOwner,
} from "./integration-ownership.ts";
import { createIntegrationRenewals } from "./integration-renewals.ts";
import { integrationColumns, openAccess, toIntegration, toOwner } from "./integration-rows.ts";

/** The tables of `integrationMigrations` must exist. */
export function createIntegrationStore(deps: IntegrationDeps): IntegrationStore {
  const { db, keys, now } = deps;
  return {
    ...createIntegrationRenewals(deps),
    ...createIntegrationHealth(deps),

    find: (id) => findIntegration(db, id),

    list: (filter) => listIntegrations(db, filter),

    async findAccess(id) {
      const row = await db.selectFrom("integrations").selectAll().where("id", "=", id).executeTakeFirst();
      return row && openAccess(keys, row);
    },

    connect: (stateId, obtained) => connect(deps, stateId, obtained),

    async update(id, { name, isActive, metadata }) {
      const row = await db
        .updateTable("integrations")
        .set({
          ...(name !== undefined && { name, is_named: 1 }),
          ...(metadata !== undefined && { metadata: JSON.stringify(metadata) }),
          ...(isActive === false && { is_active: 0 }),
          ...(isActive === true && { is_active: sql`case when access_token is null then 0 else 1 end` }),
          updated_at: now().toISOString(),
        })
        .where("id", "=", id)
        .returning(integrationColumns)
        .executeTakeFirst();
      return row && toIntegration(row);
    },

    disconnect: (id, isRevoked, version) => disconnect(deps, id, isRevoked, { version }),

    async countSiblings({ id, grantor, clientId }, providers) {
      const { count } = await db
        .selectFrom("integrations")
        .select(({ fn }) => fn.countAll<number>().as("count"))
        .where("grantor", "=", grantor)
        .where(sql<boolean>`${unindexed(db, "provider")} in ${valueList(db, "text", providers)}`)
        .where("client_id", "=", clientId)
        .where("id", "!=", id)
        .where("access_token", "is not", null)
        .executeTakeFirstOrThrow();
      return count;
    },

    async idsOf(owner) {
      const rows = await db
        .selectFrom("integrations")
        .select("id")
        .where("owner", "=", toOwner(owner))
        .orderBy("id")
        .execute();
      return rows.map(({ id }) => id);
    },

    removeOwner: (owner) => removeOwner(deps, owner),

    async check() {
      await sql`select 1`.execute(db);
    },
  };
}

/** The most selective filter is the one that is searched by. SQLite's planner, which has no statistics, is told which. */
async function listIntegrations(
  db: IntegrationDeps["db"],
  { userId, organizationId, owner, provider, isActive, after, limit }: IntegrationFilter,
): Promise<Integration[]> {
  let query = db.selectFrom("integrations").select(integrationColumns);
  if (userId !== undefined) query = query.where("user_id", "=", userId);
  const unlessOf = (column: string, isSearched: boolean) =>
    isSearched ? unindexed(db, column) : sql.ref(column);
  if (organizationId !== undefined)
    query = query.where(unlessOf("organization_id", userId !== undefined), "=", organizationId);
  // Few are one owner's: they are put into order.
  if (owner !== undefined) query = query.where("owner", "=", toOwner(owner));
  const isOfOwner = (userId ?? organizationId ?? owner) !== undefined;
  if (provider !== undefined) query = query.where(unlessOf("provider", isOfOwner), "=", provider);
  if (isActive !== undefined) query = query.where(unindexed(db, "is_active"), "=", isActive ? 1 : 0);
  if (after !== undefined) query = query.where("id", ">", after);
  const rows = await query.orderBy("id").limit(limit).execute();
  return rows.map(toIntegration);
}
