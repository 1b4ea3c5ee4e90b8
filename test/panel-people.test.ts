import { openDatabase } from "@cita/database";
import { sql } from "kysely";
import t from "tap";
import { open, submit } from "./support/panel-pages.ts";
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

forEachWorld(t, "as many customers as somebody may have are assigned with the form", {}, async (t, world) => {
  const ana = await addPerson(world, { email: "ana@example.com", role: "admin" });
  const bea = await addPerson(world, { email: "bea@example.com", role: "member" });
  const ids = Array.from({ length: 1_000 }, (_, i) => String(1_000 + i).padStart(64, "negocio-"));
  const admin = openDatabase(world.databases.admin);
  t.teardown(() => admin.destroy());
  const rows = sql.join(ids.map((id) => sql`(${id}, 'luna@example.com', 'Luna', '', '')`));
  await sql`insert into customers (customer_id, customer_email, customer_name, created_at, updated_at)
    values ${rows}`.execute(admin);
  await sql`insert into customer_states (customer_id, status) select customer_id, 'pending' from customers`.execute(
    admin,
  );
  const path = `/personas/${bea.user.id}`;
  const saved = await submit(world, ana, path, { role: "member", customers: `${ids.join("\r\n")}\r\n` });
  t.equal(saved.status, 303);
  t.strictSame((await world.api("GET", `/v1/users/${bea.user.id}`)).body.customer_ids, ids);

  const [, customers = ""] = /<textarea [^>]*name="customers"[^>]*>\n([^<]*)/.exec(
    (await open(world, ana, path)).text,
  ) ?? [""];
  const again = { role: "viewer", customers: customers.replaceAll("\n", "\r\n") };
  t.equal((await submit(world, ana, path, again)).status, 303, "and again as the page has them");
  const invitation = { email: "cira@example.com", name: "Cira", role: "member", customers: again.customers };
  t.equal((await submit(world, ana, "/personas", invitation)).status, 200);
});
