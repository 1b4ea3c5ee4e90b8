import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { unpackExtension } from "@anthropic-ai/mcpb";
import { Client as ModernClient } from "@modelcontextprotocol/client";
import { StdioClientTransport as ModernTransport } from "@modelcontextprotocol/client/stdio";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as LegacyTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import t, { type Test } from "tap";
import { createBrowser } from "../support/browser.ts";
import { comingMonday } from "../support/coming-monday.ts";
import { freePort } from "../support/free-port.ts";
import { createGoogleCalls } from "../support/google-provider.ts";
import { createLineClient, initialize, toolCall } from "../support/line-client.ts";
import { controlSandbox, googleVariables, startSandbox } from "../support/local-google.ts";
import { readToolResult, type ToolResult } from "../support/tool-result.ts";

/** Outside the repository: nothing of it, its packages above all, is found from there. */
const folder = join(tmpdir(), `cita-bundle-test-${process.pid}`);
const bundle = join(folder, "cita-calendar.js");
const monday = comingMonday();

/** Which Node the bundle is tried on: `BUNDLE_NODE=/path/to/node npx tap test/proofs/stdio-bundle.test.ts` takes another. */
const node = process.env.BUNDLE_NODE ?? process.execPath;

t.before(async () => {
  const script = fileURLToPath(new URL("../../scripts/bundle-stdio.ts", import.meta.url));
  mkdirSync(folder, { recursive: true });
  await promisify(execFile)(process.execPath, [script, folder], { cwd: folder });
});
t.teardown(async () => (await import("node:fs/promises")).rm(folder, { recursive: true, force: true }));

/** As Node 22 is: the one that runs the tests would hide that something needs Temporal. */
const likeOlderNode = ["--no-harmony-temporal", bundle];

/** A Google, and the environment of a person who has nothing else set up. */
async function openHome(t: Test) {
  const calls = createGoogleCalls();
  const google = await startSandbox(t, calls);
  const home = t.testdir();
  const email = "me@example.com";
  await controlSandbox(google.apiUrl, "POST", "accounts", { email, time_zone: "America/Bogota", events: [] });
  const env: Record<string, string> = {
    PATH: process.env.PATH ?? "",
    HOME: home,
    XDG_DATA_HOME: join(home, "data"),
    MCP_PORT: String(await freePort()),
    ...googleVariables(google),
  };
  const events = async (): Promise<string[]> => {
    const answer = await controlSandbox(google.apiUrl, "GET", `events?email=${email}`);
    const standing = answer.events.filter(({ status }: { status: string }) => status !== "cancelled");
    return standing.map(({ summary }: { summary: string }) => summary);
  };
  return { calls, env, events, home };
}

/** The business's part. */
async function consent(link: string): Promise<void> {
  const browser = createBrowser();
  const googlePage = new URL((await browser.submit(await browser.open(link))).url);
  googlePage.searchParams.set("login_hint", "me@example.com");
  const done = await browser.submit(await browser.open(googlePage.href), { action: "allow" });
  if (done.status !== 200) throw new Error(`the consent failed: ${done.text}`);
}

/** The bundle as a process, line by line. */
function start(t: Test, env: Record<string, string>, args = [bundle]) {
  const child = spawn(node, args, { cwd: folder, env });
  let notes = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    notes += text;
  });
  const ended = once(child, "close").then(([code, signal]): number | string => code ?? signal);
  t.teardown(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  const { request, lines } = createLineClient(child.stdin, child.stdout);
  const call = async (name: string, args: object) =>
    readToolResult(JSON.parse(await request(toolCall(1, name, args))).result);
  const begin = async () => JSON.parse(await request(initialize()));
  return { child, begin, call, ended, lines, notes: () => notes };
}

type CallTool = (name: string, args: Record<string, unknown>) => Promise<ReturnType<typeof readToolResult>>;

/** From the first question to a cancelled appointment. */
async function walk(t: Test, call: CallTool, events: () => Promise<string[]>): Promise<void> {
  const { error } = await call("get_available_slots", { date_iso: monday });
  t.match(error, { code: "not_connected", connect_url: /^http:\/\/localhost:\d+\/connect\// });
  await consent(error.connect_url);
  const { answer: found } = await call("get_available_slots", { date_iso: monday });
  t.equal(found.slots.length, 16);
  const [slot] = found.slots;
  const { answer: booked } = await call("book", { start_iso: slot.start, attendee_name: "Ana Pérez" });
  t.match(booked, { status: "confirmed", start: slot.start });
  t.strictSame(await events(), ["Ana Pérez · Cita"]);
  const listed = await call("list_bookings", {});
  t.match(listed.answer, { bookings: [{ booking_id: booked.booking_id }] });
  const { booking_id } = booked;
  t.match((await call("cancel_booking", { booking_id })).answer, { status: "cancelled" });
  t.strictSame(await events(), []);
}

t.test("the file alone takes a client of SDK 1.x from the link to a cancelled appointment", async (t) => {
  const { env, events } = await openHome(t);
  const client = new LegacyClient({ name: "test", version: "1" });
  const transport = new LegacyTransport({ command: node, args: likeOlderNode, cwd: folder, env });
  await client.connect(transport);
  t.teardown(() => client.close());
  t.match(client.getServerVersion(), { name: "cita-calendar" });
  t.equal((await client.listTools()).tools.length, 6);
  await walk(
    t,
    async (name, args) => readToolResult((await client.callTool({ name, arguments: args })) as ToolResult),
    events,
  );
});

t.test("and one of SDK 2.x that speaks 2026-07-28", async (t) => {
  const { env, events } = await openHome(t);
  const client = new ModernClient({ name: "test", version: "1" }, { versionNegotiation: { mode: "auto" } });
  await client.connect(new ModernTransport({ command: node, args: [bundle], cwd: folder, env }));
  t.teardown(() => client.close());
  t.equal(client.getNegotiatedProtocolVersion(), "2026-07-28");
  t.equal((await client.listTools()).tools.length, 6);
  await walk(
    t,
    async (name, args) => readToolResult((await client.callTool({ name, arguments: args })) as ToolResult),
    events,
  );
});

t.test("what Claude Desktop gets does what its manifest says", async (t) => {
  const { env, events } = await openHome(t);
  const outputDir = t.testdir();
  t.ok(await unpackExtension({ mcpbPath: join(folder, "cita-calendar.mcpb"), outputDir, silent: true }));
  const manifest = JSON.parse(readFileSync(join(outputDir, "manifest.json"), "utf8"));
  t.match(manifest.user_config, { google_client_secret: { sensitive: true, required: true } });
  const { command, args, env: asked } = manifest.server.mcp_config;
  t.equal(command, "node");
  const settings: Record<string, string | undefined> = {
    google_client_id: env.GOOGLE_CLIENT_ID,
    google_client_secret: env.GOOGLE_CLIENT_SECRET,
    port: env.MCP_PORT,
  };
  t.strictSame(Object.keys(settings).sort(), Object.keys(manifest.user_config).sort());
  const fill = (text: string) =>
    text
      .replaceAll(/\$\{__dirname\}/g, () => outputDir)
      .replace(/\$\{user_config\.(\w+)\}/g, (_, name: string) => settings[name] ?? "");
  const { GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET, MCP_PORT, ...rest } = env;
  const filled = Object.entries(asked).map(([name, value]) => [name, fill(String(value))]);
  const started = start(t, { ...rest, ...Object.fromEntries(filled) }, args.map(fill));
  t.match(await started.begin(), { result: { serverInfo: { name: "cita-calendar" } } });
  await walk(t, started.call, events);
  t.equal(
    started
      .notes()
      .split("\n")
      .filter((line) => line !== "").length,
    1,
    "only the link is said on stderr",
  );
});

t.test("kill -9 and a new start lose nothing, and two at once are one service", async (t) => {
  const { calls, env, events } = await openHome(t);
  const first = start(t, env);
  await first.begin();
  const { error } = await first.call("get_available_slots", { date_iso: monday });
  first.child.kill("SIGKILL");
  t.equal(await first.ended, "SIGKILL");

  const second = start(t, env);
  await second.begin();
  const again = await second.call("get_available_slots", { date_iso: monday });
  t.equal(again.error.connect_url, error.connect_url, "the link outlives the process");
  const third = start(t, env);
  await third.begin();
  t.match(await third.call("get_available_slots", { date_iso: monday }), {
    error: { code: "not_connected" },
  });
  await consent(error.connect_url);

  const { answer } = await second.call("get_available_slots", { date_iso: monday });
  const [slot] = answer.slots;
  const wish = { start_iso: slot.start, attendee_name: "Ana" };
  const both = await Promise.all([second.call("book", wish), third.call("book", wish)]);
  const outcomes = both.map((one) => one.answer?.status ?? one.error.code).sort();
  t.strictSame(outcomes, ["confirmed", "slot_taken"]);
  t.strictSame(await events(), ["Ana · Cita"]);

  calls.after("insert", async () => void second.child.kill("SIGKILL"));
  const later = { start_iso: answer.slots[4].start, attendee_name: "Bea" };
  await t.rejects(second.call("book", later));
  t.match((await third.call("list_bookings", {})).answer.bookings, { length: 1 });

  t.match(await third.call("get_available_slots", { date_iso: monday }), { answer: { from: monday } });
  const fourth = start(t, env);
  await fourth.begin();
  t.match((await fourth.call("list_bookings", {})).answer.bookings, [{ attendee_name: "Ana" }]);
  t.equal((await fourth.call("book", later)).error.code, "slot_taken", "what was being booked is still held");

  const asked = Promise.withResolvers<void>();
  calls.before("list", () => {
    asked.resolve();
    return sleep(1_500);
  });
  const unanswered = t.rejects(fourth.call("get_available_slots", { date_iso: monday, days: 14 }));
  await asked.promise;
  const begun = performance.now();
  fourth.child.stdin.end();
  t.equal(await fourth.ended, 0);
  t.ok(performance.now() - begun < 1_000, "a call under way doesn't keep it");
  await unanswered;
});

t.test(
  "garbage ends nothing, the end of stdin ends it within a second, and stdout is the protocol's",
  async (t) => {
    const { env, home } = await openHome(t);
    const started = start(t, env);
    await started.begin();
    started.child.stdin.write("garbage\n\u0000\n");
    await started.call("get_available_slots", { date_iso: monday }).catch(() => undefined);
    const begun = performance.now();
    started.child.stdin.end();
    t.equal(await started.ended, 0);
    t.ok(performance.now() - begun < 1_000);
    for (const line of started.lines) t.equal(JSON.parse(line).jsonrpc, "2.0");
    t.equal(started.lines.filter((line) => line.includes("-32700")).length, 2);

    const files = join(home, "data/cita");
    t.ok(readdirSync(files).includes("calendar.db"));
    t.equal(statSync(join(files, "token-encryption-key")).mode & 0o777, 0o600);
    const stored = readFileSync(join(files, "calendar.db"), "latin1");
    const [, token = ""] = /connect\/([\w-]{43})/.exec(started.notes()) ?? [];
    t.equal(token.length, 43);
    t.notMatch(stored, token, "the link isn't kept in the clear");
  },
);

t.test("it passes on the licences of what is in it", async (t) => {
  const licences = readFileSync(join(folder, "cita-calendar.licences.txt"), "utf8");
  for (const name of ["fastify", "kysely", "zod", "@modelcontextprotocol/server", "@googleapis/calendar"])
    t.match(licences, new RegExp(`^${name} \\d`, "m"));
  t.notMatch(licences, /^(better-sqlite3|@cita\/)/m);
});
