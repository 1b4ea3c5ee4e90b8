import t from "tap";
import { addCustomers, get, stalled, timed } from "../support/many-customers.ts";
import { createWorld } from "../support/world.ts";

const customers = 50_000;
const monday = { date_iso: "2027-01-18" };

t.test("what anybody may ask of a service's state costs the same with 50,000 customers", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const readiness = [`${world.mcpUrl}/ready`, `${world.adminUrl}/ready`] as const;
  const call = async () =>
    t.match(await world.call("luna", "get_available_slots", monday), { answer: { slots: Array } });
  const before = { ready: await timed(20, () => get(t, readiness[0]), 0), call: await timed(20, call) };
  await addCustomers(world, customers);

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
  t.match(text, 'cita_connections{provider="google",state="connected"} 35001');
  t.match(text, 'cita_connections{provider="google",state="reconnect_required"} 5000');
  t.match(text, 'cita_connections{state="pending"} 10000');
  const counting = await stalled(() => get(t, `${world.mcpUrl}/metrics`));
  t.ok(counting < 60, `counting keeps others waiting for ${counting} ms`);
});
