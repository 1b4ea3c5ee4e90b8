import t from "tap";
import { submit } from "./support/panel-pages.ts";
import { addPerson } from "./support/people.ts";
import { forEachWorld } from "./support/world-engines.ts";

forEachWorld(t, "a form that doesn't say it takes no role, customer or access away", {}, async (t, world) => {
  await world.connect("luna");
  const ana = await addPerson(world, { email: "ana@example.com", role: "admin" });
  const bea = await addPerson(world, { email: "bea@example.com", role: "admin", customer_ids: ["luna"] });
  const path = `/personas/${bea.user.id}`;
  const read = async () => (await world.api("GET", `/v1/users/${bea.user.id}`)).body;
  const before = { role: "admin", is_active: true, customer_ids: ["luna"] };
  t.match(await read(), before);
  for (const form of [{}, { customers: "luna" }, { role: "owner", customers: "luna" }, { role: "viewer" }])
    t.match(await submit(world, ana, path, form as Record<string, string>), { status: 400 });
  t.match(await submit(world, ana, `${path}/acceso`), { status: 400 });
  t.match(await read(), before);

  t.equal((await submit(world, ana, path, { role: "viewer", customers: "" })).status, 303);
  t.match(await read(), { role: "viewer", customer_ids: [] });
  t.equal((await submit(world, ana, `${path}/acceso`, { active: "no" })).status, 303);
  t.match(await read(), { is_active: false });
});
