import type { Database } from "@cita/database";
import { sql } from "kysely";

/** A window's count over all instances, and how long ago the window has begun. */
export type SharedTotal = { readonly requests: number; readonly ageMs: number };

/** By PostgreSQL's clock, so that instances needn't agree on the time. */
const clock = sql`(extract(epoch from clock_timestamp()) * 1000)::int8`;

/** Two statements may read the clock in another order than they come to a row. A later time is of a clock set back. */
const skewMs = 5_000;

/**
 * Adds to the counts of the windows that are under way, and begins the windows that aren't. Rows are locked in the order
 * of their keys, so that two instances never wait for each other. Nobody has to be notified of these commits, and of a
 * statement that is a `select` nobody is.
 * @returns the totals by key.
 */
export async function addCounts(
  db: Database,
  added: ReadonlyMap<string, number>,
  windowMs: number,
): Promise<ReadonlyMap<string, SharedTotal>> {
  const isUnderWay = sql`counted.began_at_ms > excluded.began_at_ms - ${windowMs}
    and counted.began_at_ms < excluded.began_at_ms + ${skewMs}`;
  const { rows } = await sql<SharedTotal & { key: string }>`
    with changed as (
      insert into shared_counts as counted (key, requests, began_at_ms)
      select key, requests, ${clock}
        from unnest(${[...added.keys()]}::text[], ${[...added.values()]}::int8[]) as added(key, requests)
        order by key
      on conflict (key) do update set
        requests = excluded.requests + case when ${isUnderWay} then counted.requests else 0 end,
        began_at_ms = case when ${isUnderWay} then counted.began_at_ms else excluded.began_at_ms end
      returning key, requests, began_at_ms
    )
    select key, requests, ${clock} - began_at_ms as "ageMs" from changed`.execute(db);
  return new Map(rows.map(({ key, ...total }) => [key, total]));
}

/** Passes over rows that an instance is adding to. */
export async function removeOldCounts(db: Database, windowMs: number): Promise<void> {
  await sql`
    with old as (
      select key from shared_counts
      where began_at_ms not between ${clock} - ${windowMs} and ${clock} + ${skewMs}
      for update skip locked
    ), removed as (
      delete from shared_counts where key in (select key from old)
    )
    select 1`.execute(db);
}
