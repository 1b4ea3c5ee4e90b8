import { engineName } from "@cita/database";
import { type Kysely, sql } from "kysely";
import type { EventTables } from "./migrations.ts";

/**
 * Ids are given when events are appended, and events are seen when they are committed. SQLite has one writer at a time, so
 * the order is the same. In PostgreSQL an event may be seen before another one with a lower id, which a reader who goes on
 * from the higher id would miss.
 *
 * So each transaction that appends holds a lock there, whose key is the last id that was given before: its own are higher.
 * The locks are shared, and nobody waits for one. Up to the lowest of these keys all events are seen that will ever be.
 * They are released after the commit is seen (docs/decisions/0063).
 */

type Db = Kysely<EventTables>;

/** Of a lock's key, one half is the log's, and the other has 31 bits. */
const keySpan = 2 ** 31;

/** Advisory locks are the whole database's, where a log is of a schema. */
const logKey = sql`hashtext('event ids ' || current_schema())`;

const lastGiven = sql<number>`last_value - case when is_called then 0 else 1 end`;

/** Has to be called in a transaction before its first event is inserted. */
export async function holdIds(trx: Db): Promise<void> {
  if (engineName(trx) === "sqlite") return;
  // With an id of its own, the transaction's end is noticed by `watchCommits` even where it is rolled back.
  await sql`select pg_current_xact_id(),
    pg_advisory_xact_lock_shared(${logKey}, ((${lastGiven}) % ${sql.lit(keySpan)})::int4)
    from events_id_seq`.execute(trx);
}

/** The id that was given last, although its event may be undone, or removed with its customer. */
export async function readLastId(db: Db): Promise<number> {
  const last =
    engineName(db) === "sqlite"
      ? sql<{ id: number }>`select seq as id from sqlite_sequence where name = 'events'`
      : sql<{ id: number }>`select ${lastGiven} as id from events_id_seq`;
  const { rows } = await last.execute(db);
  return rows[0]?.id ?? 0;
}

/** Whoever reads up to this id in a later statement misses no event. */
export async function readSettledId(db: Db): Promise<number> {
  // Before the locks are read: whoever has given an id up to this one had its lock by then.
  const last = await readLastId(db);
  if (engineName(db) === "sqlite") return last;
  const { rows } = await sql<{ key: number }>`select objid::int8 as key from pg_locks
    where locktype = 'advisory' and objsubid = 2 and classid::int8 = ${logKey}::int8 & 4294967295
      and database = (select oid from pg_database where datname = current_database())`.execute(db);
  return Math.min(last, ...rows.map(({ key }) => nearest(key, last)));
}

/** The id nearest to another one, of those whose last 31 bits are these. */
function nearest(bits: number, id: number): number {
  const ahead = (((bits - id) % keySpan) + keySpan) % keySpan;
  return id + (ahead < keySpan / 2 ? ahead : ahead - keySpan);
}
