import { sql } from "kysely";
import type { IntegrationCount, IntegrationStore } from "./integration.ts";
import { toFailed } from "./integration-events.ts";
import type { IntegrationDeps } from "./integration-ownership.ts";
import { integrationColumns, toIntegration } from "./integration-rows.ts";
import type { IntegrationTables } from "./schema.ts";

type Health = Pick<IntegrationStore, "recordSuccess" | "recordError" | "countByState">;

/** The expression of an index, which SQLite requires literally. */
const state = sql<IntegrationCount["state"]>`case when is_active = 0 then 'inactive'
  when reconnect_required_since is not null then 'reconnect_required'
  when error_reason is not null then 'error' else 'connected' end`;

/** The part of `IntegrationStore` that says how integrations are. */
export function createIntegrationHealth({ db, events, now }: IntegrationDeps): Health {
  return {
    async recordSuccess(id, { probeDue }) {
      await db
        .updateTable("integrations")
        .set({ last_sync_at: now().toISOString(), probe_due: probeDue.toISOString() })
        .set({ last_error: null, error_reason: null, obstacle: null, loss_suspected_since: null })
        .where("id", "=", id)
        .where("is_active", "=", 1)
        // What was answered before the loss was recorded says nothing about it.
        .where("reconnect_required_since", "is", null)
        .execute();
    },

    recordError: (id, { obstacle, reason, message }) =>
      events.transaction(async (trx, append) => {
        const row = await trx
          .withTables<IntegrationTables>()
          .updateTable("integrations")
          .set({ last_error: message, error_reason: reason, obstacle })
          .where("id", "=", id)
          .where("is_active", "=", 1)
          .where("reconnect_required_since", "is", null)
          .where("last_error", "is distinct from", message)
          .returning(integrationColumns)
          .executeTakeFirst();
        if (row !== undefined) await append(toFailed(toIntegration(row), reason, false));
      }),

    countByState: () =>
      db
        .selectFrom("integrations")
        .select(({ fn }) => ["provider", state.as("state"), fn.countAll<number>().as("count")])
        .groupBy(["provider", state])
        .execute(),
  };
}
