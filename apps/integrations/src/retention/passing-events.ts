import type { Database } from "@cita/database";
import type { EventKind } from "@cita/events";
import { sql } from "kysely";

/** What there may be of each integration every hour: only whoever watches is told, and goes on from there within a day. */
export const momentaryKinds = ["integration.renewed"] as const satisfies readonly EventKind[];

/** What says of deliveries the same as they do themselves, and ends with them. */
export const deliveryKinds = ["webhook.delivered", "webhook.failed"] as const satisfies readonly EventKind[];

/** Deletes events of some kinds from before a time. @returns how many, `limit` at the most. */
export type PurgeEvents = (kinds: readonly EventKind[], before: Date, limit: number) => Promise<number>;

export function createPurgeEvents(db: Database): PurgeEvents {
  return async (kinds, before, limit) => {
    const old = sql`select id from events
      where kind in (${sql.join(kinds)}) and at < ${before.toISOString()} order by id limit ${limit}`;
    const { numAffectedRows = 0n } = await sql`delete from events where id in (${old})`.execute(db);
    return Number(numAffectedRows);
  };
}
