import { setTimeout as delay } from "node:timers/promises";
import t from "tap";
import { addPerson, send, signInOwner } from "../support/people.ts";
import { sundayEvening, type World } from "../support/world.ts";
import { forEachWorld } from "../support/world-engines.ts";

const streamMs = 4_000;

/** What a stream says until it is given up. */
function listen(world: World, path: string, cookie: string) {
  const signal = AbortSignal.timeout(streamMs);
  return send(world.adminUrl, "GET", path, { cookie, signal, headers: { accept: "text/event-stream" } });
}

/** How many connected customers an overview counts at its first update; undefined: it isn't told. */
async function connectedAtOverview(world: World, cookie: string): Promise<number | undefined> {
  const { text } = await listen(world, "/panel/live/resumen", cookie);
  const [, count] =
    /<span class="number">(\d+)<\/span><span><span class="badge \w+">Conectado/.exec(text) ?? [];
  return count === undefined ? undefined : Number(count);
}

const options = { followsEvents: true, clockRuns: true, adminNow: () => sundayEvening };

forEachWorld(t, "what is live tells nobody of customers that aren't theirs", options, async (t, world) => {
  const links = new Map<string, string>();
  for (const id of ["luna", "sol-unseen"]) {
    await world.sandbox("POST", "accounts", { email: `${id}@example.com`, time_zone: "America/Bogota" });
    links.set(id, (await world.connect(id)).body.shareable_link);
  }
  const person = (role: "member" | "viewer" | "admin") =>
    addPerson(world, { email: `${role}@example.com`, role, customer_ids: ["luna"] });
  const { cookie: admin } = await person("admin");
  const cookies = {
    member: (await person("member")).cookie,
    viewer: (await person("viewer")).cookie,
    owner: (await signInOwner(world, "luna")).cookie,
  };
  const streams = Object.entries(cookies).flatMap(([name, cookie]) =>
    [
      "/panel/live/clientes?id=luna&id=sol-unseen",
      "/panel/live/cliente?id=luna",
      "/panel/live/cliente?id=sol-unseen",
    ].map(async (path) => ({ label: `${name}: ${path}`, path, answer: await listen(world, path, cookie) })),
  );
  const asAdmin = listen(world, "/panel/live/clientes?id=sol-unseen", admin);
  await delay(500);
  for (const linkOf of links.values()) t.match(await world.consent(linkOf), { status: 200 });
  for (const { label, path, answer } of await Promise.all(streams)) {
    t.notMatch(answer.text, /sol-unseen|Business sol/, label);
    if (path.endsWith("id=sol-unseen") && path.includes("cliente?"))
      t.notMatch(answer.text, /data: ./, label);
    else t.match(answer.text, /luna/, label);
  }
  t.match((await asAdmin).text, /sol-unseen/, "an admin is told");
  const all = Object.values(cookies);
  const counts = await Promise.all([...all, admin].map((cookie) => connectedAtOverview(world, cookie)));
  t.strictSame(counts, [...all.map(() => 1), 2]);
});

const losses = {
  "a membership was taken from": { role: "member", change: { customer_ids: [] } },
  "the role is another now": { role: "admin", change: { role: "member" } },
  "the access was taken from": { role: "member", change: { is_active: false } },
} as const;

for (const [name, { role, change }] of Object.entries(losses))
  forEachWorld(t, `what is live ends for whom ${name}`, options, async (t, world) => {
    await world.sandbox("POST", "accounts", { email: "luna@example.com", time_zone: "America/Bogota" });
    const { body } = await world.connect("luna");
    await addPerson(world, { email: "other@example.com", role: "admin" });
    const customer_ids = role === "member" ? ["luna"] : [];
    const { user, cookie } = await addPerson(world, { email: "m@example.com", role, customer_ids });
    const streams = ["/panel/live/clientes?id=luna", "/panel/live/cliente?id=luna"].map((path) =>
      listen(world, path, cookie),
    );
    await delay(500);
    const { status } = await world.api("PATCH", `/v1/users/${user.id}`, change);
    t.equal(status, 200);
    t.match(await world.consent(body.shareable_link), { status: 200 });
    for (const { text } of await Promise.all(streams)) t.notMatch(text, /data: ./);
    t.not(await connectedAtOverview(world, cookie), 1);
  });
