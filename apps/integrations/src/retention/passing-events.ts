import { type Database, migrate, type OwnedTables } from "@cita/database";
import type { EventKind } from "@cita/events";
import { type Kysely, sql } from "kysely";

/** What there may be of each integration every hour: only whoever watches is told, and goes on from there within a day. */
export const momentaryKinds = ["integration.renewed"] as const satisfies readonly EventKind[];

/** What says of deliveries the same as they do themselves, and ends with them. */
export const deliveryKinds = ["webhook.delivered", "webhook.failed"] as const satisfies readonly EventKind[];

/** Deletes events of some kinds from before a time. @returns how many, `limit` at the most. */
export type PurgeEvents = (kinds: readonly EventKind[], before: Date, limit: number) => Promise<number>;

/** Run at start, behind the log's. Never edit a step that has been released: add one. */
export const passingEventMigrations: OwnedTables = {
  owner: "passing_events",
  tables: {},
  migrations: { "0001-by-kind": { up: indexEvents } },
};

/** Here alone: nobody else looks for events by their kind and age. */
async function indexEvents(db: Kysely<unknown>): Promise<void> {
  await db.schema.createIndex("events_by_kind").on("events").columns(["kind", "at"]).execute();
}

/** Migrates what it needs of the log's tables, which must exist. @throws DatabaseError */
export async function openPurgeEvents(db: Database): Promise<PurgeEvents> {
  await migrate(db, passingEventMigrations);
  return async (kinds, before, limit) => {
    const until = before.toISOString();
    let deleted = 0;
    for (const kind of kinds) {
      const old = sql`select id from events where kind = ${kind} and at < ${until} order by at limit ${limit - deleted}`;
      const { numAffectedRows = 0n } = await sql`delete from events where id in (${old})`.execute(db);
      deleted += Number(numAffectedRows);
    }
    return deleted;
  };
}
