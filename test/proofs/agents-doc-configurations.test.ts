import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import t from "tap";
import {
  isProgram,
  jobDone,
  openAgentsService,
  openSdk1,
  readAgentsPage,
  root,
  withoutTap,
  wrongKey,
} from "../support/agents-page.ts";

const documentedUrl = "http://localhost:60000/mcp";
const page = readAgentsPage();
const { world, url, openBusiness, toEnvironment, runInBash, expectOneCancelled } = await openAgentsService(t);

type CallTool = (name: string, args: Record<string, unknown>) => Promise<Record<string, unknown>>;
type ToolAnswer = { structuredContent?: unknown; content?: unknown; isError?: unknown; toolResult?: unknown };
type Callable = { callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<ToolAnswer> };

/** The page's job, for clients that are configured rather than programmed. */
async function doJob(client: Callable) {
  const answer: CallTool = async (name, args) => {
    const called: ToolAnswer = await client.callTool({ name, arguments: args });
    const { structuredContent, content, isError } = called;
    const parsed = JSON.parse((content as { text: string }[])[0]?.text ?? "");
    if (
      isError ? structuredContent !== undefined : JSON.stringify(parsed) !== JSON.stringify(structuredContent)
    )
      throw new Error("the text and the structured content say different things");
    return parsed;
  };
  const job = Function("call", "console", `return (async () => {${page.block("ts job")}})();`);
  const printed: string[] = [];
  await job(answer, { log: (value: unknown) => printed.push(String(value)) });
  return printed;
}

type ServerConfig = { url: string; headers: Record<string, string> };
type CommandConfig = { command: string; args: string[]; env: Record<string, string> };

/** A configuration as the page has it, for our server and with a key in the place it is to be filled in. */
function configured(kind: string, key: string) {
  const json = page
    .block(`json ${kind}`)
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
      const client = await openSdk1(url, config.headers);
      t.equal((await client.listTools()).tools.length, 6);
      t.strictSame(await doJob(client), jobDone);
      await client.close();
      await expectOneCancelled(t, kind);
    });
  }
  t.match(JSON.parse(page.block("json vscode")), { inputs: [{ id: "cita-key", password: true }] });
});

/** A command started as a desktop program does it, and whatever it writes on the side. */
function startProxy({ command, args, env }: CommandConfig, key: string) {
  const transport = new StdioClientTransport({
    command: "env",
    args: [...withoutTap, command, ...args],
    env: { ...toEnvironment(key), ...env },
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
      await expectOneCancelled(t, "desktop");
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
      await expectOneCancelled(t, "bot");
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
    const call = page.block("sh inspector-call");
    // npx, which takes longer than all the rest, has been tried with one of them.
    const directly = call.replace("npx -y @modelcontextprotocol/inspector", "mcp-inspector");
    const [listed, called, refused, keptOut] = await Promise.all([
      runInBash(page.block("sh inspector-list"), key),
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
  const client = await openSdk1(url, { Accept: json, "Content-Type": json, Authorization: authorization });
  t.equal((await client.listTools()).tools.length, 6);
  await client.close();

  const asBot = {
    Authorization: `Bearer ${await openBusiness("n8n-bot", "attendee")}`,
    "X-Attendee-Phone": "",
  };
  const editing = await openSdk1(url, asBot);
  t.equal((await editing.listTools()).tools.length, 6, "also where the expression is still empty");
  await editing.close();
  const answering = await openSdk1(url, { ...asBot, "X-Attendee-Phone": "573001234567" });
  t.strictSame(await doJob(answering), jobDone);
  await answering.close();

  const step = (date: string) =>
    world.rpc(page.block("json n8n-http-request").replace("{{ $json.date_iso }}", date), { authorization });
  t.match((await step("2027-01-18")).body.result.structuredContent.slots[0], { label: jobDone[0] });
  const { status, body } = await step("tomorrow");
  t.strictSame([status, body.result.isError], [200, true]);
  t.equal(JSON.parse(body.result.content[0].text).error.code, "invalid_time");
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

t.test("every other block that has a name is used", async (t) => {
  const isOther = (name: string) => !isProgram(name);
  t.strictSame([...page.used].filter(isOther).sort(), page.names.filter(isOther).sort());
});

t.test("every link within the page leads to one of its parts", async (t) => {
  const anchors = [...page.text.matchAll(/^## (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading));
  const links = [...page.text.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = ""]) => anchor);
  t.ok(links.length > 0);
  for (const link of links) t.ok(anchors.includes(link), link);
});

/** As GitHub makes them. */
function anchorOf(heading: string): string {
  const kept = heading.toLowerCase().replaceAll(/[^a-z0-9 -]/g, "");
  return kept.replaceAll(" ", "-");
}
