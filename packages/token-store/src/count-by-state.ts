import { setImmediate as nextTurn } from "node:timers/promises";
import { type Kysely, type RawBuilder, sql } from "kysely";
import type { TokenStoreTables } from "./schema.ts";
import type { ConnectionCounts } from "./token-store.ts";

type Db = Kysely<TokenStoreTables>;

/**
 * Customers by the state of their connection. Each query reads a page of an index, and others get their
 * turn in between: nobody waits longer where there are more customers.
 */
export async function countByState(db: Db, provider: string): Promise<ConnectionCounts> {
  const all = await countInPages(db, (after) => pageOfConnections(provider, after));
  const lost = await findLost(db, provider);
  const pending = await countInPages(db, (after) => pageOfPending(provider, after));
  return {
    connected: all - lost.count,
    reconnectRequired: lost.count,
    pending,
    oldestReconnectRequired: lost.oldest === null ? null : new Date(lost.oldest),
  };
}

/** Rows of an index that are read at once: some two milliseconds' worth. */
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

/** Few, and in an index of their own. */
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
