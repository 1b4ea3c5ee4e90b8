import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { type CallToolResult, createMCPClient } from "@ai-sdk/mcp";
import { MultiServerMCPClient } from "@langchain/mcp-adapters";
import { Client, type ClientOptions, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { Client as EarlierClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as EarlierTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import t, { type Test } from "tap";
import { createWorld } from "../support/world.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(new URL("../../docs/agents.md", import.meta.url), "utf8");
const documentedUrl = "http://localhost:60000/mcp";

const used = new Set<string>();

/** The one fenced block of a kind: ```` ```json cursor ````. */
function block(kind: string): string {
  used.add(kind);
  const [found, ...others] = page.matchAll(new RegExp(`^\`\`\`${kind}\\n([\\s\\S]*?)^\`\`\`$`, "gm"));
  if (found?.[1] === undefined || others.length > 0) throw new Error(`there isn't one block ${kind}`);
  return found[1];
}

const world = await createWorld(t, {
  // As on a server elsewhere; and here all wrong keys come from one address.
  variables: { MCP_HEADER_ONLY: "false", FAILED_KEYS_PER_MINUTE: "1000" },
});
const url = `${world.mcpUrl}/mcp`;
const wrongKey = `cita_${"0".repeat(64)}`;

/** A connected business of its own, so that all can book nine o'clock at the same time. @returns an agent's key */
async function openBusiness(name: string, audience?: "attendee"): Promise<string> {
  await world.connected(name);
  return makeKey(name, audience);
}

async function makeKey(customerId: string, audience?: "attendee"): Promise<string> {
  const { body } = await world.api("POST", `/v1/customer-calendars/${customerId}/agent-keys`, {
    name: "bot",
    ...(audience && { audience }),
  });
  return body.key;
}

type Finished = { stdout: string; stderr: string; code: number | null };

/** tap hooks itself into each Node that a test starts, which is slow and no business of a client's. */
const plainly = ["-u", "NODE_OPTIONS"];

/** Runs a program as somebody with these two variables would, in the repository's folder. */
async function run(command: string, args: string[], key: string): Promise<Finished> {
  const child = spawn("env", [...plainly, command, ...args], {
    cwd: root,
    env: environment(key),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { stdout, stderr, code };
}

/** What npm, mcp-remote and the Inspector remember goes where it is removed again. */
function environment(key: string): Record<string, string> {
  const { PATH = "", NODE_COMPILE_CACHE } = process.env;
  return {
    PATH: `${join(root, "node_modules/.bin")}:${PATH}`,
    HOME: world.folder,
    CITA_URL: url,
    CITA_AGENT_KEY: key,
    CITA_ATTENDEE_PHONE: "573001234567",
    ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE: join(root, NODE_COMPILE_CACHE) }),
  };
}

const runInBash = (commands: string, key: string) => run("bash", ["-euo", "pipefail", "-c", commands], key);

/** What the job prints: found, booked, listed, refused, cancelled. */
const jobDone = ["lunes 18 de enero de 2027, 09:00", "confirmed", "1", "outside_hours", "cancelled"];

const standing = async (customerId: string) => {
  const { events } = await world.sandbox("GET", `events?email=${customerId}@example.com`);
  return events.map(({ summary, status }: { summary: string; status: string }) => [summary, status]);
};

/** The calendar itself knows of the job: one appointment, which was made and cancelled. */
async function leavesOneCancelled(t: Test, customerId: string): Promise<void> {
  t.strictSame(await standing(customerId), [["Ana Pérez · Cita", "cancelled"]]);
}

/** The page's code for a library, and the job done with it. */
function program(kind: string): string {
  const hangsUp = kind === "fetch" ? "export {};" : "await client.close();";
  return [block(`ts ${kind}`), block("ts job"), hangsUp].join("\n");
}

const libraries = ["fetch", "sdk-2", "sdk-1", "ai-sdk", "langchain"];

t.test("the page's TypeScript has no type errors", async (t) => {
  const folder = t.testdir(Object.fromEntries(libraries.map((kind) => [`${kind}.ts`, program(kind)])));
  const settings = { extends: join(root, "tsconfig.base.json"), include: ["*.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings));
  const { stdout, stderr, code } = await run("tsc", ["-p", folder], "");
  t.strictSame([code, stdout], [0, ""], stderr);
});

t.test("each library does the whole job for one person with the page's code", async (t) => {
  t.jobs = 3;
  for (const kind of libraries) {
    t.test(kind, async (t) => {
      const key = await openBusiness(kind, "attendee");
      const script = join(t.testdir(), `${kind}.ts`);
      writeFileSync(script, program(kind));
      const { stdout, stderr, code } = await run(process.execPath, [script], key);
      t.strictSame(stdout.trim().split("\n"), jobDone, stderr);
      t.equal(code, 0);
      await leavesOneCancelled(t, kind);
    });
  }

  t.test("python", async (t) => {
    const { stdout, stderr } = await run(
      "python3",
      ["-c", block("python python")],
      await openBusiness("python", "attendee"),
    );
    t.strictSame(stdout.trim().split("\n"), jobDone, stderr);
    await leavesOneCancelled(t, "python");
  });

  t.test("curl", async (t) => {
    const key = await openBusiness("curl", "attendee");
    const lines = block("sh curl").trim().split("\n");
    const cancel = lines.pop() ?? "";
    const first = await runInBash(lines.join("\n"), key);
    const [found, booked, listed] = first.stdout.trim().split("\n").map(toStructured);
    t.match(found, { slots: [{ label: jobDone[0] }] });
    t.match(booked, { status: "confirmed" });
    t.match(listed, { bookings: [{ booking_id: booked.booking_id }] });
    const script = [...lines.slice(0, 4), cancel.replace("…", booked.booking_id)].join("\n");
    t.match(toStructured((await runInBash(script, key)).stdout), { status: "cancelled" });
    await leavesOneCancelled(t, "curl");
  });
});

const toStructured = (line: string) => JSON.parse(line).result.structuredContent;

type CallTool = (name: string, args: Record<string, unknown>) => Promise<Record<string, unknown>>;
type ToolAnswer = { structuredContent?: unknown; content?: unknown; isError?: unknown; toolResult?: unknown };
type Callable = { callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<ToolAnswer> };

/** The page's job, for clients that are configured rather than programmed. */
async function doJob(client: Callable) {
  const answer: CallTool = async (name, args) => {
    const called: ToolAnswer = await client.callTool({ name, arguments: args });
    const { structuredContent, content, isError } = called;
    const told = JSON.parse((content as { text: string }[])[0]?.text ?? "");
    if (
      isError ? structuredContent !== undefined : JSON.stringify(told) !== JSON.stringify(structuredContent)
    )
      throw new Error("the text and the structured content say different things");
    return told;
  };
  const job = Function("call", "console", `return (async () => {${block("ts job")}})();`);
  const printed: string[] = [];
  await job(answer, { log: (value: unknown) => printed.push(String(value)) });
  return printed;
}

type ServerConfig = { url: string; headers: Record<string, string> };
type CommandConfig = { command: string; args: string[]; env: Record<string, string> };

/** A configuration as the page has it, for our server and with a key in the place it is to be filled in. */
function configured(kind: string, key: string) {
  const json = block(`json ${kind}`)
    .replaceAll(documentedUrl, url)
    .replaceAll(/cita_…|\$\{CITA_AGENT_KEY\}|\$\{env:CITA_AGENT_KEY\}|\$\{input:cita-key\}/g, key);
  const { mcpServers, servers } = JSON.parse(json);
  return (mcpServers ?? servers).cita;
}

t.test("each configuration by address and header does the whole job", async (t) => {
  t.jobs = 3;
  for (const kind of ["claude-code", "cursor", "vscode"]) {
    t.test(kind, async (t) => {
      const config: ServerConfig = configured(kind, await openBusiness(kind));
      t.equal(config.url, url);
      const client = await openEarlier(config.headers);
      t.equal((await client.listTools()).tools.length, 6);
      t.strictSame(await doJob(client), jobDone);
      await client.close();
      await leavesOneCancelled(t, kind);
    });
  }
  t.match(JSON.parse(block("json vscode")), { inputs: [{ id: "cita-key", password: true }] });
});

/** A command started as a desktop program does it, and whatever it writes on the side. */
function startProxy({ command, args, env }: CommandConfig, key: string) {
  const transport = new StdioClientTransport({
    command: "env",
    args: [...plainly, command, ...args],
    env: { ...environment(key), ...env },
    cwd: root,
    stderr: "pipe",
  });
  let log = "";
  transport.stderr?.on("data", (chunk) => {
    log += chunk;
  });
  return { transport, log: () => log };
}

t.test(
  "mcp-remote, as Claude Desktop starts it, does the whole job and says when the key is wrong",
  async (t) => {
    t.jobs = 2;
    t.test("with the right key", async (t) => {
      const key = await openBusiness("desktop");
      const { transport, log } = startProxy(configured("claude-desktop", key), key);
      const client = new Client({ name: "claude-ai", version: "1.0.0" });
      await client.connect(transport);
      t.equal((await client.listTools()).tools.length, 6);
      t.match(client.getInstructions(), "espera un sí");
      t.strictSame(await doJob(client), jobDone);
      await client.close();
      t.notMatch(log(), "cita_", "the key isn't in what Claude Desktop writes into its log");
      await leavesOneCancelled(t, "desktop");
    });
    t.test("for one person of a bot", async (t) => {
      const key = await openBusiness("bot", "attendee");
      const { args, ...config }: CommandConfig = configured("mcp-remote-bot", key);
      const [, command = "", ...rest] = args;
      const { transport, log } = startProxy({ ...config, command, args: rest }, key);
      const client = new Client({ name: "bot", version: "1.0.0" });
      await client.connect(transport);
      t.strictSame(await doJob(client), jobDone);
      await client.close();
      t.notMatch(log(), "cita_");
      await leavesOneCancelled(t, "bot");
    });
    t.test("with a wrong one", async (t) => {
      const { args, env }: CommandConfig = configured("claude-desktop", wrongKey);
      const [, command = "", ...rest] = args;
      // Without npx, which has been tried by now, and takes longer than all the rest.
      const { transport, log } = startProxy({ command, args: rest, env }, wrongKey);
      const client = new Client({ name: "claude-ai", version: "1.0.0" });
      await t.rejects(client.connect(transport), { message: "Connection closed" });
      t.match(log(), "Dynamic Client Registration rejected (HTTP 404)");
    });
  },
);

t.test(
  "the Inspector finds nothing to complain about, and tells refusals and wrong keys apart",
  async (t) => {
    const key = await openBusiness("inspector");
    const call = block("sh inspector-call");
    // npx, which takes longer than all the rest, has been tried with one of them.
    const directly = call.replace("npx -y @modelcontextprotocol/inspector", "mcp-inspector");
    const [listed, called, refused, keptOut] = await Promise.all([
      runInBash(block("sh inspector-list"), key),
      runInBash(directly, key),
      runInBash(directly.replace("date_iso=2027-01-18", "date_iso=tomorrow"), key),
      runInBash(directly, wrongKey),
    ]);
    t.not(directly, call);
    t.equal(JSON.parse(listed.stdout).tools.length, 6);
    t.strictSame([listed.code, listed.stderr.includes("Suggestion:")], [0, false], listed.stderr);
    t.match(JSON.parse(called.stdout).structuredContent, { slots: [{ label: jobDone[0] }] });
    t.match(JSON.parse(refused.stdout), { isError: true, content: [{ text: /"code":"invalid_time"/ }] });
    t.equal(refused.code, 5);
    t.equal(keptOut.code, 3);
  },
);

t.test("n8n: its node's requests connect, and the page's body is a workflow's step", async (t) => {
  const authorization = `Bearer ${await openBusiness("n8n")}`;
  const json = "application/json";
  const client = await openEarlier({ Accept: json, "Content-Type": json, Authorization: authorization });
  t.equal((await client.listTools()).tools.length, 6);
  await client.close();

  const asBot = {
    Authorization: `Bearer ${await openBusiness("n8n-bot", "attendee")}`,
    "X-Attendee-Phone": "",
  };
  const editing = await openEarlier(asBot);
  t.equal((await editing.listTools()).tools.length, 6, "also where the expression is still empty");
  await editing.close();
  const answering = await openEarlier({ ...asBot, "X-Attendee-Phone": "573001234567" });
  t.strictSame(await doJob(answering), jobDone);
  await answering.close();

  const step = (date: string) =>
    world.rpc(block("json n8n-http-request").replace("{{ $json.date_iso }}", date), { authorization });
  t.match((await step("2027-01-18")).body.result.structuredContent.slots[0], { label: jobDone[0] });
  const { status, body } = await step("tomorrow");
  t.strictSame([status, body.result.isError], [200, true]);
  t.equal(JSON.parse(body.result.content[0].text).error.code, "invalid_time");
});

const headersWith = (key: string) => ({ Authorization: `Bearer ${key}` });
const openAiSdk = (key: string) =>
  createMCPClient({ transport: { type: "http", url, headers: headersWith(key) } });
const openLangChain = (key: string) =>
  new MultiServerMCPClient({
    prefixToolNameWithServerName: false,
    mcpServers: { cita: { transport: "http", url, headers: headersWith(key) } },
  });

async function openLater(key: string): Promise<Client> {
  const options: ClientOptions = { versionNegotiation: { mode: "auto" } };
  const client = new Client({ name: "later", version: "1.0.0" }, options);
  const requestInit = { headers: headersWith(key) };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  return client;
}

async function openEarlier(headers: Record<string, string>): Promise<EarlierClient> {
  const client = new EarlierClient({ name: "earlier", version: "1.0.0" });
  await client.connect(new EarlierTransport(new URL(url), { requestInit: { headers } }));
  return client;
}

/** What a model has to fill in, and what it may. */
const expectedArguments = {
  get_business_info: [[], []],
  get_available_slots: [["date_iso"], ["days", "duration_minutes", "service"]],
  book: [
    ["attendee_name", "start_iso"],
    ["attendee_email", "attendee_phone", "duration_minutes", "idempotency_key", "notes", "service"],
  ],
  list_bookings: [[], ["attendee_email", "attendee_phone", "from", "to"]],
  reschedule_booking: [["booking_id", "start_iso"], []],
  cancel_booking: [["booking_id"], []],
};

function argumentsOf({
  properties = {},
  required = [],
}: {
  properties?: object | undefined;
  required?: string[] | undefined;
}) {
  const optional = Object.keys(properties).filter((name) => !required.includes(name));
  return [[...required].sort(), optional.sort()];
}

type Described = [name: string, schema: unknown, description: unknown][];

t.test("all that a tool says of itself survives the AI SDK and LangChain", async (t) => {
  const key = await openBusiness("converted");
  const aiSdk = await openAiSdk(key);
  const langChain = openLangChain(key);
  const client = await openLater(key);
  t.equal(client.getNegotiatedProtocolVersion(), "2026-07-28");

  const { tools } = await client.listTools();
  const listed: Described = tools.map((tool) => [tool.name, tool.inputSchema, tool.description]);
  const forAiSdk: Described = Object.entries(await aiSdk.tools()).map(([name, tool]) => [
    name,
    Object(tool.inputSchema).jsonSchema,
    tool.description,
  ]);
  const forLangChain: Described = (await langChain.getTools()).map((tool) => [
    tool.name,
    tool.schema,
    tool.description,
  ]);
  t.strictSame(forAiSdk, listed);
  t.strictSame(forLangChain, listed);
  const asked = tools.map(({ name, inputSchema }) => [name, argumentsOf(inputSchema)]);
  t.strictSame(Object.fromEntries(asked), expectedArguments);
  await Promise.all([aiSdk.close(), langChain.close(), client.close()]);
});

t.test("a model learns of a refusal as the page says", async (t) => {
  await world.connect("fresh");
  const key = await makeKey("fresh");
  const wish = { start_iso: "2027-01-18T09:00:00-05:00", attendee_name: "Ana Pérez" };

  await t.test("with the AI SDK by an answer", async (t) => {
    const client = await openAiSdk(key);
    t.match(client.instructions, "wait for a yes");
    const { book } = await client.tools();
    const options = { toolCallId: "1", messages: [], context: {} };
    const output = (await book?.execute(wish, options)) as CallToolResult;
    t.match(output, { isError: true, structuredContent: undefined });
    const shown = await book?.toModelOutput?.({ toolCallId: "1", input: wish, output });
    const text = /"code":"not_connected".*"next_step":/;
    t.match(shown, { type: "content", value: [{ type: "text", text }] });
    await client.close();
  });

  await t.test("with LangChain by an exception", async (t) => {
    const client = openLangChain(key);
    const tools = await client.getTools();
    const book = async (args: object) => tools.find(({ name }) => name === "book")?.invoke(args);
    const message = /returned an error: \{"error":\{"code":"not_connected".*"next_step":/;
    await t.rejects(book(wish), { name: "ToolException", message });
    await t.rejects(book({}), { message: "Received tool input did not match expected schema" });
    t.match((await client.getClient("cita"))?.getInstructions(), "wait for a yes");
    await client.close();
  });
});

t.test("a program learns of a wrong key as the page says", async (t) => {
  await t.rejects(openAiSdk(wrongKey), { name: "MCPClientError", statusCode: 401 });
  await t.rejects(openLangChain(wrongKey).getTools(), { message: /^Authentication failed/ });
  await t.rejects(openLater(wrongKey), { name: "SdkHttpError", status: 401 });
  const message = /The agent key is unknown, revoked or expired/;
  await t.rejects(openEarlier(headersWith(wrongKey)), { code: 401, message });
});

t.test("the configurations of cita-calendar start its file with plain node", async (t) => {
  for (const kind of ["claude-desktop-stdio", "vscode-stdio"]) {
    t.match(configured(kind, ""), {
      command: "node",
      args: ["/path/to/cita/dist/cita-calendar.js"],
      env: { GOOGLE_CLIENT_ID: "…", GOOGLE_CLIENT_SECRET: "…" },
    });
  }
});

t.test("every block that has a name is used", async (t) => {
  const named = [...page.matchAll(/^```(\w+ \S+)$/gm)].map(([, kind = ""]) => kind);
  t.strictSame([...used].sort(), named.sort());
});

t.test("every link within the page leads to one of its parts", async (t) => {
  const anchors = [...page.matchAll(/^## (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading));
  const links = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = ""]) => anchor);
  t.ok(links.length > 0);
  for (const link of links) t.ok(anchors.includes(link), link);
});

/** As GitHub makes them. */
function anchorOf(heading: string): string {
  const kept = heading.toLowerCase().replaceAll(/[^a-z0-9 -]/g, "");
  return kept.replaceAll(" ", "-");
}
