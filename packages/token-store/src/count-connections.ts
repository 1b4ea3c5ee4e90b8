import { setImmediate as nextTurn } from "node:timers/promises";
import type { Database } from "@cita/database";
import { type Kysely, type RawBuilder, type SqlBool, sql } from "kysely";
import type { CalendarState, CalendarStateName } from "./calendar-state.ts";
import { stateColumnNames, toCalendarState } from "./calendar-state-store.ts";
import type { CustomerKey } from "./customer-key.ts";
import type { TokenStoreTables } from "./schema.ts";
import type { ConnectionCounts } from "./token-store.ts";

type Db = Kysely<TokenStoreTables>;

/**
 * Customers by the state of their connection. Each query reads a page of an index, with other work of the event loop
 * between two pages: no request waits longer where there are more customers.
 */
export async function countByState(db: Db, provider: string): Promise<ConnectionCounts> {
  const all = await countInPages(db, (after) => pageOfConnections(provider, after));
  const lost = await findLost(db, provider);
  const pending = await countInPages(db, (after) => pageOfPending(provider, after));
  const connected = all - lost.count;
  return {
    connected,
    reconnectRequired: lost.count,
    pending,
    oldestReconnectRequired: lost.oldest === null ? null : new Date(lost.oldest),
    calendars: await countCalendarStates(db, provider, connected),
  };
}

/** Rows of an index that are read at once, in some 2 ms. */
const pageSize = 5_000;

/** `customer_id` is unique in what is counted, and `counts` is 1 or 0. */
type Page = RawBuilder<{ customer_id: string; counts: number }>;

async function countInPages(db: Db, pageAfter: (customerId: string) => Page): Promise<number> {
  let total = 0;
  for (let after = ""; ; await nextTurn()) {
    const { rows } = await sql<{ rows: number; counted: number | null; last: string | null }>`
      select count(*) as rows, sum(counts) as counted, max(customer_id) as last from (${pageAfter(after)})
    `.execute(db);
    const [page] = rows;
    total += page?.counted ?? 0;
    if (page === undefined || page.last === null || page.rows < pageSize) return total;
    after = page.last;
  }
}

function pageOfConnections(provider: string, after: string): Page {
  return sql`
    select customer_id, 1 as counts from oauth_tokens
    where customer_id > ${after} and provider = ${provider}
    order by customer_id limit ${sql.lit(pageSize)}`;
}

/** Of customers with a link that nobody has used or revoked, those that have no connection. */
function pageOfPending(provider: string, after: string): Page {
  return sql`
    select link.customer_id, not exists (
      select 1 from oauth_tokens as token
      where token.customer_id = link.customer_id and token.provider = link.provider
    ) as counts
    from consent_links as link
    where customer_id > ${after} and provider = ${provider} and used_at is null and revoked_at is null
    order by customer_id limit ${sql.lit(pageSize)}`;
}

/** Lost connections are few, and have an index of their own. */
async function findLost(db: Db, provider: string): Promise<{ count: number; oldest: string | null }> {
  return db
    .selectFrom("oauth_tokens")
    .where("provider", "=", provider)
    .where("reconnect_required_since", "is not", null)
    .select(({ fn }) => [
      fn.countAll<number>().as("count"),
      fn.min<string | null>("reconnect_required_since").as("oldest"),
    ])
    .executeTakeFirstOrThrow();
}

/**
 * How many connected calendars are in each state. Those that answer aren't read: an index holds the others.
 * @param connected how many there are in all.
 */
async function countCalendarStates(
  db: Db,
  provider: string,
  connected: number,
): Promise<Record<CalendarStateName, number>> {
  const rows = await notAnswering(db, provider)
    .select(["calendar_state", sql<number>`count(*)`.as("count")])
    .groupBy("calendar_state")
    .execute();
  const found = new Map(rows.map(({ calendar_state, count }) => [calendar_state, count]));
  const others = rows.reduce((sum, { count }) => sum + count, 0);
  const countOf = (name: CalendarStateName) =>
    name === "ok" ? Math.max(0, connected - others) : (found.get(name) ?? 0);
  return {
    ok: countOf("ok"),
    unreadable: countOf("unreadable"),
    refused: countOf("refused"),
    not_found: countOf("not_found"),
    unreachable: countOf("unreachable"),
    unknown: countOf("unknown"),
  };
}

/** How many connections need no new consent. It opens no secret and needs no key. */
export async function countConnected(db: Database, provider: string): Promise<number> {
  const { count } = await db
    .withTables<TokenStoreTables>()
    .selectFrom("oauth_tokens")
    .where("provider", "=", provider)
    .where("reconnect_required_since", "is", null)
    .select(sql<number>`count(*)`.as("count"))
    .executeTakeFirstOrThrow();
  return count;
}

/** Connected calendars that don't answer, the longest first. It opens no secret and needs no key. */
export async function findTroubledCalendars(
  db: Database,
  provider: string,
): Promise<(CustomerKey & { readonly state: CalendarState })[]> {
  const rows = await notAnswering(db.withTables<TokenStoreTables>(), provider)
    .where("calendar_state", "!=", "unknown")
    .select(["customer_id", "provider", ...stateColumnNames])
    .orderBy("calendar_state_since")
    .execute();
  return rows.map((row) => ({
    customerId: row.customer_id,
    provider: row.provider,
    state: toCalendarState(row),
  }));
}

/** SQLite uses the index `oauth_tokens_not_answering` only for this very condition. */
function notAnswering(db: Db, provider: string) {
  return db
    .selectFrom("oauth_tokens")
    .where(sql<SqlBool>`calendar_state <> 'ok' and reconnect_required_since is null`)
    .where("provider", "=", provider);
}
