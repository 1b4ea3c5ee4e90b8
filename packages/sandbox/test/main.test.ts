import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { InjectOptions } from "fastify";
import t from "tap";
import { buildSandbox, type TokenResponse } from "../src/index.ts";
import {
  authorizationParams,
  CALENDAR_SCOPE,
  calendarCaller,
  codeForm,
  EVENTS,
  form,
  refreshForm,
} from "./sandbox-session.ts";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

function startMain(t: { teardown: (end: () => void) => unknown }, port: string, stateFile = "") {
  const env = { ...process.env, SANDBOX_PORT: port, SANDBOX_STATE_FILE: stateFile };
  const child = spawn(process.execPath, [MAIN], { env });
  t.teardown(() => child.kill("SIGKILL"));
  const output = { out: "", err: "" };
  child.stdout.on("data", (chunk) => {
    output.out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    output.err += chunk;
  });
  return { child, output };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address ? address.port : 0;
}

/** Sends over HTTP what the other tests inject. */
function post(origin: string, { url, payload, headers }: InjectOptions): Promise<Response> {
  const init = { method: "POST", body: String(payload), headers: { ...headers } as Record<string, string> };
  return fetch(`${origin}${url}`, { ...init, redirect: "manual" });
}

async function signInOver(origin: string): Promise<TokenResponse> {
  const answer = { account: "ana@example.com", action: "allow", granted: CALENDAR_SCOPE };
  const consent = await post(origin, form("/o/oauth2/v2/auth", authorizationParams(answer)));
  const code = new URL(consent.headers.get("location") ?? "").searchParams.get("code");
  return (await post(origin, codeForm(code))).json() as Promise<TokenResponse>;
}

t.test("npm run sandbox says where it is, and stops when told", async (t) => {
  const port = await freePort();
  const { child, output } = startMain(t, String(port));
  await once(child.stdout, "data");
  t.match(output.out, `http://127.0.0.1:${port}`);
  t.match(output.out, "sandbox-client / sandbox-secret");
  t.match(output.out, "Everything is in memory");
  t.equal((await fetch(`http://127.0.0.1:${port}/_sandbox/calls`)).status, 200);
  child.kill("SIGTERM");
  t.strictSame(await once(child, "exit"), [0, null]);
});

t.test("what it can't start with is one sentence, not a stack", async (t) => {
  const holder = createServer().listen(0, "127.0.0.1");
  t.teardown(() => holder.close());
  await once(holder, "listening");
  const address = holder.address();
  const taken = typeof address === "object" && address ? address.port : 0;
  const stateFile = join(t.testdir({ "state.json": "{" }), "state.json");
  const damaged = `The sandbox's state file ${stateFile} is damaged or of another version: delete it to start afresh.`;
  const refusals = [
    [String(taken), "", `Port ${taken} is in use`],
    [
      "http",
      "",
      "The sandbox can't start. The configuration has 1 problem: SANDBOX_PORT must be a port number",
    ],
    [String(taken), stateFile, damaged],
  ] as const;
  const check = async ([port, file, sentence]: (typeof refusals)[number]) => {
    const { child, output } = startMain(t, port, file);
    t.strictSame(await once(child, "close"), [1, null]);
    t.match(output.err, sentence);
    t.equal(output.err.trim().split("\n").length, 1);
  };
  await Promise.all(refusals.map(check));
  t.equal(readFileSync(stateFile, "utf8"), "{", "and the file is left as it is");
});

t.test("what was answered survives a kill", async (t) => {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const stateFile = join(t.testdir(), "state.json");
  const { child, output } = startMain(t, String(port), stateFile);
  await once(child.stdout, "data");
  t.match(output.out, `Kept in ${stateFile}`);
  const tokens = await signInOver(origin);
  const inserted = await fetch(`${origin}${EVENTS}`, {
    method: "POST",
    headers: { authorization: `Bearer ${tokens.access_token}`, "content-type": "application/json" },
    body: JSON.stringify({ id: "booked", start: { date: "2027-01-18" }, end: { date: "2027-01-19" } }),
  });
  const event = await inserted.json();
  child.kill("SIGKILL");
  t.strictSame(await once(child, "close"), [null, "SIGKILL"]);

  const restarted = buildSandbox({ stateFile });
  t.teardown(() => restarted.close());
  const found = await calendarCaller(restarted, tokens)("GET", "/booked");
  t.equal(found.statusCode, 200);
  t.strictSame(found.json(), event);
  t.equal((await restarted.inject(refreshForm(tokens.refresh_token))).statusCode, 200);
});
