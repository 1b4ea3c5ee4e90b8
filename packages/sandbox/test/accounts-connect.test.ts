import { type AccountProvider, accountProviders } from "@cita/providers/accounts";
import t from "tap";
import { connect, consent, hookUrl, inputsOf, obtain, queryOf, startAccounts } from "./accounts-session.ts";
import { VERIFIER } from "./sandbox-session.ts";

const byCode = accountProviders.filter(({ grant }) => grant.kind === "authorization_code");
const isTold = ({ identity }: AccountProvider) => identity.source !== "input";

t.test("an account is connected, and its access tried", async (t) => {
  const world = await startAccounts(t);
  for (const provider of accountProviders) {
    const { id, grant, identity, probe } = provider;
    const client = world.clientOf(id);
    const { account, tokens, scopes, access } = await obtain(world, id);
    t.match(account.id, /^[^{}]+$/, id);
    t.equal(account.name !== null, isTold(provider), "it has a name");
    if ("email" in identity && identity.email.length > 0) t.equal(account.email, "ana@example.com");
    // Some come back by a longer name.
    const isGranted = (scope: string) => scopes.some((one) => one.endsWith(scope));
    t.ok(client.scopesFor().every((scope) => isGranted(scope) || oidcScopes.has(scope)));
    t.equal(tokens.issuedAt.getTime(), world.clock.ms);
    t.equal((await client.probe(access))?.kind, probe === null ? undefined : "ok");

    t.equal((await obtain(world, id)).account.id, account.id, "the same person's is the same");
    if (grant.kind === "api_key" || grant.kind === "hook_url") continue;
    const others = { inputs: inputsOf(id, "other"), form: { account: "luis@example.com" } };
    t.not((await obtain(world, id, others)).account.id, account.id, "and another's another");
  }
});

const oidcScopes = new Set(["openid", "profile", "email", "offline_access"]);

t.test("a code counts once", async (t) => {
  const world = await startAccounts(t);
  for (const { id } of byCode) {
    const client = world.clientOf(id);
    const inputs = inputsOf(id);
    const query = queryOf(await consent(client, { inputs }));
    t.equal(query.state, "the-state", id);
    const response = { query, codeVerifier: VERIFIER, inputs, scopes: [] };
    t.equal((await client.exchange(response)).kind, "obtained");
    t.match(await client.exchange(response), {
      failure: { kind: "reauth_required", reason: "code_refused" },
    });
  }
});

t.test("a person may deny", async (t) => {
  const world = await startAccounts(t);
  for (const { id } of byCode) {
    const denied = await consent(world.clientOf(id), { inputs: inputsOf(id), form: { action: "deny" } });
    t.match(queryOf(denied), { error: "access_denied", state: "the-state" }, id);
  }
});

t.test("another client's secret is refused", async (t) => {
  const world = await startAccounts(t, { clientSecret: "wrong" });
  for (const { id } of byCode) {
    // Where the response is signed by the secret, that already tells.
    const expected = id === "shopify" ? { kind: "invalid_response" } : { failure: { kind: "misconfigured" } };
    t.match(await connect(world, id), expected, id);
  }
});

t.test("a page is unmistakably a sandbox, and refuses what it can't trust", async (t) => {
  const world = await startAccounts(t);
  for (const { id } of byCode) {
    const client = world.clientOf(id);
    const url = client.authorizationUrl({
      ...{ state: "s", codeChallenge: "c".repeat(43), scopes: client.scopesFor(), inputs: inputsOf(id) },
      ...{ loginHint: "luz@example.com", operator: "Cita", deliveryUrl: "" },
    });
    const page = await (await fetch(url ?? "")).text();
    t.match(page, /<strong>SANDBOX<\/strong>/, id);
    for (const scope of client.scopesFor()) t.ok(page.includes(`value="${scope}" checked`), scope);
    for (const name of ["redirect_uri", "response_type"]) {
      const without = new URL(url ?? "");
      without.searchParams.delete(name);
      t.equal(
        (await fetch(without, { method: "POST", redirect: "manual" })).status,
        400,
        `${id} without ${name}`,
      );
    }
  }
});

t.test("PKCE is demanded and checked where the definition has it", async (t) => {
  const world = await startAccounts(t);
  for (const { id, grant } of byCode) {
    if (grant.kind !== "authorization_code" || grant.authorization.pkce === "none") continue;
    const client = world.clientOf(id);
    const inputs = inputsOf(id);
    const query = queryOf(await consent(client, { inputs }));
    const exchanged = await client.exchange({ query, codeVerifier: "another", inputs, scopes: [] });
    t.match(exchanged, { kind: "failed", failure: { kind: "reauth_required" } }, id);
  }
});

t.test("a code is for its own redirect URI", async (t) => {
  const world = await startAccounts(t);
  const query = queryOf(await consent(world.clientOf("gmail"), {}));
  const exchanged = await world
    .clientOf("youtube")
    .exchange({ query, codeVerifier: VERIFIER, inputs: {}, scopes: [] });
  t.match(exchanged, { kind: "failed", failure: { kind: "reauth_required", reason: "code_refused" } });
});

t.test("Facebook may be told its scopes by a configuration", async (t) => {
  const world = await startAccounts(t, { variables: { META_LOGIN_CONFIG_ID: "123" } });
  const { scopes, access } = await obtain(world, "facebook");
  t.strictSame(scopes, world.clientOf("facebook").scopesFor());
  t.equal((await world.clientOf("facebook").probe(access))?.kind, "ok");
});

t.test("what was unticked is missing, where the provider says so", async (t) => {
  const world = await startAccounts(t);
  const scope = ["openid", "email"];
  t.match(await connect(world, "youtube", { form: { scope } }), {
    kind: "scope_missing",
    missing: [/youtube.readonly/, /youtube.upload/, /youtube.force-ssl/, /yt-analytics/],
  });
  const nothing = await consent(world.clientOf("tiktok"), { form: { scope: "" } });
  t.equal(nothing.searchParams.get("error"), "access_denied");
});

t.test("a browser may keep the fragment behind Instagram's code", async (t) => {
  const world = await startAccounts(t);
  const client = world.clientOf("instagram");
  const back = await consent(client, {});
  t.equal(back.hash, "#_");
  const query = { ...queryOf(back), code: `${back.searchParams.get("code")}#_` };
  t.equal((await client.exchange({ query, codeVerifier: "", inputs: {}, scopes: [] })).kind, "obtained");
});

t.test("a shop's code is no other shop's", async (t) => {
  const world = await startAccounts(t);
  const client = world.clientOf("shopify");
  const query = queryOf(await consent(client, { inputs: inputsOf("shopify") }));
  const exchange = (inputs: Readonly<Record<string, string>>, more = {}) =>
    client.exchange({ query: { ...query, ...more }, codeVerifier: "", inputs, scopes: [] });
  t.match(await exchange(inputsOf("shopify"), { shop: "other.myshopify.com" }), { kind: "invalid_response" });
  t.match(await exchange(inputsOf("shopify", "other")), { failure: { kind: "reauth_required" } });
});

t.test("a key that nobody has made is refused, and a hook remembers what it was sent", async (t) => {
  const world = await startAccounts(t);
  const key = "SG.of-somebody-else-0123456789";
  const connecting = { inputs: { api_key: key } };
  t.match(await connect(world, "sendgrid", connecting), { failure: { kind: "unauthorized" } });
  await world.control("providers/sendgrid/keys", { key, account: "luz" });
  t.match(await connect(world, "sendgrid", connecting), { kind: "obtained", account: { name: "Luz" } });
  await t.rejects(world.control("providers/sendgrid/keys", { key: "short" }));

  const body = JSON.stringify({ text: "hola" });
  const headers = { "content-type": "application/json" };
  const hook = hookUrl.replace("https:/", world.url);
  t.equal((await fetch(hook, { method: "POST", body, headers })).status, 200);
  const sent = await world.app.inject("/_sandbox/providers/zapier/messages");
  t.strictSame(sent.json(), { count: 1, messages: [{ url: hookUrl, body: { text: "hola" } }] });
});
