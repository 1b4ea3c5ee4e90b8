import { createServer } from "node:http";
import { join } from "node:path";
import { openAgentKeyStore } from "@cita/agent-keys";
import { migrate, openDatabase } from "@cita/database";
import t from "tap";
import { migrationSets as adminMigrations } from "../apps/admin-api/src/migrations.ts";
import { configSchema as mcpConfig } from "../apps/mcp-calendar/src/config.ts";
import { ask } from "../scripts/doctor/ask.ts";
import { checkAgentKeys } from "../scripts/doctor/check-agent-keys.ts";
import { checkCalendars } from "../scripts/doctor/check-calendars.ts";
import { checkClock } from "../scripts/doctor/check-clock.ts";
import { checkDatabase } from "../scripts/doctor/check-database.ts";
import { checkNode } from "../scripts/doctor/check-node.ts";
import { checkPublicUrl } from "../scripts/doctor/check-public-url.ts";
import { checkRedirectUri } from "../scripts/doctor/check-redirect-uri.ts";
import { createDoctorVariables } from "./support/doctor-variables.ts";
import { freePort } from "./support/free-port.ts";
import { createGoogleCalls } from "./support/google-provider.ts";
import { startSandbox } from "./support/local-google.ts";
import { openEvents } from "./support/open-events.ts";
import { createWorld } from "./support/world.ts";

const google = await startSandbox(t, createGoogleCalls());
const environment = createDoctorVariables(google, { mcp: await freePort(), admin: await freePort() });

t.test("a database that is older or newer than the code, or can't be made, is a problem", async (t) => {
  const [first] = adminMigrations;
  if (first === undefined) throw new Error("no migrations");
  const url = `file:${join(t.testdir(), "admin.db")}`;
  const db = openDatabase(url);
  t.teardown(() => db.destroy());
  const database = { service: "admin-api", url, migrationSets: adminMigrations };
  t.match(await checkDatabase(database), [{ state: "problem", todo: /Restart admin-api/ }]);
  const noop = { up: async () => undefined };
  await migrate(db, { ...first, migrations: { ...first.migrations, "9999-later": noop } });
  t.match(
    (await checkDatabase(database)).filter(({ text }) => text.includes("is newer than")),
    [{ state: "problem", text: /9999-later is not known here/ }],
  );
  t.match(await checkDatabase({ ...database, url: "file:/proc/1/none/admin.db" }), [
    { state: "problem", text: /can't be made|can't be opened/ },
  ]);
});

t.test("a server that trusts no header alone needs an agent key", async (t) => {
  const DATABASE_URL = `file:${join(t.testdir(), "calendar.db")}`;
  const check = (MCP_HEADER_ONLY: string) =>
    checkAgentKeys(mcpConfig.parse({ ...environment, DATABASE_URL, MCP_HEADER_ONLY }));
  t.strictSame(await check("false"), [], "the database is made at the first start");
  const db = openDatabase(DATABASE_URL);
  t.teardown(() => db.destroy());
  t.match(await check("false"), [{ state: "note", text: /once the database is up to date/ }]);
  const keys = await openAgentKeyStore({ db, events: await openEvents(db) });
  t.match(await check("false"), [{ state: "note", todo: /agent-keys of admin-api/ }]);
  t.strictSame(await check("true"), []);
  const { record } = await keys.create("platform", {
    name: "Backend",
    audience: "business",
    expiresAt: null,
  });
  t.match(await check("false"), [{ state: "ok", text: /there is 1 live key\./ }]);
  await keys.revoke("platform", record.id);
  t.match(await check("false"), [{ state: "note" }]);
});

t.test("keys that a bot for the public shouldn't have are named", async (t) => {
  const world = await createWorld(t, { now: Date.now() });
  const DATABASE_URL = world.databases.mcp;
  const check = async (MCP_HEADER_ONLY = "true") => {
    const found = await checkAgentKeys(mcpConfig.parse({ ...environment, DATABASE_URL, MCP_HEADER_ONLY }));
    return found.filter(({ text }) => text.includes("reaches everybody")).map(({ text }) => text);
  };
  await world.connected("luna");
  const make = async (path: string, name: string, audience?: string) =>
    (await world.api("POST", path, { name, ...(audience && { audience }) })).body;
  const ofLuna = "/v1/customer-calendars/luna/agent-keys";
  const whatsApp = await make(ofLuna, "WhatsApp bot");
  const owner = await make(ofLuna, "Ana's phone");
  const attendee = await make(ofLuna, "WhatsApp bot, new", "attendee");
  const platform = await make("/v1/agent-keys", "Backend");
  const byName = [
    new RegExp(`^Agent key ${whatsApp.key_id} of luna \\("WhatsApp bot", ….{4}\\) .*by its name`),
  ];
  t.match(await check(), byName);
  t.match(await check("false"), byName);
  const use = (key: string, headers: Record<string, string> = {}) =>
    world.rpc(
      { jsonrpc: "2.0", id: 1, method: "tools/list" },
      { authorization: `Bearer ${key}`, "x-customer-id": "luna", ...headers },
    );
  const asAna = { "x-attendee-phone": "+573001234567" };
  for (const { key } of [owner, attendee, platform]) await use(key);
  t.match(await check(), byName, "what never names a person serves the business");
  for (const { key } of [attendee, platform]) await use(key, asAna);
  t.match(await check(), [...byName, /of the platform \("Backend".*used for single persons, last on 20/]);
  await world.api("DELETE", `${ofLuna}/${whatsApp.key_id}`);
  t.equal((await check()).length, 1);
});

t.test("calendars that don't answer are named, with why, since when and what to do", async (t) => {
  const world = await createWorld(t);
  const check = (variables: object = {}) =>
    checkCalendars(
      mcpConfig.parse({
        ...environment,
        DATABASE_URL: world.databases.mcp,
        ...variables,
      }),
    );
  t.strictSame(await check(), [], "nobody is connected");
  for (const customer of ["luna", "sol"]) await world.connected(customer);
  t.match(await check(), [{ state: "ok", text: /No connected calendar/ }]);
  const fault = { path: "/calendar/v3/", email: "luna@example.com", reason: "domainPolicy" };
  await world.sandbox("POST", "faults", fault);
  await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" });
  t.match(await check(), [
    {
      state: "problem",
      text: /^The calendar of luna can't be used \(refused\)\. .*has to allow this app.* since 2027-01-17 23:00 UTC\.$/,
      todo: /within 15 minutes/,
    },
  ]);
  t.equal((await check()).length, 1);
  t.match(await check({ GOOGLE_PROJECT_QUOTA: "1" }), [
    { state: "problem" },
    { state: "note", text: /With 2 calendars, .* every 23 minutes/, todo: /GOOGLE_PROJECT_QUOTA/ },
  ]);
  t.strictSame(await check({ DATABASE_URL: `file:${join(t.testdirName, "none.db")}` }), []);
  await world.mcp.db.schema.dropTable("oauth_tokens").execute();
  t.match(await check(), [{ state: "note" }]);
});

t.test("Google's rules for the redirect URI", async (t) => {
  const fine = ["https://cita.example", "https://cita.example/base", "http://localhost:60000"];
  for (const url of [...fine, "http://127.0.0.1:60000", "http://[::1]:60000"]) {
    t.match(checkRedirectUri(url), [{ state: "ok" }], url);
  }
  const refused = [
    "http://cita.example",
    "https://203.0.113.7",
    "https://[2001:db8::1]",
    "https://a@b.example",
  ];
  for (const url of [...refused, "https://cita.example/?a=1"]) {
    t.match(checkRedirectUri(url), [{ state: "problem", todo: /./ }], url);
  }
});

t.test("a clock may be half a minute off", async (t) => {
  const at = Date.parse("2026-11-22T12:00:00Z");
  const headers = new Headers({ date: new Date(at).toUTCString() });
  const off = (seconds: number) => checkClock(headers, at + seconds * 1_000, at + seconds * 1_000);
  t.match(off(0), { state: "ok" });
  t.match(off(30), { state: "ok" });
  t.match(off(32), { state: "problem", text: /ahead of/ });
  t.match(off(-32), { state: "problem", text: /behind/ });
  t.match(checkClock(new Headers(), at, at), { state: "note" });
});

t.test("an old Node is named with what to do", async (t) => {
  t.match(await checkNode("22.9.0"), [{ state: "problem", todo: /npm ci/ }]);
  t.match(await checkNode("22.19.0"), [{ state: "ok" }]);
  t.match(await checkNode("24.1.0"), [{ state: "ok" }]);
});

t.test("somebody else's server, one that cuts and one that never answers are told apart", async (t) => {
  t.match(await checkPublicUrl(google.apiUrl), [{ state: "problem", text: /answers 404, but not as/ }]);
  const [silentPort, cuttingPort] = await Promise.all([freePort(), freePort()]);
  const silent = createServer(() => undefined).listen(silentPort, "127.0.0.1");
  const cutting = createServer(({ socket }) => socket.destroy()).listen(cuttingPort, "127.0.0.1");
  t.teardown(() => {
    for (const server of [silent, cutting]) server.close().closeAllConnections();
  });
  const silence = await ask(`http://127.0.0.1:${silentPort}`, {}, 100);
  t.match(silence, { kind: "silent", reason: "it didn't answer within 0.1 seconds" });
  t.match(await ask(`http://127.0.0.1:${cuttingPort}`), { kind: "silent", reason: /cut|failed/ });
});
