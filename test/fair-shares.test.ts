import t from "tap";
import { ask } from "./support/neighbours.ts";
import { createWorld } from "./support/world.ts";

t.test("a customer who comes when others have used the quota up is served, and books", async (t) => {
  const world = await createWorld(t, { variables: { GOOGLE_PROJECT_QUOTA: "300" } });
  for (const customer of ["luna", "mar", "sol"]) await world.connected(customer);
  for (const customer of ["luna", "mar"]) {
    while ((await ask(world, customer)).code === undefined);
  }
  t.equal((await ask(world, "sol")).code, undefined);
  const booking = { start_iso: "2027-01-18T09:00:00-05:00", attendee_name: "Ana" };
  t.match(await world.call("sol", "book", booking), { answer: { status: "confirmed" } });
});
