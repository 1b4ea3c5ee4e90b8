import { setImmediate as nextTurn } from "node:timers/promises";
import type { Database } from "@cita/database";
import { type Kysely, type RawBuilder, type SqlBool, sql } from "kysely";
import type { CalendarState, CalendarStateName } from "./calendar-state.ts";
import { stateColumnNames, toCalendarState } from "./calendar-state-store.ts";
import type { CustomerKey } from "./customer-key.ts";
import type { TokenStoreTables } from "./schema.ts";
import type { ConnectionCounts, ProviderCounts } from "./token-store.ts";

type Db = Kysely<TokenStoreTables>;

/**
 * Counts customers by the state of their connection. Each query reads one page of an index, and the event loop runs
 * between two pages, so that requests don't wait longer with more customers.
 */
export async function countByState(db: Db, providers: readonly string[]): Promise<ConnectionCounts> {
  const ofProviders = new Map<string, ProviderCounts>();
  for (const provider of providers) ofProviders.set(provider, await countOfProvider(db, provider));
  return { pending: await countInPages(db, pageOfPending), ofProviders };
}

async function countOfProvider(db: Db, provider: string): Promise<ProviderCounts> {
  const all = await countInPages(db, (after) => pageOfConnections(provider, after));
  const lost = await findLost(db, provider);
  const connected = all - lost.count;
  return {
    connected,
    reconnectRequired: lost.count,
    oldestReconnectRequired: lost.oldest === null ? null : new Date(lost.oldest),
    calendars: await countCalendarStates(db, provider, connected),
  };
}

/** Rows of an index in one query, which takes 2 ms. */
const pageSize = 5_000;

/** Rows with unique `customer_id`s. `counts` is 1 or 0. */
type Page = RawBuilder<{ customer_id: string; counts: number }>;

async function countInPages(db: Db, pageAfter: (customerId: string) => Page): Promise<number> {
  let total = 0;
  for (let after = ""; ; await nextTurn()) {
    const { rows } = await sql<{ rows: number; counted: number | null; last: string | null }>`
      select count(*) as rows, sum(counts) as counted, max(customer_id) as last
      from (${pageAfter(after)}) as page
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

/** Customers with an unused, unrevoked link count where they have no connection. */
function pageOfPending(after: string): Page {
  return sql`
    select link.customer_id, case when exists (
      select 1 from oauth_tokens as token
      where token.customer_id = link.customer_id
    ) then 0 else 1 end as counts
    from consent_links as link
    where customer_id > ${after} and used_at is null and revoked_at is null
    order by customer_id limit ${sql.lit(pageSize)}`;
}

/** Lost connections are few, so they are counted in one query over their own index. */
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
 * Counts connected calendars by state. Only calendars that don't answer are read, by their own index.
 * @param connected how many calendars are connected.
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

/** Counts connections that need no new consent. It opens no secret. */
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

/** Finds connected calendars with a problem, the longest first. It opens no secret. */
export async function findFailingCalendars(
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

/** The condition of the index `oauth_tokens_not_answering`, which SQLite requires literally. */
function notAnswering(db: Db, provider: string) {
  return db
    .selectFrom("oauth_tokens")
    .where(sql<SqlBool>`calendar_state <> 'ok' and reconnect_required_since is null`)
    .where("provider", "=", provider);
}
