import { accountProviders } from "@cita/providers/accounts";
import t, { type Test } from "tap";
import { connectAccount, initiate } from "./support/account-consent.ts";
import { createIntegrationsWorld, redirectUri } from "./support/integrations-world.ts";
import { listRoutes } from "./support/list-routes.ts";
import { addPeopleOfTwoCustomers, send } from "./support/people.ts";
import { adminKey } from "./support/test-keys.ts";
import { createWorld } from "./support/world.ts";

const hubspot = accountProviders.find(({ id }) => id === "hubspot");

/** Both services: people and customers are admin-api's. */
async function openBoth(t: Test) {
  const people = await createWorld(t, {});
  const persons = await addPeopleOfTwoCustomers(people);
  const integrations = await createIntegrationsWorld(t, {
    variables: { ADMIN_URL: people.adminUrl, ADMIN_PUBLIC_URL: people.adminUrl },
    // People's tokens are of this very moment.
    begin: Date.now(),
  });
  return { people, integrations, ...persons };
}

t.test("each sees and changes what is theirs, by every route", async (t) => {
  if (hubspot === undefined) throw new Error("there is no HubSpot");
  const { people, integrations, ...persons } = await openBoth(t);
  const { admin, member, viewer, stranger } = persons;
  const ofLuna = await connectAccount(integrations, hubspot, {
    userId: member.user.id,
    organizationId: "luna",
  });
  const own = await connectAccount(integrations, hubspot, { userId: member.user.id });
  const call = (who: { accessToken: string } | null, method: string, path: string, body?: unknown) =>
    integrations.api(method, path, body, who === null ? null : who.accessToken);

  const pathsOf = (id: string | null) =>
    [
      ["GET", `/integrations/${id}`, undefined],
      ["GET", `/integrations/${id}/sync-logs`, undefined],
      ["PATCH", `/integrations/${id}`, { name: "Otro" }],
      ["POST", `/integrations/${id}/refresh`, undefined],
    ] as const;
  for (const [method, path, body] of pathsOf(ofLuna.integrationId)) {
    const reads = method === "GET";
    t.equal((await call(null, method, path, body)).status, 401, `${method} ${path}, nobody`);
    t.equal((await call(stranger, method, path, body)).status, 404, `${method} ${path}, a stranger`);
    t.equal(
      (await call(viewer, method, path, body)).status,
      reads ? 200 : 403,
      `${method} ${path}, a viewer`,
    );
    t.equal((await call(member, method, path, body)).status, 200, `${method} ${path}, a member`);
    t.equal((await call(admin, method, path, body)).status, 200, `${method} ${path}, an admin`);
  }
  for (const [method, path, body] of pathsOf(own.integrationId)) {
    for (const who of [stranger, viewer])
      t.equal((await call(who, method, path, body)).status, 404, `${method} ${path}, of another person`);
    t.equal((await call(member, method, path, body)).status, 200, `${method} ${path}, one's own`);
  }

  t.equal((await call(stranger, "GET", `/integrations/user/${member.user.id}`)).status, 403);
  t.equal((await call(member, "GET", `/integrations/user/${member.user.id}`)).body.data.length, 2);
  await people.api("PATCH", `/v1/users/${member.user.id}`, { customer_ids: [] });
  const left = await call(member, "GET", `/integrations/user/${member.user.id}`);
  t.strictSame(
    left.body.data.map(({ id }: { id: string }) => id),
    [own.integrationId],
    "who has left a customer sees nothing of it, from the next request on",
  );
  t.equal((await call(member, "GET", `/integrations/${ofLuna.integrationId}`)).status, 404);

  const start = (who: typeof admin, userId: string, organizationId?: string) =>
    call(who, "POST", "/integrations/oauth/initiate", {
      ...{ userId, organizationId, provider: "HUBSPOT", redirectUri },
    });
  t.equal((await start(stranger, stranger.user.id, "sol")).status, 200);
  t.equal((await start(stranger, stranger.user.id)).status, 200);
  t.equal((await start(stranger, stranger.user.id, "luna")).status, 403, "of another customer");
  t.equal((await start(stranger, member.user.id)).status, 403, "for another person");
  t.equal((await start(viewer, viewer.user.id, "luna")).status, 403, "a viewer");
  t.equal((await start(viewer, viewer.user.id)).status, 403, "a viewer, for themselves");
  t.equal((await start(admin, member.user.id, "luna")).status, 200);

  for (const path of [`/integrations/${own.integrationId}`, `/integrations/${ofLuna.integrationId}`])
    t.equal((await call(stranger, "DELETE", path)).status, 404);
  t.equal(
    (await call(stranger, "POST", "/events", { type: "user.deleted", data: { userId: "x" } })).status,
    401,
  );
  t.equal((await initiate(integrations, hubspot)).status, 200, "the admin key goes on working");
});

/** Open to anybody: nothing is told there that a state doesn't open, and probes. */
const openRoutes =
  /^\/(?:health|ready|metrics|docs.*|openapi.*|(?:integrations\/)?oauth\/(?:start|callback)\/.*)$/;

t.test("what a customer has is listed for those who belong to it", async (t) => {
  if (hubspot === undefined) throw new Error("there is no HubSpot");
  const { integrations, admin, member, viewer, stranger } = await openBoth(t);
  const connectAs = async (account: string, organizationId?: string) => {
    const options = {
      userId: member.user.id,
      account,
      ...(organizationId !== undefined && { organizationId }),
    };
    return (await connectAccount(integrations, hubspot, options)).integrationId;
  };
  const ofLuna = [
    await connectAs("ana@example.com", "luna"),
    await connectAs("bea@example.com", "luna"),
  ].sort();
  const own = await connectAs("mia@example.com");
  const list = (path: string, who: { accessToken: string }) =>
    integrations.api("GET", path, undefined, who.accessToken);
  const idsIn = ({ body }: Awaited<ReturnType<typeof list>>) => body.data.map(({ id }: { id: string }) => id);

  const path = "/integrations/organization/luna";
  for (const who of [admin, member, viewer]) t.strictSame(idsIn(await list(path, who)), ofLuna);
  for (const asked of [path, "/integrations/organization/nobody"])
    t.match(await list(asked, stranger), { status: 403, body: { error: { code: "FORBIDDEN" } } });
  t.equal((await integrations.api("GET", "/integrations/organization/a%20b")).status, 400);
  t.strictSame(idsIn(await integrations.api("GET", `${path}?provider=SLACK`)), []);
  t.strictSame(idsIn(await integrations.api("GET", `${path}?isActive=true`)), ofLuna);
  const first = await integrations.api("GET", `${path}?limit=1`);
  const second = await integrations.api("GET", `${path}?limit=1&cursor=${first.body.nextCursor}`);
  t.strictSame([...idsIn(first), ...idsIn(second), second.body.nextCursor], [...ofLuna, null]);

  const ofMember = `/integrations/user/${member.user.id}`;
  t.strictSame(idsIn(await list(ofMember, member)), [...ofLuna, own].sort());
  t.strictSame(idsIn(await list(`${ofMember}?own=true`, member)), [own]);
  t.equal((await list(`${ofMember}?own=false`, member)).status, 400);
  t.equal((await list(`${ofMember}?own=true`, stranger)).status, 403);
});

t.test("every other route asks who is calling", async (t) => {
  const world = await createIntegrationsWorld(t, { variables: { FAILED_KEYS_PER_MINUTE: "1000" } });
  const routes = listRoutes(world.app).filter(
    ({ method, path }) => method !== "OPTIONS" && !openRoutes.test(path),
  );
  t.ok(routes.length >= 9, `${routes.length} routes`);
  for (const { method, path } of routes) {
    const filled = path.replaceAll(/:\w+/g, "00000000-0000-4000-8000-000000000000");
    const response = await fetch(world.url + filled, { method });
    t.equal(response.status, 401, `${method} ${path}`);
    await response.text();
    const forged = { authorization: `Bearer ${"e30.e30.".padEnd(80, "x")}` };
    // Without the keys of admin-api it can't be said that a token is wrong.
    t.match(`${(await fetch(world.url + filled, { method, headers: forged })).status}`, /^(?:401|503)$/);
  }
});

t.test("while admin-api is away, programs go on and people wait", async (t) => {
  if (hubspot === undefined) throw new Error("there is no HubSpot");
  const { people, integrations, member } = await openBoth(t);
  const { integrationId } = await connectAccount(integrations, hubspot, {
    userId: member.user.id,
    organizationId: "luna",
  });
  const path = `/integrations/${integrationId}`;
  t.equal((await integrations.api("GET", path, undefined, member.accessToken)).status, 200);
  await people.admin.close();
  t.equal((await integrations.api("GET", path)).status, 200);
  t.match(await integrations.api("GET", path, undefined, member.accessToken), {
    status: 503,
    body: { success: false, error: { code: "UNAVAILABLE" } },
  });
});

t.test("whose session has ended changes nothing with a token that lives on", async (t) => {
  if (hubspot === undefined) throw new Error("there is no HubSpot");
  const { people, integrations, admin, member, stranger } = await openBoth(t);
  const { integrationId } = await connectAccount(integrations, hubspot, { userId: member.user.id });
  const path = `/integrations/${integrationId}`;
  const call = (who: typeof admin, method: string, asked: string, body?: unknown) =>
    integrations.api(method, asked, body, who.accessToken);
  const start = (who: typeof admin, userId = who.user.id) =>
    call(who, "POST", "/integrations/oauth/initiate", { userId, provider: "HUBSPOT", redirectUri });
  const over = { status: 401, body: { error: { code: "UNAUTHORIZED" } } };

  t.equal((await start(stranger)).status, 200);
  t.equal(
    (await send(people.adminUrl, "DELETE", `/v1/users/${stranger.user.id}`, { bearer: adminKey })).status,
    204,
  );
  t.match(await start(stranger), over, "who was removed connects nothing");
  t.match(
    await call(stranger, "POST", "/oauth/connect/hubspot", { sessionId: stranger.user.id }),
    over,
    "by the other name neither",
  );

  t.equal((await call(member, "PATCH", path, { name: "Mine" })).status, 200);
  await send(people.adminUrl, "POST", "/api/auth/logout", { bearer: member.accessToken });
  for (const [method, asked, body] of [
    ["PATCH", path, { name: "Other" }],
    ["POST", `${path}/refresh`, undefined],
    ["DELETE", path, undefined],
    ["POST", "/integrations/webhooks", { integrationId, url: "https://receiver.example", events: ["*"] }],
  ] as const)
    t.match(await call(member, method, asked, body), over, `${method} ${asked}`);
  t.match((await integrations.api("GET", path)).body.data, { name: "Mine", isActive: true });
});

t.test("a role counts as it is now, and not as a token says", async (t) => {
  const { people, integrations, admin, member } = await openBoth(t);
  await people.api("PATCH", `/v1/users/${member.user.id}`, { role: "admin" });
  await people.api("PATCH", `/v1/users/${admin.user.id}`, { role: "member" });
  const start = (who: typeof admin, userId: string) => {
    const body = { userId, provider: "HUBSPOT", redirectUri };
    return integrations.api("POST", "/integrations/oauth/initiate", body, who.accessToken);
  };
  t.match(await start(admin, member.user.id), { status: 403, body: { error: { code: "FORBIDDEN" } } });
  t.equal((await start(member, admin.user.id)).status, 200, "who is an admin by now");
});
