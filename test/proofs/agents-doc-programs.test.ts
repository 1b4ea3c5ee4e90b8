import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CallToolResult, createMCPClient } from "@ai-sdk/mcp";
import { MultiServerMCPClient } from "@langchain/mcp-adapters";
import { Client, type ClientOptions, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import t from "tap";
import {
  isProgram,
  jobDone,
  openAgentsService,
  openSdk1,
  readAgentsPage,
  root,
  wrongKey,
} from "../support/agents-page.ts";

const page = readAgentsPage();
const { world, url, makeKey, openBusiness, run, runInBash, expectOneCancelled } = await openAgentsService(t);

/** The page's code for a library, and the job done with it. */
function program(kind: string): string {
  const closing = kind === "fetch" ? "export {};" : "await client.close();";
  return [page.block(`ts ${kind}`), page.block("ts job"), closing].join("\n");
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
      await expectOneCancelled(t, kind);
    });
  }

  t.test("python", async (t) => {
    const { stdout, stderr } = await run(
      "python3",
      ["-c", page.block("python python")],
      await openBusiness("python", "attendee"),
    );
    t.strictSame(stdout.trim().split("\n"), jobDone, stderr);
    await expectOneCancelled(t, "python");
  });

  t.test("curl", async (t) => {
    const key = await openBusiness("curl", "attendee");
    const lines = page.block("sh curl").trim().split("\n");
    const cancel = lines.pop() ?? "";
    const first = await runInBash(lines.join("\n"), key);
    const [found, booked, listed] = first.stdout.trim().split("\n").map(toStructured);
    t.match(found, { slots: [{ label: jobDone[0] }] });
    t.match(booked, { status: "confirmed" });
    t.match(listed, { bookings: [{ booking_id: booked.booking_id }] });
    const script = [...lines.slice(0, 4), cancel.replace("…", booked.booking_id)].join("\n");
    t.match(toStructured((await runInBash(script, key)).stdout), { status: "cancelled" });
    await expectOneCancelled(t, "curl");
  });
});

const toStructured = (line: string) => JSON.parse(line).result.structuredContent;

const headersWith = (key: string) => ({ Authorization: `Bearer ${key}` });
const openAiSdk = (key: string) =>
  createMCPClient({ transport: { type: "http", url, headers: headersWith(key) } });
const openLangChain = (key: string) =>
  new MultiServerMCPClient({
    prefixToolNameWithServerName: false,
    mcpServers: { cita: { transport: "http", url, headers: headersWith(key) } },
  });

async function openSdk2(key: string): Promise<Client> {
  const options: ClientOptions = { versionNegotiation: { mode: "auto" } };
  const client = new Client({ name: "sdk-2", version: "1.0.0" }, options);
  const requestInit = { headers: headersWith(key) };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
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
  const client = await openSdk2(key);
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
  const appointment = { start_iso: "2027-01-18T09:00:00-05:00", attendee_name: "Ana Pérez" };

  await t.test("with the AI SDK by an answer", async (t) => {
    const client = await openAiSdk(key);
    t.match(client.instructions, "wait for a yes");
    const { book } = await client.tools();
    const options = { toolCallId: "1", messages: [], context: {} };
    const output = (await book?.execute(appointment, options)) as CallToolResult;
    t.match(output, { isError: true, structuredContent: undefined });
    const shown = await book?.toModelOutput?.({ toolCallId: "1", input: appointment, output });
    const text = /"code":"not_connected".*"next_step":/;
    t.match(shown, { type: "content", value: [{ type: "text", text }] });
    await client.close();
  });

  await t.test("with LangChain by an exception", async (t) => {
    const client = openLangChain(key);
    const tools = await client.getTools();
    const book = async (args: object) => tools.find(({ name }) => name === "book")?.invoke(args);
    const message = /returned an error: \{"error":\{"code":"not_connected".*"next_step":/;
    await t.rejects(book(appointment), { name: "ToolException", message });
    await t.rejects(book({}), { message: "Received tool input did not match expected schema" });
    t.match((await client.getClient("cita"))?.getInstructions(), "wait for a yes");
    await client.close();
  });
});

t.test("a program learns of a wrong key as the page says", async (t) => {
  await t.rejects(openAiSdk(wrongKey), { name: "MCPClientError", statusCode: 401 });
  await t.rejects(openLangChain(wrongKey).getTools(), { message: /^Authentication failed/ });
  await t.rejects(openSdk2(wrongKey), { name: "SdkHttpError", status: 401 });
  const message = /The agent key is unknown, revoked or expired/;
  await t.rejects(openSdk1(url, headersWith(wrongKey)), { code: 401, message });
});

t.test("every block with a program is used", async (t) => {
  t.strictSame([...page.used].filter(isProgram).sort(), page.names.filter(isProgram).sort());
});
