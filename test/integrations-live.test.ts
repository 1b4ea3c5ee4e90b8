import { setTimeout as sleep } from "node:timers/promises";
import { createLogger, readConfig } from "@cita/process";
import { accountProviders } from "@cita/providers/accounts";
import t, { type Test } from "tap";
import { buildApp } from "../apps/integrations/src/app.ts";
import { createConfigSchema } from "../apps/integrations/src/config.ts";
import { createServices } from "../apps/integrations/src/services.ts";
import { connectAccount } from "./support/account-consent.ts";
import { freePort } from "./support/free-port.ts";
import { createIntegrationsWorld, forEachIntegrationsWorld } from "./support/integrations-world.ts";
import { type LiveRequest, openEvents, openSocket, type Told } from "./support/live-client.ts";
import { controlSandbox } from "./support/local-google.ts";
import { addPeopleOfTwoCustomers, type Person, send, signInOwner } from "./support/people.ts";
import { adminKey } from "./support/test-keys.ts";
import { createWorld } from "./support/world.ts";

const transports = [
  ["GET /events", openEvents],
  ["/ws", openSocket],
] as const;

const byKey: LiveRequest = { headers: { authorization: `Bearer ${adminKey}` } };

function providerOf(id: string) {
  const found = accountProviders.find((one) => one.id === id);
  if (found === undefined) throw new Error(`there is no ${id}`);
  return found;
}

const hubspot = providerOf("hubspot");

forEachIntegrationsWorld(t, "what happens is told by source 000's names", {}, async (t, world) => {
  for (const [name, open] of transports) {
    const client = await open(world.url, byKey);
    t.teardown(() => client.close());
    const { integrationId } = await connectAccount(world, providerOf("gmail"), { userId: "ana" });
    const path = `/integrations/${integrationId}`;
    t.equal((await world.api("POST", `${path}/refresh`)).status, 200);
    t.equal((await world.api("DELETE", path)).status, 200);
    const told = await client.untilTold(3);
    const about = { platform: "google", sessionId: "ana", integrationId, organizationId: null };
    t.match(
      told.map(({ event, data }) => ({ event, data })),
      [
        { event: "oauth_connected", data: { ...about, email: "ana@example.com" } },
        { event: "token_refreshed", data: about },
        { event: "integration.disconnected", data: about },
      ],
      name,
    );
    t.equal(new Set(told.map(({ id }) => id)).size, told.length, "each has a place of its own");
  }
});

forEachIntegrationsWorld(t, "a connection goes on where the one before has ended", {}, async (t, world) => {
  const first = await openEvents(world.url, byKey);
  for (const userId of ["a", "b"]) await connectAccount(world, hubspot, { userId });
  const [{ id: begin = "" } = {}] = await first.untilTold(2);
  first.close();
  for (const userId of ["c", "d"]) await connectAccount(world, hubspot, { userId });
  const whose = (told: readonly Told[]) => told.map(({ data }) => data.sessionId);

  const again = await openEvents(world.url, { headers: { ...byKey.headers, "last-event-id": begin } });
  const socket = await openSocket(world.url, { ...byKey, query: `?after=${begin}` });
  const mine = await openEvents(world.url, { ...byKey, query: `?after=${begin}&userId=d` });
  for (const client of [again, socket, mine]) t.teardown(() => client.close());
  t.strictSame(whose(await again.untilTold(3)), ["b", "c", "d"]);
  t.strictSame(whose(await socket.untilTold(3)), ["b", "c", "d"]);
  t.strictSame(whose(await mine.untilTold(1)), ["d"]);
  await connectAccount(world, hubspot, { userId: "e" });
  t.strictSame(whose(await again.untilTold(4)), ["b", "c", "d", "e"], "and nothing is told twice");

  await t.rejects(openEvents(world.url, { ...byKey, query: "?after=nonsense" }), {
    message: /400 .*VALIDATION_ERROR/,
  });
  const ofAnotherLog = Buffer.from("0123456789abcdef.5").toString("base64url");
  const anew = await openEvents(world.url, { ...byKey, query: `?after=${ofAnotherLog}` });
  t.teardown(() => anew.close());
  await connectAccount(world, hubspot, { userId: "f" });
  t.strictSame(whose(await anew.untilTold(1)), ["f"], "of a log that was replaced: from now on");
});

/** Both services, and people with their businesses. */
async function openBoth(t: Test) {
  const people = await createWorld(t, {});
  const persons = await addPeopleOfTwoCustomers(people);
  const integrations = await createIntegrationsWorld(t, {
    variables: { ADMIN_URL: people.adminUrl, ADMIN_PUBLIC_URL: people.adminUrl },
    begin: Date.now(),
  });
  return { people, integrations, persons };
}

async function makeTicket(adminUrl: string, { accessToken }: Person): Promise<string> {
  const { status, body } = await send(adminUrl, "POST", "/api/auth/tickets", { bearer: accessToken });
  if (status !== 201) throw new Error(`no ticket: ${status}`);
  return String(body.ticket);
}

t.test("each is told of what is theirs, by every way in, and from the next event on", async (t) => {
  const { people, integrations: world, persons } = await openBoth(t);
  const names = Object.keys(persons) as (keyof typeof persons)[];
  const ways = {
    token: async ({ accessToken }: Person) => ({ headers: { authorization: `Bearer ${accessToken}` } }),
    cookie: async ({ cookie }: Person) => ({ headers: { cookie, origin: people.adminUrl } }),
    ticket: async (person: Person) => ({ query: `?ticket=${await makeTicket(people.adminUrl, person)}` }),
  } satisfies Record<string, (person: Person) => Promise<LiveRequest>>;
  const clients = [];
  for (const name of names)
    for (const [way, request] of Object.entries(ways))
      for (const [transport, open] of transports) {
        const client = await open(world.url, await request(persons[name]));
        t.teardown(() => client.close());
        clients.push({ name, client, label: `${name}, ${transport} by ${way}` });
      }
  const { member, stranger } = persons;
  /** After it everybody is told of something of theirs, so that what is missing won't come any more. */
  const connectAll = async () => {
    await connectAccount(world, hubspot, { userId: member.user.id, organizationId: "luna" });
    await connectAccount(world, hubspot, { userId: member.user.id });
    await connectAccount(world, hubspot, { userId: stranger.user.id, organizationId: "sol" });
    for (const name of names)
      await connectAccount(world, providerOf("slack"), { userId: persons[name].user.id });
  };
  await connectAll();
  const told = (one: readonly Told[]) =>
    one.map(
      ({ data }) =>
        `${data.platform} ${data.organizationId ?? names.find((name) => persons[name].user.id === data.sessionId)}`,
    );
  const expected: Record<string, string[]> = {
    admin: [
      ...["hubspot luna", "hubspot member", "hubspot sol"],
      ...["slack admin", "slack member", "slack viewer", "slack stranger"],
    ],
    member: ["hubspot luna", "hubspot member", "slack member"],
    viewer: ["hubspot luna", "slack viewer"],
    stranger: ["hubspot sol", "slack stranger"],
  };
  for (const { name, client, label } of clients)
    t.strictSame(told(await client.untilTold(expected[name]?.length ?? 0)), expected[name], label);

  await people.api("PATCH", `/v1/users/${member.user.id}`, { customer_ids: [] });
  const before = clients.map(({ client }) => client.told.length);
  await connectAccount(world, providerOf("mailchimp"), { userId: member.user.id, organizationId: "luna" });
  await connectAccount(world, providerOf("mailchimp"), { userId: member.user.id });
  for (const [i, { name, client, label }] of clients.entries())
    if (name === "member")
      t.strictSame(
        told((await client.untilTold((before[i] ?? 0) + 1)).slice(before[i])),
        ["mailchimp member"],
        `${label}: who has left isn't told`,
      );
});

t.test("a business's owner is told of that business", async (t) => {
  const { people, integrations: world, persons } = await openBoth(t);
  const { cookie } = await signInOwner(people, "luna");
  const client = await openEvents(world.url, { headers: { cookie } });
  t.teardown(() => client.close());
  await connectAccount(world, hubspot, { userId: persons.stranger.user.id, organizationId: "sol" });
  await connectAccount(world, hubspot, { userId: persons.member.user.id });
  await connectAccount(world, hubspot, { userId: persons.member.user.id, organizationId: "luna" });
  t.match(await client.untilTold(1), [{ event: "oauth_connected", data: { organizationId: "luna" } }]);
  t.equal(client.told.length, 1);
});

t.test("nobody watches who may not", async (t) => {
  const { people, integrations: world, persons } = await openBoth(t);
  const ticket = await makeTicket(people.adminUrl, persons.member);
  const query = `?ticket=${ticket}`;
  (await openEvents(world.url, { query })).close();
  const statusOf = async (request: LiveRequest) => {
    const response = await fetch(`${world.url}/events${request.query ?? ""}`, {
      headers: { ...request.headers },
    });
    const { error } = (await response.json()) as { error: { code: string } };
    return [response.status, error.code];
  };
  t.strictSame(await statusOf({ query }), [401, "UNAUTHORIZED"], "a ticket counts once");
  t.strictSame(await statusOf({}), [401, "UNAUTHORIZED"]);
  t.strictSame(await statusOf({ query: `?ticket=${"x".repeat(43)}` }), [401, "UNAUTHORIZED"]);
  t.strictSame(await statusOf({ query: "?tickets=1" }), [400, "VALIDATION_ERROR"]);
  const { cookie } = persons.member;
  t.strictSame(
    await statusOf({ headers: { cookie, origin: "https://evil.example" } }),
    [403, "FORBIDDEN"],
    "another site doesn't ride on the cookie",
  );
  await t.rejects(openSocket(world.url, { headers: { cookie, origin: "https://evil.example" } }));
  await t.rejects(openSocket(world.url, {}));
  t.equal((await fetch(`${world.url}/ws`, { headers: byKey.headers ?? {} })).status, 404, "no upgrade");
  t.equal((await people.api("POST", "/api/auth/tickets")).status, 403, "a program has its key");
  const anonymous = await send(people.adminUrl, "POST", "/api/auth/tickets");
  t.equal(anonymous.status, 401);
  const late = await makeTicket(people.adminUrl, persons.member);
  await send(people.adminUrl, "POST", "/api/auth/logout", { bearer: persons.member.accessToken });
  t.strictSame(
    await statusOf({ query: `?ticket=${late}` }),
    [401, "UNAUTHORIZED"],
    "of a session that ended",
  );
  const again = await openEvents(world.url, { headers: { cookie: persons.admin.cookie } });
  t.equal(again.response.headers.get("access-control-allow-origin"), null);
  again.close();
  const ofPanel = { cookie: persons.admin.cookie, origin: people.adminUrl };
  const granted = await openEvents(world.url, { headers: ofPanel });
  t.equal(granted.response.headers.get("access-control-allow-origin"), people.adminUrl);
  granted.close();
  t.notOk(world.log.join("").includes(ticket), "no ticket is logged");

  const many = [];
  for (let i = 0; i < 20; i++) many.push(await openEvents(world.url, { headers: ofPanel }));
  t.strictSame(await statusOf({ headers: ofPanel }), [429, "RATE_LIMITED"], "a session has twenty");
  for (const one of many) one.close();
  for (let tries = 0; tries < 100; tries++) {
    await sleep(20);
    const one = await openEvents(world.url, { headers: ofPanel }).catch(() => undefined);
    one?.close();
    if (one !== undefined) return;
  }
  t.fail("closed connections go on counting");
});

t.test("a service that stops closes what is open", async (t) => {
  const world = await createIntegrationsWorld(t);
  const clients = [await openEvents(world.url, byKey), await openSocket(world.url, byKey)];
  const begun = performance.now();
  await world.app.close();
  await Promise.all(clients.map(({ ended }) => ended));
  t.ok(performance.now() - begun < 5_000);
});

forEachIntegrationsWorld(
  t,
  "a failure is told in a sentence, and the log has source 000's form",
  {},
  async (t, world) => {
    const gmail = providerOf("gmail");
    const { integrationId } = await connectAccount(world, gmail, { userId: "ana" });
    const client = await openEvents(world.url, byKey);
    t.teardown(() => client.close());
    await controlSandbox(world.sandboxUrl, "POST", "providers/gmail/revoke", { account: "ana@example.com" });
    t.equal((await world.api("POST", `/integrations/${integrationId}/refresh`)).status, 401);
    t.match(await client.untilTold(1), [
      {
        event: "oauth_error",
        data: { platform: "google", sessionId: "ana", isLost: true, error: /\w+ \w+.*\./ },
      },
    ]);
    const { status, body } = await world.api("GET", `/integrations/${integrationId}/logs`);
    t.equal(status, 200);
    const log = {
      level: "error",
      module: "IntegrationService",
      action: "renew_token",
      platform: "google",
      sessionId: "ana",
    };
    t.match(body, {
      success: true,
      nextCursor: null,
      data: [{ ...log, metadata: { status: "FAILED", itemsFailed: 1 } }],
    });
    t.notMatch(JSON.stringify(body), /@/, "without personal data");
  },
);

forEachIntegrationsWorld(t, "what another instance has done is told", {}, async (t, world) => {
  const config = readConfig(createConfigSchema(accountProviders), {
    ...world.environment,
    INTEGRATIONS_PORT: String(await freePort()),
  });
  const logger = createLogger("silent");
  const other = await buildApp(await createServices(config, { logger, now: world.now }), config);
  t.teardown(() => other.close());
  const url = await other.listen({ host: "127.0.0.1", port: config.INTEGRATIONS_PORT });
  const client = await openEvents(url, byKey);
  t.teardown(() => client.close());
  await connectAccount(world, hubspot, { userId: "ana" });
  t.match(await client.untilTold(1), [{ event: "oauth_connected", data: { sessionId: "ana" } }]);
});
