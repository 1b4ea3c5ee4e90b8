import t from "tap";
import { machineSlowness } from "../support/machine-pace.ts";
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
  /** A neighbour's call while four others ask for the readiness over and over: the fastest of twenty. */
  async function callInCrowd(): Promise<number> {
    let asking = true;
    const crowd = Array.from({ length: 4 }, async () => {
      while (asking) await get(t, readiness[0]);
    });
    try {
      return await timed(20, call, 0);
    } finally {
      asking = false;
      await Promise.all(crowd);
    }
  }
  const before = { ready: await timed(20, () => get(t, readiness[0]), 0), call: await callInCrowd() };
  await addCustomers(world, customers);

  for (const url of readiness) {
    // The fastest of a hundred: a scan of tables would slow down each of them.
    const ready = await timed(100, () => get(t, url), 0);
    t.ok(ready < before.ready + 4, `${url}: ${ready} ms, before ${before.ready} ms`);
  }
  // As many scans as others ask for would stand in the way of each.
  const neighbour = await callInCrowd();
  t.ok(
    neighbour < before.call + 10 * machineSlowness(),
    `a neighbour's call: ${neighbour} ms, before ${before.call} ms`,
  );

  const text = await get(t, `${world.mcpUrl}/metrics`);
  t.match(text, 'cita_connections{provider="google",state="connected"} 35001');
  t.match(text, 'cita_connections{provider="google",state="reconnect_required"} 5000');
  t.match(text, 'cita_connections{state="pending"} 10000');
  // The least of five: whatever else the machine does only adds to it.
  let counting = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i++)
    counting = Math.min(counting, await stalled(() => get(t, `${world.mcpUrl}/metrics`)));
  t.ok(counting < 60, `counting keeps others waiting for ${counting} ms`);
});
