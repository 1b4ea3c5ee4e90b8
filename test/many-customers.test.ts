import { monitorEventLoopDelay } from "node:perf_hooks";
import { type Kysely, sql } from "kysely";
import t, { type Test } from "tap";
import { createWorld, type World } from "./support/world.ts";

const customers = 50_000;
const monday = { date_iso: "2027-01-18" };

/**
 * As many customers as an operator may have, beside luna: four in five connected, of whom one in ten has
 * lost its connection; one in five with a link that nobody has used yet, and all with two from before.
 */
async function addCustomers(world: World): Promise<void> {
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
async function addLinks(db: Kysely<Record<never, never>>, rows: ReturnType<typeof sql>): Promise<void> {
  await sql`insert into consent_links (customer_id, provider, token_hash, token_sealed, key_fingerprint,
      any_account, created_at, expires_at, revoked_at)
    select added.customer_id, provider, token_hash || added.i, token_sealed, key_fingerprint, any_account,
      created_at, expires_at, added.revoked_at
    from (${rows}) as added, consent_links as link where link.customer_id = 'luna'`.execute(db);
}

/** @returns what it took in milliseconds, by default the median. */
async function timed(times: number, act: () => Promise<unknown>, at = 0.5): Promise<number> {
  const took: number[] = [];
  for (let i = 0; i < times; i++) {
    const begun = performance.now();
    await act();
    took.push(performance.now() - begun);
  }
  return took.toSorted((a, b) => a - b)[Math.floor(times * at)] ?? Number.NaN;
}

/** @returns for how long, in milliseconds, nobody else was served at the most. */
async function stalled(act: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await act();
  delay.disable();
  return delay.max / 1e6;
}

const get = async (t: Test, url: string) => {
  const response = await fetch(url);
  t.equal(response.status, 200, url);
  return response.text();
};

t.test("what anybody may ask of a service's state costs the same with 50,000 customers", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const readiness = [`${world.mcpUrl}/ready`, `${world.adminUrl}/ready`] as const;
  const call = async () =>
    t.match(await world.call("luna", "get_available_slots", monday), { answer: { slots: Array } });
  const before = { ready: await timed(20, () => get(t, readiness[0]), 0), call: await timed(20, call) };
  await addCustomers(world);

  for (const url of readiness) {
    // The fastest of a hundred: a scan of tables would slow down each of them.
    const ready = await timed(100, () => get(t, url), 0);
    t.ok(ready < before.ready + 4, `${url}: ${ready} ms, before ${before.ready} ms`);
  }
  let asking = true;
  const crowd = Array.from({ length: 4 }, async () => {
    while (asking) await get(t, readiness[0]);
  });
  const neighbour = await timed(20, call);
  asking = false;
  await Promise.all(crowd);
  t.ok(neighbour < before.call + 40, `a neighbour's call: ${neighbour} ms, before ${before.call} ms`);

  const text = await get(t, `${world.mcpUrl}/metrics`);
  t.match(text, 'cita_connections{state="connected"} 35001');
  t.match(text, 'cita_connections{state="reconnect_required"} 5000');
  t.match(text, 'cita_connections{state="pending"} 10000');
  const counting = await stalled(() => get(t, `${world.mcpUrl}/metrics`));
  t.ok(counting < 60, `counting keeps others waiting for ${counting} ms`);
});

t.test("one look at a service's state serves all who ask within a moment", async (t) => {
  const world = await createWorld(t, { stateIsCached: true });
  await world.connected("luna");
  const count = async () =>
    /state="connected"} (\d+)/.exec(await get(t, `${world.mcpUrl}/metrics`))?.[1] ?? "none";
  t.equal(await count(), "1");
  await get(t, `${world.mcpUrl}/ready`);
  await get(t, `${world.adminUrl}/ready`);
  await sql`update oauth_tokens set key_fingerprint = 'another', reconnect_required_since = created_at`.execute(
    world.mcp.db,
  );
  await Promise.all(Array.from({ length: 50 }, () => get(t, `${world.mcpUrl}/ready`)));
  t.equal(await count(), "1");
});

t.test("a list of customers costs by how many it shows, not by how many links they ever had", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const ids = Array.from({ length: 100 }, (_, i) => `quiet-${i + 1}`);
  for (let i = 0; i < ids.length; i += 20) {
    await Promise.all(ids.slice(i, i + 20).map((id) => world.connect(id)));
  }
  const list = async () => {
    const { body } = await world.api("GET", "/v1/customer-calendars?limit=200");
    t.equal(body.customers.length, 101);
    t.equal(body.customers.at(-1).status, "pending");
  };
  const before = await timed(5, list);
  // Renewed daily for a year.
  await world.mcp.db.transaction().execute(async (transaction) => {
    await sql`update consent_links set revoked_at = created_at where used_at is null`.execute(transaction);
    await addLinks(
      transaction,
      sql`with recursive days(i) as (select 1 union all select i + 1 from days where i < 365)
        select customer_id, customer_id || '-' || i as i,
          case when i < 365 then '2026-06-01T00:00:00.000Z' end as revoked_at
        from days, consent_links where customer_id like 'quiet-%' order by days.i`,
    );
  });
  const after = await timed(5, list);
  t.ok(after < before + 50, `${after} ms, before ${before} ms`);
  t.ok((await stalled(list)) < 200);
});
