import { monitorEventLoopDelay } from "node:perf_hooks";
import { type Kysely, sql } from "kysely";
import type { Test } from "tap";
import type { World } from "./world.ts";

/**
 * Adds so many customers beside luna: four in five connected, of whom one in ten has
 * lost its connection; one in five with a link that nobody has used yet, and all with two from before.
 */
export async function addCustomers(world: World, customers: number): Promise<void> {
  const numbers = sql`with recursive numbers(i) as (select 1 union all select i + 1 from numbers where i < ${customers})`;
  await world.mcp.db.transaction().execute(async (transaction) => {
    await sql`insert into oauth_tokens (customer_id, provider, access_token, refresh_token, token_expiry,
        calendar_email, scope, key_fingerprint, version, reconnect_required_since, created_at, updated_at)
      ${numbers} select 'quiet-' || i, provider, access_token, refresh_token, token_expiry,
        'quiet-' || i || '@example.com', scope, key_fingerprint, version,
        case when i % 10 = 1 then '2027-01-10T00:00:00.000Z' end, created_at, updated_at
      from numbers, oauth_tokens where customer_id = 'luna' and i % 5 > 0`.execute(transaction);
    const link = (suffix: string, revokedAt: string | null, which: string) =>
      addLinks(
        transaction,
        sql`${numbers} select 'quiet-' || i as customer_id, i || ${suffix} as i, ${revokedAt} as revoked_at
          from numbers where ${sql.raw(which)}`,
      );
    for (const suffix of ["first", "second"]) await link(suffix, "2027-01-02T00:00:00.000Z", "true");
    await link("live", null, "i % 5 = 0");
  });
}

/** Copies of luna's link for others. @param rows customer_id, `i` that no other has, and revoked_at. */
export async function addLinks(
  db: Kysely<Record<never, never>>,
  rows: ReturnType<typeof sql>,
): Promise<void> {
  await sql`insert into consent_links (customer_id, provider, token_hash, token_sealed, key_fingerprint,
      any_account, created_at, expires_at, revoked_at)
    select added.customer_id, provider, token_hash || added.i, token_sealed, key_fingerprint, any_account,
      created_at, expires_at, added.revoked_at
    from (${rows}) as added, consent_links as link where link.customer_id = 'luna'`.execute(db);
}

/** @returns what it took in milliseconds, by default the median. */
export async function timed(times: number, act: () => Promise<unknown>, at = 0.5): Promise<number> {
  const took: number[] = [];
  for (let i = 0; i < times; i++) {
    const begun = performance.now();
    await act();
    took.push(performance.now() - begun);
  }
  return took.toSorted((a, b) => a - b)[Math.floor(times * at)] ?? Number.NaN;
}

/** @returns for how long, in milliseconds, nobody else was served at the most. */
export async function stalled(act: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await act();
  delay.disable();
  return delay.max / 1e6;
}

export const get = async (t: Test, url: string) => {
  const response = await fetch(url);
  t.equal(response.status, 200, url);
  return response.text();
};
