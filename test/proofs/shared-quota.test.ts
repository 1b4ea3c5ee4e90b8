import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { createWorld, type World } from "../support/world.ts";

const quota = 200;
const customers = ["luna", "mar", "sol", "rio"];

/** Asks for all customers in turn until each is refused. @returns how many questions went on to Google */
async function askUntilRefused({ call }: Pick<World, "call">): Promise<number> {
  let answered = 0;
  for (const left = new Set(customers); left.size > 0; ) {
    for (const customer of left) {
      const { error } = await call(customer, "get_available_slots", { date_iso: "2027-01-18" });
      if (error === undefined) answered += 1;
      else if (error.code === "rate_limited") left.delete(customer);
      else throw new Error(`${error.code}`);
    }
  }
  return answered;
}

t.test("instances share the project's quota at Google, and one more takes its part of it", async (t) => {
  const world = await createWorld(t, {
    engine: "postgres",
    variables: { GOOGLE_PROJECT_QUOTA: `${quota}` },
  });
  for (const customer of customers) await world.connected(customer);
  const another = await world.startAnother();
  // A beat takes place every 1.5 s.
  await sleep(2_000);
  const begun = performance.now();
  const asked = [await askUntilRefused(world), await askUntilRefused(another)];
  const flownIn = (quota * (performance.now() - begun)) / 60_000;
  for (const count of asked) {
    t.ok(count > 0.3 * quota, `${asked}`);
    t.ok(count < 0.45 * quota + flownIn + 5, `${asked}`);
  }
});
