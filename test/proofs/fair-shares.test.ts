import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { ask } from "../support/neighbours.ts";
import { createWorld, type World } from "../support/world.ts";

async function openCustomers(world: World, names: string[]): Promise<void> {
  for (let i = 0; i < names.length; i += 5) {
    await Promise.all(names.slice(i, i + 5).map((name) => world.connected(name)));
  }
}

t.test("of twenty loud customers and a calm one, the calm one is served", async (t) => {
  const world = await createWorld(t, { variables: { GOOGLE_PROJECT_QUOTA: "600" } });
  const loud = Array.from({ length: 20 }, (_, i) => `loud-${i}`);
  await openCustomers(world, [...loud, "calm"]);
  let stopped = false;
  const codes: Record<string, number> = {};
  const agents = loud.map(async (customer) => {
    while (!stopped) {
      const code = (await ask(world, customer)).code ?? "served";
      codes[code] = (codes[code] ?? 0) + 1;
      if (code !== "served") await sleep(50);
    }
  });
  // Twice each: by then all of them are refused now and then.
  while ((codes.rate_limited ?? 0) < 40) await sleep(50);
  let served = 0;
  for (let i = 0; i < 20; i++) {
    if ((await ask(world, "calm")).code === undefined) served += 1;
    await sleep(100);
  }
  stopped = true;
  await Promise.all(agents);
  t.ok(served >= 19, `${served} of 20`);
  t.strictSame(Object.keys(codes).sort(), ["rate_limited", "served"]);
  t.ok((codes.served ?? 0) >= 450, `the loud ones have had ${codes.served} of 540`);
});
