import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateFernetKey } from "@cita/token-store";
import t, { type Test } from "tap";
import { configSchema as adminConfig } from "../apps/admin-api/src/config.ts";
import { checkManagement } from "../scripts/doctor/check-management.ts";
import { runScript } from "./support/command.ts";
import { createDoctorVariables } from "./support/doctor-variables.ts";
import { freePort } from "./support/free-port.ts";
import { createGoogleCalls } from "./support/google-provider.ts";
import { controlSandbox, startSandbox } from "./support/local-google.ts";
import { fingerprintOf, openStored } from "./support/stored-connections.ts";

const google = await startSandbox(t, createGoogleCalls());
const folder = t.testdir();
const [mcpPort, adminPort, closedPort] = await Promise.all([freePort(), freePort(), freePort()]);
const environment = createDoctorVariables(google, { mcp: mcpPort, admin: adminPort });
const mcp = runScript(t, "apps/mcp-calendar/src/main.ts", { cwd: folder, env: environment });
const admin = runScript(t, "apps/admin-api/src/main.ts", { cwd: folder, env: environment });
await Promise.all([mcp.printed("Server listening"), admin.printed("Server listening")]);

async function doctor(t: Test, env: Record<string, string> = environment, cwd = folder) {
  const command = runScript(t, "scripts/doctor.ts", { cwd, env });
  const code = await command.ended;
  const text = command.output();
  const hidden = Object.entries(env).filter(([name, value]) => /SECRET|KEY$/.test(name) && value !== "");
  for (const [name, value] of hidden) t.notOk(text.includes(value), `${name} isn't printed`);
  t.notMatch(text, /\n\s+at /, "no stack");
  return { code, text };
}

t.test("with everything in order nothing has to be done, while the services run", async (t) => {
  const { code, text } = await doctor(t);
  t.equal(code, 0, text);
  t.notMatch(text, "PROBLEM");
  for (const line of [
    /ok {7}Node \d+/,
    "The configuration of mcp-calendar is complete",
    "The configuration of admin-api is complete",
    /data\/calendar\.db is whole, writable and up to date/,
    /data\/admin\.db is whole, writable and up to date/,
    `The keys open all that is stored: ${fingerprintOf(environment.TOKEN_ENCRYPTION_KEY)} seals 0 connections`,
    `The redirect URI is http://localhost:${mcpPort}/oauth/callback`,
    `http://localhost:${mcpPort}/health answers`,
    "Google's token endpoint",
    "Google accepts the client id and its secret",
    "The clock agrees with Google's",
    "Nothing has to be done",
  ]) {
    t.match(text, line);
  }
});

t.test("everything that is wrong is named at once, with what to do", async (t) => {
  const stored = openStored(`file:${join(folder, "data/calendar.db")}`);
  await stored.addConnections(environment.TOKEN_ENCRYPTION_KEY, 2);
  await stored.flipBit("quiet-1");
  writeFileSync(join(folder, "text.db"), "This is not a database. ".repeat(50));
  await controlSandbox(google.apiUrl, "POST", "faults", { path: "/revoke", status: 503 });
  const hour = new Date(Date.now() - 3_600_000).toUTCString();
  await controlSandbox(google.apiUrl, "POST", "faults", { path: "/token", headers: { date: hour } });
  const another = generateFernetKey();
  const [wrong, damaged] = await Promise.all([
    doctor(t, {
      ...environment,
      GOOGLE_CLIENT_SECRET: "not-the-secret-of-the-sandbox",
      GOOGLE_API_URL: `http://localhost:${closedPort}`,
      MCP_PUBLIC_URL: `http://127.0.0.1:${closedPort}`,
      TOKEN_ENCRYPTION_KEY: another,
      ADMIN_DATABASE_URL: "file:./text.db",
    }),
    doctor(t, {
      ...environment,
      TOKEN_ENCRYPTION_KEY: `${another},${environment.TOKEN_ENCRYPTION_KEY}`,
      MCP_HEADER_ONLY: "false",
    }),
  ]);
  await controlSandbox(google.apiUrl, "DELETE", "faults");
  t.equal(wrong.code, 1);
  for (const line of [
    /PROBLEM {2}Google doesn't accept the client \(invalid_client\)[^>]*-> Copy GOOGLE_CLIENT_ID/,
    /PROBLEM {2}Google's API http:\S+ can't be reached: nothing listens there/,
    /PROBLEM {2}Google's revocation endpoint \S+ answers 503/,
    /PROBLEM {2}\S+\/health can't be reached: nothing listens there\.\n +-> Start mcp-calendar/,
    /PROBLEM {2}The clock is 36\d\d seconds ahead of Google's\.\n +-> Set it by NTP/,
    /PROBLEM {2}The database \S+text\.db is not a SQLite database/,
    new RegExp(`lacks a key[^\n]*: ${fingerprintOf(environment.TOKEN_ENCRYPTION_KEY)} seals 2 connections`),
    /\n7 problems\.\n$/,
  ]) {
    t.match(wrong.text, line);
  }
  t.equal(damaged.code, 1);
  t.match(damaged.text, "The stored access of these customers is damaged: quiet-1.");
  t.match(damaged.text, "npm run keys -- rotate");
  t.match(damaged.text, "No agent can call /mcp");
});

t.test("an incomplete configuration is listed whole, in the sandbox's mode too", async (t) => {
  const { code, text } = await doctor(t, { MCP_PORT: "none", ADMIN_API_KEY: "weakweak" }, t.testdir());
  t.equal(code, 1);
  for (const line of [
    "This is sandbox mode",
    "mcp-calendar: MCP_PORT must be a port number",
    "mcp-calendar: TOKEN_ENCRYPTION_KEY is required",
    "admin-api: ADMIN_API_KEY is too weak",
    "Run npm start once: it makes what is missing",
    "What depends on the configuration was not checked",
  ]) {
    t.match(text, line);
  }
  const half = await doctor(t, { ...environment, GOOGLE_CLIENT_SECRET: "", SANDBOX_PORT: `${closedPort}` });
  t.match(half.text, "GOOGLE_CLIENT_SECRET is missing");
  t.match(half.text, "Run npm start, which starts the sandbox");
});

t.test("the sandbox is a Google like any other", async (t) => {
  const { GOOGLE_CLIENT_ID: _id, GOOGLE_CLIENT_SECRET: _secret, ...rest } = environment;
  const databases = { DATABASE_URL: "file:./new.db", ADMIN_DATABASE_URL: "file:./data/admin.db" };
  const env = { ...rest, ...databases, SANDBOX_PORT: new URL(google.apiUrl).port };
  const { code, text } = await doctor(t, env);
  t.equal(code, 0, text);
  t.match(text, "This is sandbox mode");
  t.match(text, /There is no database at \S+new\.db yet: mcp-calendar makes it/);
});

t.test("admin-api's way to the calendar service, with what to do where there is none", async (t) => {
  const check = (more: object) => checkManagement(adminConfig.parse({ ...environment, ...more }));
  t.match(await check({}), [{ state: "ok", text: /is let in at CALENDAR_URL/ }]);
  const otherKey = randomBytes(24).toString("base64url");
  t.match(await check({ CALENDAR_SERVICE_KEY: otherKey }), [
    { state: "problem", todo: /CALENDAR_SERVICE_KEY/ },
  ]);
  t.match(await check({ CALENDAR_URL: `http://localhost:${closedPort}` }), [
    { state: "problem", text: /can't be reached: nothing listens there/, todo: /MANAGEMENT_HOST/ },
  ]);
  t.match(await check({ CALENDAR_URL: google.apiUrl }), [{ state: "problem", text: /no management paths/ }]);
});

t.test("integrations is looked at where it is configured, and passed over where it isn't", async (t) => {
  t.notMatch((await doctor(t)).text, "integrations");
  const port = await freePort();
  const configured = {
    ...environment,
    ...{ INTEGRATIONS_PORT: `${port}`, ALLOWED_REDIRECT_URIS: "https://app.example.com/connected" },
  };
  const away = await doctor(t, configured);
  t.match(away, { code: 1, text: "The configuration of integrations is complete" });
  t.match(away.text, /data\/integrations\.db yet: integrations makes it/);
  t.match(away.text, `http://localhost:${port}/ready can't be reached: nothing listens there`);
  const service = runScript(t, "apps/integrations/src/main.ts", { cwd: folder, env: configured });
  await service.printed("Server listening");
  const running = await doctor(t, configured);
  for (const line of [
    /ok {7}The .*data\/integrations\.db is whole, writable and up to date/,
    `ok       http://localhost:${port}/ready answers`,
    /The keys open all that is stored: .* connections.*; .* seals 0 integrations/,
  ]) {
    t.match(running.text, line);
  }
  const forPanel = { ...configured, INTEGRATIONS_URL: `http://localhost:${port}` };
  const panelReturn = `http://localhost:${adminPort}/conexiones/vuelta`;
  const closed = (await doctor(t, forPanel)).text;
  t.match(closed, `admin-api is let in at INTEGRATIONS_URL http://localhost:${port}`);
  t.match(closed, "The panel can't connect accounts: its return isn't allowed");
  t.match(closed, `Add ${panelReturn} to ALLOWED_REDIRECT_URIS`);
  t.notMatch((await doctor(t, { ...forPanel, ALLOWED_REDIRECT_URIS: panelReturn })).text, "can't connect");
  const elsewhere = await doctor(t, { ...environment, INTEGRATIONS_URL: `http://localhost:${closedPort}` });
  t.match(elsewhere.text, `INTEGRATIONS_URL http://localhost:${closedPort} can't be reached`);
  t.notMatch(elsewhere.text, "configuration of integrations", "it may run on another machine");
  const { ALLOWED_REDIRECT_URIS: _, ...nowhere } = configured;
  t.match((await doctor(t, nowhere)).text, /note {5}No account can be connected by integrations/);
  t.match(await doctor(t, { ...configured, CONSENTS_PER_MINUTE: "many" }), {
    code: 1,
    text: /PROBLEM {2}integrations: CONSENTS_PER_MINUTE must be a number/,
  });
});
