import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { openDatabase } from "@cita/database";
import { accountProviders } from "@cita/providers/accounts";
import { sql } from "kysely";
import t from "tap";
import { connectAccount, createTraveller, initiate, typedInputs } from "../support/account-consent.ts";
import { controlStandIn, providerOf } from "../support/account-faults.ts";
import { watchAccounts } from "../support/account-secrets.ts";
import { connect, connectEverywhere, dayMs, meetFault } from "../support/faulted-accounts.ts";
import { createIntegrationsWorld, redirectUri } from "../support/integrations-world.ts";
import { findLeaksInTables } from "../support/leaks-in-tables.ts";
import { addPerson } from "../support/people.ts";
import { type RecordedAnswer, recordAnswers } from "../support/recorded-answers.ts";
import { createSecrets } from "../support/secrets.ts";
import { engineOfRun } from "../support/test-database.ts";
import { serviceKey } from "../support/test-keys.ts";
import { createWorld } from "../support/world.ts";

/**
 * Every secret of every grant goes through every flow, and is then looked for: in the log at its finest level, in answers,
 * metrics and events, in every byte of the database's files, or in every row. With `TEST_DATABASE=postgres` in PostgreSQL.
 */
const answers = recordAnswers(t);
const people = await createWorld(t, {});
const world = await createIntegrationsWorld(t, {
  variables: {
    ...{ ADMIN_URL: people.adminUrl, ADMIN_PUBLIC_URL: people.adminUrl },
    ...{ FAILED_KEYS_PER_MINUTE: "1000000", CONSENTS_PER_MINUTE: "1000000" },
  },
  ...{ begin: Date.now(), logLevel: "trace", hasBackground: true },
  overrides: { roundMs: 40, providerTimeoutMs: 2_000 },
  watch: watchAccounts,
});
const { secrets, api } = world;
const newSecret = () => randomBytes(24).toString("base64url");
const pathOf = (id: string) => `/integrations/${id}`;

secrets.note("client secret", "sandbox-secret");
secrets.note("developer token", "sandbox-setting");
// How a hook's URL begins is no secret: the page that asks for it says so.
for (const { id, inputs } of accountProviders)
  for (const { name, isSecret } of inputs)
    if (isSecret) secrets.note("typed key", typedInputs[id]?.[name]?.replace(/^https:.*(?=catch)/, ""));

/** What a consent shows its browser alone: our own page's URL, its cookie, and the address that it ends at. */
const isOfConsent = ({ url }: RecordedAnswer) =>
  /\/oauth\/(?:initiate|connect|start|callback)/.test(url.pathname);
const ofBrowser = new Set(["state", "PKCE verifier"]);

/** Secrets in answers of the service that don't belong there. */
function findInAnswers(given: readonly RecordedAnswer[]) {
  return given
    .filter(({ url }) => url.origin === world.url)
    .flatMap((answer) =>
      secrets
        .findIn(`${answer.method} ${answer.url.pathname}`, answer.text)
        .filter(({ kind }) => !(isOfConsent(answer) && ofBrowser.has(kind))),
    );
}

const accounts = await connectEverywhere(world);

t.test("people, programs and strangers ask", async (t) => {
  const ana = await addPerson(people, { email: "ana@example.com", role: "admin" });
  secrets.note("person's token", ana.accessToken);
  secrets.note("person's refresh token", ana.refreshToken);
  const wrong = newSecret();
  secrets.note("wrong key", wrong);
  t.equal((await api("GET", "/integrations/user/user-1", undefined, ana.accessToken)).status, 200);
  for (const bearer of [wrong, `${ana.accessToken}x`, `${ana.accessToken}.${wrong}`])
    t.equal((await api("GET", "/integrations/providers", undefined, bearer)).status, 401);
  const given = { ...{ userId: "user-1", redirectUri }, metadata: { api_key: wrong } };
  t.equal(
    (await api("POST", "/integrations/oauth/initiate", { ...given, provider: "SENDGRID" })).status,
    400,
  );
  t.equal((await api("POST", "/integrations/oauth/initiate", `{"token":"${wrong}"`)).status, 400);
  for (const path of [
    `/integrations/${wrong}`,
    `/nowhere/${wrong}?access_token=${wrong}`,
    `/integrations/%zz${wrong}`,
  ])
    t.match((await api("GET", path)).status, /^40/);
  const delivery = { user_id: wrong, consumer_key: wrong, consumer_secret: wrong };
  t.equal((await api("POST", "/integrations/oauth/callback/woocommerce", delivery, null)).status, 400);
  await createTraveller().go(`${world.url}/integrations/oauth/callback/gmail?code=${wrong}&state=${wrong}`);
  const sendgrid = await initiate(world, providerOf("sendgrid"));
  secrets.note("state", sendgrid.body.data.state);
  const key = `SG.${wrong}${wrong}`;
  secrets.note("refused key", key);
  const page = await createTraveller().go(
    sendgrid.body.data.authorizationUrl,
    new URLSearchParams({ api_key: key }),
  );
  t.equal(page.status, 400);
});

t.test("all are renewed and probed, by hand and by the service", async (t) => {
  world.clock.now += 2 * dayMs;
  for (const { id } of accounts) await api("POST", `${pathOf(id)}/refresh`);
  world.clock.now += 2 * dayMs;
  const { id = "" } = accounts[0] ?? {};
  const since = new Date(world.clock.now).toISOString();
  for (let i = 0; i < 200; i++, await sleep(50)) {
    const { body } = await api("GET", `${pathOf(id)}/sync-logs`);
    if (
      body.data.some(
        (one: { startedAt: string; action: string }) => one.action === "probe" && one.startedAt >= since,
      )
    )
      break;
  }
  t.pass("they were");
});

/** A provider that quotes what it was sent: in every part of its answer. */
const quoting = {
  ...{ echo: true, status_text: "{{authorization}}" },
  headers: { "x-sent": "{{authorization}}", location: "{{url}}", "retry-after": "{{authorization}}" },
  body: {
    ...{ error: "{{body}}", error_description: "{{url}}", message: "{{authorization}}", code: "{{url}}" },
    ...{ access_token: "{{url}}", error_codes: ["{{body}}"], errors: [{ message: "{{body}}" }] },
  },
};

t.test("providers quote what they were sent, at every request", async (t) => {
  for (const status of [200, 302, 400, 401, 403, 429, 500]) {
    const fault = { ...quoting, status };
    for (const name of ["token", "exchange", "identity"] as const)
      if (status !== 200)
        await meetFault(world, accounts, { name, fault }, async ({ provider }) => {
          await connectAccount(world, provider, { userId: "nobody" });
        });
    await meetFault(world, accounts, { name: "renewal", fault }, async ({ id }) => {
      await api("POST", `${pathOf(id)}/refresh`);
    });
    await meetFault(world, accounts, { name: "probe", fault }, async () => {
      world.clock.now += dayMs / 2;
      await sleep(100);
    });
    if (status === 400)
      await meetFault(world, accounts, { name: "revocation", fault }, async ({ id }) => {
        await api("DELETE", `${pathOf(id)}?revoke=all`);
      });
  }
  for (const { provider } of accounts) await connect(world, provider);
  t.pass("they did");
});

t.test("renewals are refused, the database fails, accesses end, and people leave", async (t) => {
  for (const { provider, id } of accounts.slice(0, 8)) {
    await controlStandIn(world, `providers/${provider.id}/revoke`, { account: "ana@example.com" });
    await api("POST", `${pathOf(id)}/refresh`);
  }
  const db = openDatabase(world.databaseUrl);
  const rename = (from: string, to: string) =>
    sql`alter table ${sql.table(from)} rename to ${sql.table(to)}`.execute(db);
  const statuses = new Set<number>();
  for (const table of ["integration_sync_logs", "events", "integrations", "oauth_states"]) {
    await rename(table, `${table}_away`);
    for (const { provider, id } of accounts.slice(8, 14)) {
      statuses.add((await api("POST", `${pathOf(id)}/refresh`)).status);
      statuses.add((await api("DELETE", pathOf(id))).status);
      if (table === "events")
        await connectAccount(world, provider, { userId: "crashed" }).catch(() => undefined);
    }
    await rename(`${table}_away`, table);
  }
  await db.destroy();
  t.ok(statuses.has(500), `${[...statuses]}`);
  for (const { id } of accounts) t.equal((await api("DELETE", `${pathOf(id)}?revoke=all`)).status, 200);
  for (const userId of ["user-1", "crashed", "nobody"])
    t.equal(
      (await api("POST", "/events", { type: "user.deleted", data: { userId } }, serviceKey)).status,
      200,
    );
  for (const provider of accountProviders) await connectAccount(world, provider, { userId: "stays" });
  for (const path of ["/metrics", "/ready", "/health", "/docs/json", "/integrations/providers"])
    t.equal(
      (await fetch(world.url + path, { headers: { authorization: `Bearer ${serviceKey}` } })).status,
      200,
    );
});

t.test("what stands in the clear is found: in the log, in answers, in the database", async (t) => {
  const canaries = { "request id": newSecret(), user: newSecret(), note: newSecret(), name: newSecret() };
  const planted = createSecrets(canaries);
  const headers = { "x-request-id": canaries["request id"] };
  await (await fetch(`${world.url}/nowhere`, { headers })).text();
  const { integrationId } = await connectAccount(world, providerOf("hubspot"), {
    ...{ userId: canaries.user, metadata: { note: canaries.note } },
  });
  const renamed = await api("PATCH", `/integrations/${integrationId}`, { name: canaries.name });
  const kindsIn = (leaks: readonly { kind: string }[]) => [...new Set(leaks.map(({ kind }) => kind))].sort();
  t.ok(kindsIn(planted.findIn("the log", world.log.join(""))).includes("request id"));
  t.strictSame(kindsIn(planted.findIn("an answer", JSON.stringify(renamed.body))), ["name", "note", "user"]);
  const tables = await findLeaksInTables(planted, world.databaseUrl);
  t.strictSame(kindsIn(tables), ["name", "note", "user"]);
  for (const table of ["integrations", "oauth_states", "events"])
    t.ok(
      tables.some(({ place }) => place === table),
      table,
    );
  if (engineOfRun === "sqlite")
    t.strictSame(kindsIn(planted.findInFiles(world.folder)), ["name", "note", "user"]);
});

t.test("of secrets of every kind none stands anywhere", async (t) => {
  const counts = secrets.counts();
  for (const [kind, fewest] of Object.entries({
    ...{ "access token": 60, "refresh token": 30, "id token": 4, "authorization code": 60, state: 60 },
    ...{
      "PKCE verifier": 4,
      "response proof": 2,
      "request proof": 2,
      "typed key": 2,
      "key or client secret": 2,
    },
    ...{ "client secret": 1, "developer token": 1, "wrong key": 1, "refused key": 1, "person's token": 1 },
    ...{ adminKey: 1, serviceKey: 1, encryptionKey: 1 },
  }))
    t.ok((counts[kind] ?? 0) >= fewest, `${kind}: ${counts[kind]}`);
  const log = world.log.join("");
  t.ok(world.log.length > 1_000, `${world.log.length} lines`);
  t.strictSame(secrets.findIn("the log", log), []);
  const own = answers.filter(({ url }) => url.origin === world.url);
  t.ok(own.length > 500, `${own.length} answers`);
  t.strictSame(findInAnswers(own), []);
  t.strictSame(await findLeaksInTables(secrets, world.databaseUrl), []);
  // With what SQLite has still in its write-ahead log.
  t.strictSame(secrets.findInFiles(world.folder), []);
});
