import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import t from "tap";
import { createBrowser } from "../support/browser.ts";
import { runInShell, runScript } from "../support/command.ts";
import { freePort } from "../support/free-port.ts";
import { answers, commandsOn, freePorts, ready, secrets } from "../support/started-services.ts";

async function consentTo(link: string) {
  const browser = createBrowser();
  const googlePage = await browser.submit(await browser.open(link));
  return browser.submit(googlePage, { action: "allow" });
}

t.test(
  "what npm start prints can be pasted, from first start to free times, and is kept over a restart",
  async (t) => {
    const cwd = t.testdir();
    const env = await freePorts();
    const first = runScript(t, "scripts/start.ts", { cwd, env });
    await first.printed(ready);
    const [connect = "", slots = ""] = commandsOn(first.output());

    const { shareable_link } = JSON.parse(await runInShell(connect, cwd));
    t.match(await consentTo(shareable_link), { status: 200, text: /Your calendar is connected/ });
    const found = JSON.parse(await runInShell(slots, cwd)).result.structuredContent;
    t.match(found, { timezone: "America/Bogota", slots: [{ weekday: "lunes" }] });
    t.equal(await first.end("SIGINT"), 0);
    for (const port of Object.values(env)) t.equal(await answers(port), false, "nothing is left running");

    const second = runScript(t, "scripts/start.ts", { cwd, env });
    await second.printed(ready);
    t.strictSame(JSON.parse(await runInShell(slots, cwd)).result.structuredContent.slots, found.slots);
    t.equal(await second.end(), 0);

    const keyFile = join(cwd, "data/sandbox/admin-api-key");
    t.equal(statSync(keyFile).mode & 0o777, 0o600);
    t.notMatch(first.output(), readFileSync(keyFile, "utf8").trim(), "the key itself isn't printed");
  },
);

t.test("a port in use is said in a sentence, and nothing is left running", async (t) => {
  const cwd = t.testdir();
  const env = await freePorts();
  const squatter = createServer((_request, response) => response.end());
  await new Promise<void>((resolve) => squatter.listen(Number(env.ADMIN_PORT), "127.0.0.1", resolve));
  t.teardown(() => squatter.close());
  const started = runScript(t, "scripts/start.ts", { cwd, env });
  t.equal(await started.ended, 1);
  t.match(started.output(), `Port ${env.ADMIN_PORT} is in use by another program`);
  t.notMatch(started.output(), /\n\s+at /, "no stack");
  t.notMatch(started.output(), ready);
  t.equal(await answers(env.MCP_PORT), false);
  t.equal(await answers(env.SANDBOX_PORT), false);
});

t.test(
  "alone, each service lists everything that is missing or weak by name, without a value, and ends",
  async (t) => {
    const cwd = t.testdir();
    const mcp = runScript(t, "apps/mcp-calendar/src/main.ts", {
      cwd,
      env: {
        CALENDAR_SERVICE_KEY: "weakweak",
        TOKEN_ENCRYPTION_KEY: "not-a-key",
        MCP_PORT: "none",
        GOOGLE_CLIENT_ID: "",
      },
    });
    t.equal(await mcp.ended, 1);
    for (const name of [
      "CALENDAR_SERVICE_KEY is too weak",
      "TOKEN_ENCRYPTION_KEY must be",
      "MCP_PORT must be",
      "GOOGLE_CLIENT_ID is required",
      "GOOGLE_CLIENT_SECRET is required",
    ]) {
      t.match(mcp.output(), name);
    }
    for (const value of ["weakweak", "not-a-key", "    at "]) t.notMatch(mcp.output(), value);

    const admin = runScript(t, "apps/admin-api/src/main.ts", {
      cwd,
      env: { ADMIN_API_KEY: "aaaaaaaaaaaaaaaaaaaaaaaa" },
    });
    t.equal(await admin.ended, 1);
    t.match(admin.output(), /ADMIN_API_KEY is too weak[\s\S]*CALENDAR_SERVICE_KEY is required/);
    t.notOk(existsSync(join(cwd, "data")), "nothing was made");
  },
);

t.test("a header alone is never trusted on a server that is reachable from elsewhere", async (t) => {
  const cwd = t.testdir();
  const port = String(await freePort());
  const given = { ...secrets, MCP_PORT: port };
  const reachable: Record<string, string>[] = [
    { MCP_HOST: "0.0.0.0" },
    { MCP_PUBLIC_URL: "https://cita.example" },
  ];
  for (const open of reachable) {
    const refused = runScript(t, "apps/mcp-calendar/src/main.ts", {
      cwd,
      env: { ...given, ...open, MCP_HEADER_ONLY: "true" },
    });
    t.equal(await refused.ended, 1);
    t.match(refused.output(), /MCP_HEADER_ONLY must not be true/);
  }
  const behindProxy = { ...given, MCP_PUBLIC_URL: "https://cita.example" };
  const service = runScript(t, "apps/mcp-calendar/src/main.ts", { cwd, env: behindProxy });
  await service.printed("listening");
  const response = await fetch(`http://127.0.0.1:${port}/mcp`, {
    method: "POST",
    headers: { "x-customer-id": "luna" },
  });
  t.equal(response.status, 401);
});
