import { createRenewConnection } from "@cita/providers";
import { createAccessTokens, createKeepAlive } from "@cita/token-store";
import t, { type Test } from "tap";
import { createBrowser } from "./support/browser.ts";
import { twoProviders } from "./support/other-provider/definition.ts";
import { registration } from "./support/other-provider/registration.ts";
import { startAgenda } from "./support/other-provider/start-agenda.ts";
import { createWorld } from "./support/world.ts";

const dayMs = 86_400_000;

async function worldOfTwo(t: Test) {
  const server = await startAgenda(t);
  const world = await createWorld(t, {
    providers: twoProviders,
    calendarOpeners: registration.calendarOpeners,
    variables: server.variables,
  });
  const { connections } = world.mcp.store;
  const renewConnection = createRenewConnection(world.mcp.clients);
  const accessTokens = createAccessTokens({ connections, renewConnection, now: world.now });

  /** A business that chooses the made-up provider on its link's page. */
  async function connectAgenda(customerId: string) {
    const { body } = await world.connect(customerId);
    const browser = createBrowser();
    const question = await browser.submit(await browser.open(body.shareable_link), { formWith: "Agenda" });
    return browser.submit(question, { action: "allow" });
  }

  /** One round of keep-alive, of the providers that are configured. */
  async function keepAlive(providers: readonly string[] = [...world.mcp.clients.keys()]) {
    const failures: unknown[] = [];
    const round = Promise.withResolvers<void>();
    let left = providers.length;
    const end = (count: number) => {
      left -= count;
      if (left === 0) round.resolve();
    };
    const alive = createKeepAlive({
      connections: {
        async takeDueForRenewal(provider, limit) {
          const due = await connections.takeDueForRenewal(provider, limit);
          end(1 - due.length);
          return due;
        },
      },
      accessTokens: { renew: (key) => accessTokens.renew(key).finally(() => end(1)) },
      ...{ providers, intervalMs: 200 },
      onFailure: (error) => failures.push(error),
    });
    alive.start();
    await round.promise;
    await alive.stop();
    return failures;
  }

  const statusOf = async (id: string) => (await world.api("GET", `/v1/customer-calendars/${id}`)).body;
  return { world, server, accessTokens, connectAgenda, keepAlive, statusOf };
}

t.test("the link's page asks which calendar it is, and connects either", async (t) => {
  const { world, server, connectAgenda, statusOf } = await worldOfTwo(t);
  const { body } = await world.connect("luna");
  t.equal(body.authorization_url, body.shareable_link, "nothing is chosen for the business");
  for (const [language, question, button] of [
    ["en", "Which calendar does your business use?", "Continue to Agenda"],
    ["es", "¿Qué calendario usa tu negocio?", "Continuar con Agenda"],
    ["pt", "Que agenda o seu negócio usa?", "Continuar com Agenda"],
  ] as const) {
    const page = await createBrowser(undefined, language).open(body.shareable_link);
    for (const text of [question, button, "Google"]) t.match(page.text, text);
  }
  t.match(await connectAgenda("luna"), { status: 200, text: /Your calendar is connected/ });
  t.match(server.take(), [{ grant_type: "authorization_code" }]);
  t.match(await statusOf("luna"), {
    status: "connected",
    provider: "agenda",
    calendar_email: "luna@example.com",
    access_ends_at: new Date(world.clock.now + 90 * dayMs).toISOString(),
    link: { state: "used", last_attempt: { outcome: "connected" } },
  });
  world.providerCalls.take();
  await world.connected("sol");
  t.match(await statusOf("sol"), { status: "connected", provider: "google", access_ends_at: null });
  t.strictSame(server.take(), [], "either asks its own provider only");
});

t.test(
  "a provider that the request names isn't asked about, and one that isn't there is refused",
  async (t) => {
    const { world } = await worldOfTwo(t);
    const { body } = await world.connect("luna", { provider: "agenda" });
    t.equal(body.authorization_url, `${body.shareable_link}/agenda`);
    const page = await createBrowser().open(body.shareable_link);
    t.match(page.text, "Continue to Agenda");
    t.notMatch(page.text, /Which calendar|Google/);
    const elsewhere = await createBrowser().open(`${body.shareable_link}/google`);
    t.match(elsewhere, { status: 200, text: /Continue to Agenda/ }, "it can't be gone round");
    const browser = createBrowser();
    const question = await browser.open(body.authorization_url);
    t.match(await browser.submit(question, { action: "allow" }), { status: 200, text: /is connected/ });
    t.match(await world.connect("sol", { provider: "microsoft" }), {
      status: 400,
      body: { code: "provider_not_configured", message: /configured: google, agenda\./ },
    });
    t.match(await world.connect("sol", { provider: "A B" }), { status: 400 });
  },
);

t.test("an access is renewed at its own provider only, whose refresh tokens are good once", async (t) => {
  const { world, server, accessTokens, connectAgenda } = await worldOfTwo(t);
  await connectAgenda("luna");
  world.providerCalls.take();
  const key = { customerId: "luna", provider: "agenda" };
  const tokens = new Set<string>();
  for (let i = 0; i < 3; i++) {
    tokens.add(await accessTokens.get(key));
    world.clock.now += 3_600_000;
  }
  t.equal(tokens.size, 3);
  const [, first, second] = server.take();
  t.match([first, second], [{ grant_type: "refresh_token" }, { grant_type: "refresh_token" }]);
  t.not(first?.refresh_token, second?.refresh_token);
  t.strictSame(world.providerCalls.take(), []);
});

t.test("an access is renewed by the client that it was granted to, and is lost by no other", async (t) => {
  const { world, server, connectAgenda, statusOf } = await worldOfTwo(t);
  await connectAgenda("luna");
  const own = server.variables.AGENDA_CLIENT_ID;
  const ask = () => world.call("luna", "get_available_slots", { date_iso: "2027-01-19" });
  const useClient = async (id: string | undefined) => {
    server.variables.AGENDA_CLIENT_ID = id ?? "";
    await world.restart();
    world.clock.now += 3_600_000;
    server.take();
  };
  await useClient("another client");
  t.match((await ask()).error, { code: "calendar_unavailable" });
  t.equal((await statusOf("luna")).status, "connected");
  t.strictSame(server.take(), [], "nothing was sent");
  await useClient(own);
  t.equal((await ask()).error, undefined);
});

t.test("what is idle is renewed in time at its own provider, and never at another", async (t) => {
  const { world, server, connectAgenda, keepAlive, statusOf } = await worldOfTwo(t);
  await connectAgenda("luna");
  await world.connected("sol");
  server.take();
  world.providerCalls.take();
  world.clock.now += 10 * dayMs - 1;
  t.strictSame(await keepAlive(), []);
  t.strictSame(server.take(), [], "a third of 30 days");
  world.clock.now += 1;
  t.strictSame(await keepAlive(["google"]), []);
  t.strictSame(server.take(), [], "not while it isn't configured");
  t.strictSame(await keepAlive(), []);
  t.match(server.take(), [{ grant_type: "refresh_token" }]);
  t.strictSame(world.providerCalls.take(), [], "Google isn't asked for either");
  world.clock.now += 50 * dayMs;
  t.strictSame(await keepAlive(), []);
  t.strictSame(world.providerCalls.take(), ["token"], "a third of 180 days, of the one that is its own");
  t.equal(server.take().length, 1);
  for (const id of ["luna", "sol"]) t.match(await statusOf(id), { status: "connected" });
  const renewedUntil = new Date(world.clock.now + 90 * dayMs).toISOString();
  t.match(await statusOf("luna"), { access_ends_at: renewedUntil });
});

t.test("its failures mean what they mean there", async (t) => {
  const { world, server, accessTokens, connectAgenda, statusOf } = await worldOfTwo(t);
  await connectAgenda("luna");
  world.clock.now += 3_600_000;
  const key = { customerId: "luna", provider: "agenda" };
  for (const [fault, code] of [
    ["out to lunch", "refresh_failed"],
    ["slow_down", "refresh_rate_limited"],
    ["client_unknown", "refresh_misconfigured"],
  ] as const) {
    server.fail(fault);
    await t.rejects(accessTokens.get(key), { code }, fault);
  }
  t.match(await statusOf("luna"), { status: "connected" }, "that disconnects nobody");
  server.fail(undefined);
  server.endAllGrants();
  await t.rejects(accessTokens.get(key), { code: "reconnect_required" });
  t.match(await statusOf("luna"), {
    status: "reconnect_required",
    reconnect_reason: "grant_gone",
    reconnect_message: /^Agenda has ended the access \(grant_gone\)\. The business has to connect again\./,
  });
  const again = await world.connect("luna");
  t.equal(again.body.authorization_url, `${again.body.shareable_link}/agenda`, "it demands the same account");
});

t.test("an answer of another provider connects nothing", async (t) => {
  const { world, server, statusOf } = await worldOfTwo(t);
  const { body } = await world.connect("luna");
  const refused = { status: 400, text: /That answer came from elsewhere[\s\S]*wrong_provider/ };

  const mixedUp = createBrowser();
  server.nameIssuer("https://accounts.google.com");
  const question = await mixedUp.open(`${body.shareable_link}/agenda`);
  t.match(await mixedUp.submit(question, { action: "allow" }), refused, "an issuer that isn't its own");
  t.match(await statusOf("luna"), {
    status: "pending",
    link: { state: "live", last_attempt: { outcome: "wrong_provider", account_email: null } },
  });

  server.nameIssuer("https://login.agenda.example");
  const away = createBrowser();
  const googlePage = await away.open(`${body.shareable_link}/google`);
  const state = new URL(googlePage.url).searchParams.get("state");
  const other = await away.open(`${world.mcpUrl}/oauth/callback/agenda?state=${state}&code=stolen`);
  t.match(other, refused, "the callback of another provider than the attempt's");
  t.match(await away.submit(googlePage, { action: "allow" }), { status: 400, text: /state_invalid/ });

  const back = createBrowser();
  const response = await fetch(`${body.shareable_link}/agenda`, {
    redirect: "manual",
    headers: { "user-agent": "Mozilla/5.0" },
  });
  for (const cookie of response.headers.getSetCookie()) await back.jar.setCookie(cookie, world.mcpUrl);
  const sent = new URL(response.headers.get("location") ?? "").searchParams;
  t.equal(sent.get("redirect_uri"), `${world.mcpUrl}/oauth/callback/agenda`);
  t.strictSame(
    [sent.get("code_challenge"), sent.get("scope"), sent.get("who")],
    [null, "me,calendar:write", "luna@example.com"],
  );
  t.match(await back.open(`${world.mcpUrl}/oauth/callback?state=${sent.get("state")}&code=stolen`), refused);
  t.strictSame(server.take(), [], "no code is exchanged");
  t.strictSame(await world.mcp.store.connections.statuses(["luna"]), []);
  t.match(await statusOf("luna"), { status: "pending", link: { state: "live" } });
});

t.test("a state lives as long as its provider lets it", async (t) => {
  const { world } = await worldOfTwo(t);
  const { body } = await world.connect("luna");
  const browser = createBrowser();
  const response = await fetch(`${body.shareable_link}/agenda`, { redirect: "manual" });
  for (const cookie of response.headers.getSetCookie()) await browser.jar.setCookie(cookie, world.mcpUrl);
  world.clock.now += 300_000;
  const question = await browser.open(response.headers.get("location") ?? "");
  const late = await browser.submit(question, { action: "allow" });
  t.match(late, { status: 400, text: /state_invalid/ });
  t.match(late.text, "Try again");
});

t.test("another provider's connection takes the place of the one before", async (t) => {
  const { world, connectAgenda, statusOf } = await worldOfTwo(t);
  await world.connected("luna");
  t.match(await connectAgenda("luna"), { status: 200 });
  t.match(await world.mcp.store.connections.statuses(["luna"]), [{ provider: "agenda" }]);
  t.equal(await world.mcp.store.connections.find({ customerId: "luna", provider: "google" }), undefined);
  t.match(await statusOf("luna"), { provider: "agenda" });
  const { body: told } = await world.api("GET", "/v1/customer-calendars/luna/activity");
  const ended = told.activity.filter(({ kind }: { kind: string }) => kind === "disconnected");
  t.match(ended, [{ detail: { provider: "google", revoked_at_provider: false } }]);
  const { body } = await world.api("DELETE", "/v1/customer-calendars/luna");
  t.match(body, {
    disconnected: true,
    revoked_at_provider: false,
    note: "Agenda has no way to revoke an access; the tokens were deleted. The business can remove the access in its account there.",
  });
});

t.test("connections are counted by provider", async (t) => {
  const { world, connectAgenda } = await worldOfTwo(t);
  await connectAgenda("luna");
  await world.connected("sol");
  await world.connect("mar");
  const text = await (await fetch(`${world.mcpUrl}/metrics`)).text();
  for (const line of [
    'cita_connections{provider="agenda",state="connected"} 1',
    'cita_connections{provider="google",state="connected"} 1',
    'cita_connections{state="pending"} 1',
    'cita_oldest_failed_refresh_hours{provider="agenda"} 0',
  ])
    t.match(text, line);
});
