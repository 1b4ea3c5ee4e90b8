import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import t, { type Test } from "tap";
import { freePort } from "./support/free-port.ts";
import { forward, serveOnLoopback } from "./support/http-proxy.ts";
import { connect, createConnectedWorlds, startIntegrations } from "./support/panel-integrations.ts";
import { open, submit } from "./support/panel-pages.ts";
import { addPerson, send } from "./support/people.ts";
import { adminKey, createWorld, type World } from "./support/world.ts";

const repeatRemovalsAfterMs = 50;

/** Both services, whose integration service hasn't started yet. */
async function openAlone(t: Test) {
  const port = await freePort();
  const variables = { INTEGRATIONS_URL: `http://127.0.0.1:${port}` };
  const world = await createWorld(t, { variables, repeatRemovalsAfterMs });
  return { world, start: () => startIntegrations(t, world, { port }) };
}

/** Its answer has no body. */
const removeUser = (world: World, id: string) =>
  send(world.adminUrl, "DELETE", `/v1/users/${id}`, { bearer: adminKey });

async function until(t: Test, what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (await isSo()) {
      t.pass(what);
      return;
    }
    await sleep(50);
  }
  t.fail(what);
}

t.test("with a customer goes what it had connected", async (t) => {
  const { world, integrations } = await createConnectedWorlds(t);
  for (const id of ["luna", "sol"]) await world.connect(id);
  const ofLuna = await connect(integrations, "instagram", { organizationId: "luna" });
  await connect(integrations, "slack", { organizationId: "luna" });
  const ofSol = await connect(integrations, "instagram", { organizationId: "sol" });
  const removed = await world.api("DELETE", "/v1/customers/luna");
  t.match(removed, { status: 200, body: { removed: { customers: 1, integrations: 2 } } });
  t.equal((await integrations.api("GET", `/integrations/${ofLuna}`)).status, 404);
  t.equal((await integrations.api("GET", `/integrations/${ofSol}`)).status, 200, "another's stays");
  t.equal((await world.api("DELETE", "/v1/customers/luna")).status, 404, "nothing is left");

  await connect(integrations, "slack", { organizationId: "unknown" });
  t.match(
    await world.api("DELETE", "/v1/customers/unknown"),
    { status: 200, body: { removed: { customers: 0, integrations: 1 } } },
    "whom only the integration service knows is removed too",
  );
});

t.test("a consent that is begun for a customer who is being removed leads nowhere", async (t) => {
  const { world, integrations } = await createConnectedWorlds(t);
  await world.connect("luna");
  const admin = await addPerson(world, { email: "admin@example.com", role: "admin" });
  await integrations.stop();
  t.equal((await world.api("DELETE", "/v1/customers/luna")).status, 502);
  await integrations.restart({});
  const begun = await submit(world, admin, "/clientes/luna/conexiones", { provider: "INSTAGRAM" });
  t.equal(begun.status, 404);
  t.equal(begun.headers.get("refresh"), null);
});

t.test("a removal is repeated until the integration service has done it", async (t) => {
  const { world, start } = await openAlone(t);
  await world.connect("luna");
  const away = await world.api("DELETE", "/v1/customers/luna");
  t.match(away, { status: 502, body: { code: "integrations_service_unavailable" } });
  t.match(
    await world.api("POST", "/v1/customer-calendars/connect", {
      customer_id: "luna",
      customer_email: "a@b.co",
      customer_name: "L",
    }),
    {
      status: 409,
      body: { code: "customer_leaving" },
    },
  );
  await world.restart();
  t.equal((await world.api("GET", "/v1/customer-calendars/luna")).status, 200, "nobody knows yet");
  const integrations = await start();
  await until(
    t,
    "it is gone by itself",
    async () => (await world.api("GET", "/v1/customer-calendars/luna")).status === 404,
  );
  t.match((await integrations.api("GET", "/integrations/organization/luna")).body.data, []);
});

t.test("with a person goes what they had connected as their own", async (t) => {
  const { world, integrations } = await createConnectedWorlds(t, { repeatRemovalsAfterMs });
  await world.connect("luna");
  const admin = await addPerson(world, { email: "admin@example.com", role: "admin" });
  const mia = await addPerson(world, { email: "mia@example.com", role: "member", customer_ids: ["luna"] });
  const own = await connect(integrations, "instagram", { userId: mia.user.id });
  const ofLuna = await connect(integrations, "slack", { userId: mia.user.id, organizationId: "luna" });

  t.match(await world.api("DELETE", `/v1/users/${admin.user.id}`), {
    status: 409,
    body: { code: "last_admin" },
  });
  t.equal((await submit(world, mia, `/personas/${admin.user.id}/eliminar`)).status, 403);
  t.match((await open(world, admin, `/personas/${mia.user.id}`)).text, /Eliminar a esta persona/);
  t.notMatch((await open(world, admin, `/personas/${admin.user.id}`)).text, /Eliminar a esta persona/);
  const removed = await submit(world, admin, `/personas/${mia.user.id}/eliminar`);
  t.equal(removed.headers.get("location"), "/personas");

  t.equal((await open(world, mia, "/")).status, 303, "their session has ended");
  t.equal((await send(world.adminUrl, "GET", "/api/auth/me", { bearer: mia.accessToken })).status, 401);
  for (const method of ["GET", "DELETE"])
    t.match(await world.api(method, `/v1/users/${mia.user.id}`), {
      status: 404,
      body: { code: "unknown_user" },
    });
  await until(
    t,
    "their own is gone",
    async () => (await integrations.api("GET", `/integrations/${own}`)).status === 404,
  );
  t.equal((await integrations.api("GET", `/integrations/${ofLuna}`)).status, 200, "a customer's stays");
  t.match((await world.api("GET", "/v1/people-activity")).body.activity[0], {
    ...{ kind: "user_removed", user: { id: mia.user.id, name: null }, actor: { id: admin.user.id } },
  });
  t.match((await open(world, admin, "/actividad/personas")).text, /Se eliminó a una persona/);
});

t.test("who is removed while the integration service is away is told once it is back", async (t) => {
  const { world, integrations } = await createConnectedWorlds(t, { repeatRemovalsAfterMs });
  const mia = await addPerson(world, { email: "mia@example.com", role: "member" });
  const own = await connect(integrations, "instagram", { userId: mia.user.id });
  await integrations.stop();
  t.equal((await removeUser(world, mia.user.id)).status, 204);
  await world.restart();
  await integrations.restart({});
  const isGone = async () => (await integrations.api("GET", `/integrations/${own}`)).status === 404;
  await until(t, "what was theirs is removed", isGone);
  const again = await addPerson(world, { email: "mia@example.com", role: "viewer" });
  t.not(again.user.id, mia.user.id, "the address is free, for somebody else");
});

t.test("without an integration service nobody is told, and nothing is kept to be told", async (t) => {
  const world = await createWorld(t);
  await world.connect("luna");
  const mia = await addPerson(world, { email: "mia@example.com", role: "member" });
  t.equal((await removeUser(world, mia.user.id)).status, 204);
  const { body } = await world.api("DELETE", "/v1/customers/luna");
  t.notOk("integrations" in body.removed);
});

t.test(
  "while the calendar service is away, a customer's integrations are removed all the same",
  async (t) => {
    let isAway = true;
    let target = "";
    const calendarUrl = await serveOnLoopback(t, (incoming, outgoing) => {
      if (isAway && incoming.method === "DELETE") outgoing.writeHead(503).end();
      else forward(incoming, outgoing, { url: new URL(incoming.url ?? "/", target) });
    });
    const variables = { CALENDAR_URL: calendarUrl };
    const { world, integrations } = await createConnectedWorlds(t, { variables, repeatRemovalsAfterMs });
    target = world.managementUrl;
    await world.connect("luna");
    const id = await connect(integrations, "instagram", { organizationId: "luna" });
    t.equal((await world.api("DELETE", "/v1/customers/luna")).status, 502);
    t.equal((await integrations.api("GET", `/integrations/${id}`)).status, 404, "it is gone");
    const added = { customer_id: "luna", customer_email: "a@b.co", customer_name: "L" };
    t.equal(
      (await world.api("POST", "/v1/customer-calendars/connect", added)).status,
      409,
      "the customer isn't",
    );
    isAway = false;
    const isGone = async () => (await world.api("GET", "/v1/customer-calendars/luna")).status === 404;
    await until(t, "the customer is gone once the calendar has removed it", isGone);
  },
);

t.test("a person whose removal fails holds up nobody else", async (t) => {
  const told: string[] = [];
  let failing = "";
  const integrationsUrl = await serveOnLoopback(t, async (incoming, outgoing) => {
    const { data } = JSON.parse((await buffer(incoming)).toString());
    outgoing.setHeader("content-type", "application/json");
    if (data.userId === failing) {
      outgoing.writeHead(500).end();
      return;
    }
    told.push(data.userId);
    outgoing.end(JSON.stringify({ success: true, data: { removed: 0 } }));
  });
  const world = await createWorld(t, {
    variables: { INTEGRATIONS_URL: integrationsUrl },
    repeatRemovalsAfterMs,
  });
  const [mia, saul] = [
    await addPerson(world, { email: "mia@example.com", role: "member" }),
    await addPerson(world, { email: "saul@example.com", role: "member" }),
  ];
  failing = mia.user.id;
  for (const { user } of [mia, saul]) t.equal((await removeUser(world, user.id)).status, 204);
  await until(t, "the later one is told", async () => told.includes(saul.user.id));
  t.notOk(told.includes(mia.user.id));
  failing = "";
  await until(t, "the first one is told again", async () => told.includes(mia.user.id));
});
