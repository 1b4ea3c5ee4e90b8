import { type AccountProvider, accountProviders } from "@cita/providers/accounts";
import t from "tap";
import { connect, obtain, startAccounts } from "./accounts-session.ts";

t.test("accounts may have nothing that could be connected", async (t) => {
  const world = await startAccounts(t);
  for (const { id, identity } of accountProviders) {
    if (identity.source === "input" || identity.source === "id_token") continue;
    t.match(await world.control(`providers/${id}/settings`, { has_account: false }), { has_account: false });
    const message = identity.source === "request" ? identity.withoutId : null;
    const expected = message === null ? { kind: "invalid_response" } : { kind: "no_account", message };
    t.match(await connect(world, id), expected, id);
    await world.control(`providers/${id}/settings`, { has_account: true });
    t.equal((await connect(world, id)).kind, "obtained", id);
  }
});

t.test("calls are counted, and faults hit one account's alone", async (t) => {
  const world = await startAccounts(t);
  const ana = await obtain(world, "tiktok");
  const luis = await obtain(world, "tiktok", { form: { account: "luis@example.com" } });
  await world.app.inject({ method: "DELETE", url: "/_sandbox/calls" });
  const fault = { path: "/open.tiktokapis.com/", email: "ana@example.com", status: 503 };
  await world.control("faults", fault);
  const client = world.clientOf("tiktok");
  t.equal((await client.probe(ana.access))?.kind, "transient");
  t.equal((await client.probe(luis.access))?.kind, "ok");
  t.equal((await client.renew(ana.access)).kind, "transient", "by the token in its body");
  t.equal((await client.renew(luis.access)).kind, "renewed");
  t.strictSame((await world.app.inject("/_sandbox/calls")).json(), {
    total: 4,
    by: { "GET /open.tiktokapis.com/v2/user/info/": 2, "POST /open.tiktokapis.com/v2/oauth/token/": 2 },
  });
});

t.test("a fault puts wrong claims into an id_token", async (t) => {
  const world = await startAccounts(t);
  await world.control("faults", {
    path: "/login.microsoftonline.com/common/oauth2/v2.0/token",
    id_token: { aud: "x" },
  });
  t.match(await connect(world, "outlook-mail"), { kind: "invalid_response", check: "aud" });
});

t.test("what isn't known is refused with a sentence", async (t) => {
  const world = await startAccounts(t);
  await t.rejects(world.control("providers/nobody/expire-access-tokens"), { message: /no provider nobody/ });
  await t.rejects(world.control("providers/slack/settings", { odd: true }), { message: /odd/ });
  const answer = await fetch(`${world.url}/api.nobody.example/v1/me`);
  t.equal(answer.status, 404);
  t.match(await answer.json(), {
    message: "No provider of the sandbox has GET https://api.nobody.example/v1/me",
  });
  t.match(
    (await world.app.inject("/nowhere/at/all")).json(),
    { error: { code: 404 } },
    "Google's own answer",
  );
});

t.test("a call without its credentials, or with another's, is refused", async (t) => {
  const world = await startAccounts(t);
  for (const { id, probe } of accountProviders) {
    if (probe === null) continue;
    const { access } = await obtain(world, id);
    const strangers = {
      ...access,
      accessToken: "nobody's:token",
      facts: { ...access.facts, stripe_account: "acct_1" },
    };
    t.match((await world.clientOf(id).probe(strangers))?.kind, /^(?:unauthorized|reauth_required)$/, id);
  }
  const facebook = await obtain(world, "facebook");
  const ads = await obtain(world, "google-ads");
  const shop = await obtain(world, "shopify");
  const call = (url: string, headers: Record<string, string>, method = "GET") =>
    fetch(`${world.url}/${url}`, { method, headers });
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const withoutProof = await call("graph.facebook.com/v26.0/me", bearer(facebook.access.accessToken));
  t.match(await withoutProof.json(), { error: { code: 100 } }, "Meta's proof");
  const customers = "googleads.googleapis.com/v24/customers:listAccessibleCustomers";
  t.equal((await call(customers, bearer(ads.access.accessToken))).status, 400, "the developer's token");
  t.equal((await call(customers, { ...bearer(ads.access.accessToken), "developer-token": "x" })).status, 200);
  const header = { "x-shopify-access-token": shop.access.accessToken };
  const graphql = "myshopify.com/admin/api/2026-10/graphql.json";
  t.equal((await call(`example.${graphql}`, header, "POST")).status, 200);
  t.equal((await call(`other.${graphql}`, header, "POST")).status, 401, "another shop's token");
  t.equal(
    (await call("api.stripe.com/v1/account", bearer("sandbox-secret"))).status,
    400,
    "no account is named",
  );
});

t.test("a grant's scopes are for their own provider", async (t) => {
  const world = await startAccounts(t);
  const { access } = await obtain(world, "gmail");
  t.match(await world.clientOf("youtube").probe(access), { reason: "insufficientPermissions" });
});

/** A provider of plain OAuth that the sandbox has never heard of. */
const agenda: AccountProvider = {
  ...{
    id: "agenda",
    name: "Agenda",
    category: "messages",
    accessPage: null,
    settings: [],
    dialect: "rfc6749",
  },
  clientVariables: [{ id: "AGENDA_CLIENT_ID", secret: "AGENDA_CLIENT_SECRET" }],
  inputs: [
    {
      ...{
        name: "office",
        pattern: /^[a-z]+\.agenda\.example$/,
        example: "eu",
        expected: "an office's host",
      },
      ...{ preset: null, isHost: true, isSecret: false },
    },
  ],
  identityScopes: ["me"],
  capabilities: [{ name: "notes", scopes: ["notes:write"], level: "connected" }],
  grant: {
    kind: "authorization_code",
    authorization: {
      ...{ url: "https://{office}/authorize", clientIdParameter: "app", scopeParameter: "rights" },
      ...{ scopeSeparator: ",", parameters: {}, pkce: "S256", loginHintParameter: null },
      ...{ codeParameter: "ticket", responseCheck: "none", insteadOfScope: null },
    },
    token: {
      ...{
        url: "https://{office}/api/token",
        method: "POST",
        encoding: "json",
        clientAuthentication: "fields",
      },
      ...{ clientIdParameter: "app", clientSecretParameter: "key", codeParameter: "ticket", parameters: {} },
    },
    tokenResponse: {
      ...{ accessToken: "tokens[0].text", refreshToken: "tokens[1].text", expiresIn: "tokens[0].seconds" },
      ...{ refreshExpiresIn: "tokens[1].seconds", scope: "rights", tokenType: "type" },
      facts: { desk: "desk.number", region: { hostOf: "desk.url" } },
    },
    exchanges: [],
    stateLifetimeMs: 3_600_000,
  },
  identity: {
    source: "request",
    request: {
      ...{ method: "POST", url: "https://{region}/desks/{desk}/me", authentication: "bearer" },
      body: { json: { want: "all" } },
    },
    ...{ id: ["person.numbers[0]", "person.numbers[1]"], name: ["person.name"], email: ["person.mail"] },
    withoutId: null,
  },
  renewal: {
    ...{ kind: "refresh_token", rotation: "grace", isRequired: true, parameters: { again: "yes" } },
    ...{ accessLifetimeSeconds: null, idleLimitDays: 10 },
  },
  probe: { method: "GET", url: "https://{region}/desks/{desk}", authentication: "bearer" },
  revocation: {
    request: {
      ...{
        method: "DELETE",
        url: "https://{office}/api/tokens/{access_token}",
        authentication: "client_basic",
      },
    },
    effect: "token",
  },
  limits: { requestsPerMinute: 60 },
};

t.test("a definition needs no code", async (t) => {
  const world = await startAccounts(t, { providers: [...accountProviders, agenda] });
  const client = world.clientOf("agenda");
  const inputs = { office: "bogota.agenda.example" };
  const { account, access, scopes } = await obtain(world, "agenda", { inputs });
  t.match(account, { id: /^\d+\.\d+$/, name: "Ana", email: "ana@example.com" });
  t.strictSame(scopes, ["me", "notes:write"]);
  t.match(access.facts, { desk: /^\d+$/, region: /\.example$/ });
  t.equal((await client.probe(access))?.kind, "ok");
  const renewed = await client.renew(access);
  t.equal(renewed.kind, "renewed");
  t.equal(await client.revoke(access), "revoked");
  t.equal((await client.probe(access))?.kind, "unauthorized");
});
