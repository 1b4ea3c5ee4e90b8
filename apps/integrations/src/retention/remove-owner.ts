import { setImmediate as yieldToOthers } from "node:timers/promises";
import { type Database, hasText } from "@cita/database";
import { type RawBuilder, sql } from "kysely";
import type { IntegrationOwner, IntegrationStore } from "../integrations/integration.ts";
import type { Disconnect } from "../maintenance/disconnect.ts";
import type { WebhookStore } from "../webhooks/webhook.ts";

/**
 * Ends and removes everything of an organization, or of a person: what they have connected for organizations stays these'.
 * Calling it again removes what an earlier call has left.
 * @returns how many integrations there were.
 */
export type RemoveOwner = (owner: IntegrationOwner) => Promise<number>;

/** Other writers wait for one statement. */
const maxRowsPerStatement = 500;

export function createRemoveOwner({
  db,
  integrations,
  webhooks,
  disconnect,
}: {
  readonly db: Database;
  readonly integrations: Pick<IntegrationStore, "find" | "idsOf" | "removeOwner">;
  readonly webhooks: Pick<WebhookStore, "removeOwner">;
  readonly disconnect: Disconnect;
}): RemoveOwner {
  return async (owner) => {
    // The accesses are revoked where that ends nothing else; they are erased in any case.
    for (const id of await integrations.idsOf(owner)) {
      const found = await integrations.find(id);
      if (found !== undefined) await disconnect(found, false);
    }
    const removed = await integrations.removeOwner(owner);
    await webhooks.removeOwner(owner);
    // Without its integrations and webhooks nothing is appended for the owner any more.
    await removeEvents(db, isOf(db, owner));
    return removed;
  };
}

/** A person's own events are of no customer, and have their id as it is written into the data. */
function isOf(db: Database, owner: IntegrationOwner): RawBuilder<boolean> {
  if ("organizationId" in owner) return sql<boolean>`customer_id = ${owner.organizationId}`;
  const member = `"user_id":${JSON.stringify(owner.userId)}`;
  return sql<boolean>`customer_id is null and ${hasText(db, "data", member)}`;
}

async function removeEvents(db: Database, isOwners: RawBuilder<boolean>): Promise<void> {
  const page = sql`select id from events where ${isOwners} limit ${maxRowsPerStatement}`;
  for (;;) {
    const { numAffectedRows = 0n } = await sql`delete from events where id in (${page})`.execute(db);
    if (numAffectedRows < maxRowsPerStatement) return;
    await yieldToOthers();
  }
}
