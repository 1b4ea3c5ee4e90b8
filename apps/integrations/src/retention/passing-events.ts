import type { Database } from "@cita/database";
import type { EventKind } from "@cita/events";
import { sql } from "kysely";

/** What only whoever watches is told. There may be one of each integration an hour. */
const passingKinds: readonly EventKind[] = ["integration.renewed"];

/** Deletes events from before a time that nobody goes on from any more. @returns how many, `limit` at the most. */
export type PurgePassingEvents = (before: Date, limit: number) => Promise<number>;

export function createPurgePassingEvents(db: Database): PurgePassingEvents {
  return async (before, limit) => {
    const old = sql`select id from events
      where kind in (${sql.join(passingKinds)}) and at < ${before.toISOString()} order by id limit ${limit}`;
    const { numAffectedRows = 0n } = await sql`delete from events where id in (${old})`.execute(db);
    return Number(numAffectedRows);
  };
}
