import t, { type Test } from "tap";
import { listRoutes, type Route } from "./support/list-routes.ts";
import { nowhere } from "./support/panel-integrations.ts";
import { addPerson, type Sent, send, signInOwner, tokenOf } from "./support/people.ts";
import { adminKey, type World } from "./support/world.ts";
import { forEachWorld } from "./support/world-engines.ts";

/** Nothing of these words may reach anybody but admins. */
const secret = /Soledad|sol-unseen/;

/** With the pages of an integration service, which is away: whoever may not see them is answered before it is asked. */
const withAllRoutes = { variables: { INTEGRATIONS_URL: nowhere } };

/** Routes that anybody may call, and that say nothing of customers. */
const isOpen = ({ path }: Route) =>
  /^\/(?:metrics|health|ready|docs.*|\.well-known\/.*|panel\/assets\/.*|login.*|olvide|entrar\/.*|invitacion\/.*|restablecer\/.*)$/.test(
    path,
  );
const isPublicAuth = ({ path }: Route) =>
  /^\/api\/auth\/(?:register|login|link|logout|refresh|forgot-password|reset-password)$/.test(path);

const isOfOwnAccount = (path: string) => /^\/(?:api\/auth\/|logout$|cuenta(?:\/|$))/.test(path);
const isUnsafe = ({ method }: Route) => !["GET", "HEAD"].includes(method);
const isOfCustomer = ({ path }: Route) => path.includes(":customer_id");

const fill = (path: string, ids: Record<string, string>) =>
  path.replaceAll(/:(\w+)/g, (_, name: string) => ids[name] ?? "1").replace("*", "x");

/** Streams are read for a moment only; one that has sent nothing yet has no status. */
async function ask(world: World, { method, path }: Route, sent: Sent) {
  const isForm = !path.startsWith("/v1/") && !path.startsWith("/api/");
  const body = !isUnsafe({ method, path }) ? {} : isForm ? { form: sent.form ?? {} } : { body: {} };
  const { form: _, ...others } = sent;
  const signal = AbortSignal.timeout(1_000);
  return send(world.adminUrl, method, path, { ...others, ...body, signal }).catch((error: Error) => {
    if (error.name !== "TimeoutError") throw error;
    return { status: 0, text: "" };
  });
}

async function setUp(world: World) {
  await world.connected("luna");
  await world.connect("sol-unseen", { customer_name: "Soledad" });
  const { body: key } = await world.api("POST", "/v1/customer-calendars/sol-unseen/agent-keys", {
    name: "Soledad's",
  });
  const person = (role: "member" | "viewer" | "admin") =>
    addPerson(world, { email: `${role}@example.com`, role, customer_ids: ["luna"] });
  const owner = await signInOwner(world, "luna");
  const people = { member: await person("member"), viewer: await person("viewer"), owner };
  return { people, admin: await person("admin"), keyId: String(key.key_id) };
}

const withCookie = ({ cookie, csrf }: { cookie: string; csrf: string }): Sent => ({
  cookie,
  headers: { "x-csrf-token": csrf, "sec-fetch-site": "same-origin" },
  form: { csrf },
});

forEachWorld(
  t,
  "of customers that aren't theirs people learn nothing, by any route",
  withAllRoutes,
  async (t, world) => {
    const { people, admin, keyId } = await setUp(world);
    const routes = listRoutes(world.admin).filter((route) => !isOpen(route) && !isPublicAuth(route));
    t.ok(routes.length > 30, `${routes.length} routes`);
    const ids = { booking_id: "0".repeat(32), key_id: keyId, user_id: admin.user.id };
    for (const [name, person] of Object.entries(people)) {
      for (const route of routes) {
        // Signing out would end the walk.
        if (route.path === "/logout") continue;
        const label = `${name}: ${route.method} ${route.path}`;
        const asked = (customer_id: string) =>
          ask(world, { ...route, path: fill(route.path, { ...ids, customer_id }) }, withCookie(person));
        const answer = await asked("sol-unseen");
        t.notMatch(answer.text, secret, label);
        if (!isOfCustomer(route)) continue;
        const nobody = await asked("nobody");
        t.strictSame(
          [answer.status, withoutIds(answer.text)],
          [nobody.status, withoutIds(nobody.text)],
          label,
        );
        t.equal(answer.status, 404, label);
      }
    }
  },
);

/** They take the key between services alone, and no cookie. */
const isInternal = ({ path }: Route) => path.startsWith("/internal/");

/** Pages of errors name the request. */
const withoutIds = (text: string) => text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "");

forEachWorld(
  t,
  "nobody is let in without a session, and a role ends where it ends",
  withAllRoutes,
  async (t, world) => {
    const { people, admin } = await setUp(world);
    const routes = listRoutes(world.admin).filter((route) => !isOpen(route) && !isPublicAuth(route));
    const ids = { customer_id: "luna", booking_id: "0".repeat(32), key_id: "1", user_id: admin.user.id };
    for (const route of routes) {
      const path = fill(route.path, ids);
      const label = `${route.method} ${route.path}`;
      const unknown = await ask(world, { ...route, path }, { headers: { "sec-fetch-site": "same-origin" } });
      t.ok([401, 303, 302, 429].includes(unknown.status), `${label}: ${unknown.status}`);
      if (isUnsafe(route) && !isOfOwnAccount(path) && !isInternal(route))
        t.equal(
          (await ask(world, { ...route, path }, withCookie(people.viewer))).status,
          403,
          `viewer: ${label}`,
        );
      if (
        /^\/v1\/(?:users|agent-keys|activity|customers)/.test(path) ||
        /attendees|owner-link|connect$/.test(path)
      )
        for (const [name, person] of Object.entries(people))
          t.equal(
            (await ask(world, { ...route, path }, withCookie(person))).status,
            403,
            `${name}: ${label}`,
          );
    }
  },
);

forEachWorld(
  t,
  "nothing is changed by other sites' forms, or without the page's token",
  withAllRoutes,
  async (t, world) => {
    const { admin } = await setUp(world);
    const { cookie, csrf } = admin;
    const routes = listRoutes(world.admin).filter(
      (route) => isUnsafe(route) && !isOpen(route) && !isInternal(route),
    );
    const ids = { customer_id: "luna", booking_id: "0".repeat(32), key_id: "1", user_id: admin.user.id };
    const sameSite = { "sec-fetch-site": "same-origin" };
    const attempts: Sent[] = [
      { cookie, headers: { "x-csrf-token": csrf, "sec-fetch-site": "cross-site" }, form: { csrf } },
      { cookie, headers: { "x-csrf-token": csrf, "sec-fetch-site": "same-site" }, form: { csrf } },
      { cookie, headers: { "x-csrf-token": csrf, origin: "https://evil.example" }, form: { csrf } },
      { cookie, headers: { "x-csrf-token": csrf, origin: "null" }, form: { csrf } },
      { cookie, headers: { "x-csrf-token": csrf }, form: { csrf } },
      { cookie, headers: sameSite },
      { cookie, headers: { ...sameSite, "x-csrf-token": "x".repeat(43) }, form: { csrf: "x".repeat(43) } },
    ];
    for (const route of routes) {
      for (const sent of attempts) {
        const answer = await ask(world, { ...route, path: fill(route.path, ids) }, sent);
        t.equal(answer.status, 403, `${route.method} ${route.path} ${JSON.stringify(sent.headers)}`);
      }
    }
    await expectUnchanged(t, world, admin.accessToken);
  },
);

async function expectUnchanged(t: Test, world: World, bearer: string): Promise<void> {
  t.match((await world.api("GET", "/v1/customer-calendars/luna")).body, { status: "connected" });
  t.equal((await send(world.adminUrl, "GET", "/api/auth/me", { bearer })).status, 200);
}

forEachWorld(t, "with a customer goes what people had of it", {}, async (t, world) => {
  const { people } = await setUp(world);
  const asOwner = () =>
    send(world.adminUrl, "GET", "/v1/customer-calendars/luna", { cookie: people.owner.cookie });
  t.equal((await asOwner()).status, 200);
  t.match((await world.api("GET", `/v1/users/${people.member.user.id}`)).body, { customer_ids: ["luna"] });
  t.equal((await world.api("DELETE", "/v1/customers/luna")).status, 200);
  t.equal((await asOwner()).status, 401);
  t.match((await world.api("GET", `/v1/users/${people.member.user.id}`)).body, { customer_ids: [] });
  const { body, status } = await world.api("GET", "/v1/people-activity");
  t.match(body.activity[0], { kind: "customer_removed", actor: { kind: "program" } });
  t.equal(status, 200);
});

forEachWorld(t, "pages are for people: a program is told so", withAllRoutes, async (t, world) => {
  const { keyId, admin } = await setUp(world);
  const ids = { customer_id: "luna", booking_id: "0".repeat(32), key_id: keyId, user_id: admin.user.id };
  const isPage = ({ path }: Route) => !/^\/(?:v1|api|internal)\//.test(path) && path !== "/login/google";
  for (const route of listRoutes(world.admin).filter((one) => isPage(one) && !isOpen(one))) {
    const path = fill(route.path, ids);
    const { status } = await ask(world, { ...route, path }, { bearer: adminKey });
    t.equal(status, 403, `${route.method} ${route.path}`);
  }
});

forEachWorld(t, "a HEAD request for what is live ends", {}, async (t, world) => {
  const { admin } = await setUp(world);
  for (const path of ["/panel/live/cliente?id=luna", "/panel/live/clientes?id=luna"])
    t.equal((await send(world.adminUrl, "HEAD", path, { cookie: admin.cookie })).status, 404, path);
});

forEachWorld(t, "whoever only reads isn't shown a consent link", {}, async (t, world) => {
  const { people } = await setUp(world);
  const shown = async ({ cookie }: { cookie: string }) => {
    const { body } = await send(world.adminUrl, "GET", "/v1/customer-calendars/luna", { cookie });
    const { body: list } = await send(world.adminUrl, "GET", "/v1/customer-calendars", { cookie });
    return [
      body.link.shareable_link,
      body.link.authorization_url,
      body.reconnect_link,
      list.customers[0].reconnect_link,
    ];
  };
  await world.connect("luna", { renew: true });
  const links = (await shown(people.member)).filter((link) => link !== null);
  t.equal(links.length, 2);
  t.strictSame(await shown(people.viewer), [null, null, null, null]);
});

forEachWorld(
  t,
  "another link for a business's owner ends what the one before began",
  {},
  async (t, world) => {
    const { people } = await setUp(world);
    const asOwner = () =>
      send(world.adminUrl, "GET", "/v1/customer-calendars/luna", { cookie: people.owner.cookie });
    t.equal((await asOwner()).status, 200);
    await world.api("POST", "/v1/customer-calendars/luna/owner-link");
    t.equal((await asOwner()).status, 401);
  },
);

forEachWorld(t, "an invitation is nothing to who has joined", {}, async (t, world) => {
  const { people } = await setUp(world);
  const { body: link } = await world.api("POST", `/v1/users/${people.member.user.id}/links`, {
    kind: "invitation",
  });
  const body = { token: tokenOf(link), name: "Eve", password: "una rana verde camina" };
  t.match(await send(world.adminUrl, "POST", "/api/auth/register", { body }), {
    status: 400,
    body: { code: "invalid_link" },
  });
});
