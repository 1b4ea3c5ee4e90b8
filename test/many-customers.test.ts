import { sql } from "kysely";
import t from "tap";
import { addCustomers, addLinks, get, stalled, timed } from "./support/many-customers.ts";
import { createWorld } from "./support/world.ts";

t.test("the figures count the connections of all customers, in whichever state", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await addCustomers(world, 1_000);
  for (const url of [world.mcpUrl, world.adminUrl]) await get(t, `${url}/ready`);
  const text = await get(t, `${world.mcpUrl}/metrics`);
  t.match(text, 'cita_connections{provider="google",state="connected"} 701');
  t.match(text, 'cita_connections{provider="google",state="reconnect_required"} 100');
  t.match(text, 'cita_connections{state="pending"} 200');
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
