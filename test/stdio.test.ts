import { readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import t, { type Test } from "tap";
import { dataFolder, stdioConfigSchema } from "../apps/mcp-calendar/src/stdio/config.ts";
import { startStdio } from "../apps/mcp-calendar/src/stdio/start-stdio.ts";
import { runScript } from "./support/command.ts";
import { freePort } from "./support/free-port.ts";
import { createLineClient, initialize, toolCall } from "./support/line-client.ts";
import { googleVariables } from "./support/local-google.ts";
import { createWorld, type World } from "./support/world.ts";

/** `cita-calendar` for a customer's own client, over the database of the service over HTTP. */
async function openStdio(t: Test, world: World, customerId: string, variables: object = {}) {
  const config = stdioConfigSchema.parse({
    ...googleVariables(world.google),
    DATABASE_URL: `file:${join(world.folder, "calendar.db")}`,
    TOKEN_ENCRYPTION_KEY: world.encryptionKey,
    CALENDAR_CACHE_SECONDS: 0,
    CUSTOMER_ID: customerId,
    MCP_PORT: await freePort(),
    ...variables,
  });
  const [input, output, notes] = [new PassThrough(), new PassThrough(), new PassThrough()];
  notes.setEncoding("utf8");
  const service = await startStdio(config, { input, output, notes, now: world.now });
  t.teardown(() => service.close());
  const client = createLineClient(input, output);
  return { ...client, input, service, notes: () => String(notes.read() ?? ""), port: config.MCP_PORT };
}

/** The same request over HTTP, as bytes. */
async function overHttp(world: World, customerId: string, message: object): Promise<string> {
  const response = await fetch(`${world.mcpUrl}/mcp`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-customer-id": customerId },
    body: JSON.stringify({ jsonrpc: "2.0", ...message }),
  });
  return response.text();
}

const monday = "2027-01-18";
const at = (time: string) => `${monday}T${time}:00-05:00`;

t.test("over HTTP and over stdio the answers are the same, byte for byte", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna", {
    events: [{ summary: "Dentist", start: at("10:00"), end: at("11:00") }],
  });
  await world.api("PUT", "/v1/customer-calendars/luna/schedule", { time_zone: "America/Bogota" });
  const stdio = await openStdio(t, world, "luna");

  const ana = { attendee_name: "Ana Pérez", attendee_phone: "+57 300 123 4567" };
  const book = toolCall(7, "book", { start_iso: at("09:00"), ...ana, idempotency_key: "ana-1" });
  const booked = JSON.parse(await overHttp(world, "luna", book));
  const { booking_id } = booked.result.structuredContent;
  const messages = [
    initialize(),
    { id: 1, method: "ping" },
    { id: 2, method: "tools/list" },
    { id: 14, method: "resources/list" },
    { id: 15, method: "prompts/list" },
    { id: 3, method: "no/such/method" },
    toolCall(4, "get_business_info", {}),
    toolCall(5, "get_available_slots", { date_iso: monday, days: 7 }),
    toolCall(6, "get_available_slots", { date_iso: "2020-01-01" }),
    book,
    toolCall(8, "book", { start_iso: at("10:00"), ...ana }),
    toolCall(9, "book", { start_iso: "18 January", ...ana }),
    toolCall(10, "list_bookings", { attendee_phone: "+573001234567" }),
    toolCall(11, "cancel_booking", { booking_id: "made-up" }),
    toolCall(12, "no_such_tool", {}),
    toolCall(13, "get_available_slots", {}),
    { id: 16, method: "initialize", params: { protocolVersion: 5 } },
    ...[
      `{"date_iso":"${monday}"}`,
      null,
      "",
      [],
      ["x"],
      5,
      { toolCallId: "c", date_iso: monday, days: "2" },
    ].map((args, index) => ({
      ...toolCall(30 + index, "get_available_slots", {}),
      params: { name: "get_available_slots", arguments: args },
    })),
    { id: 40, method: "tools/list", params: null },
    { id: 41, method: "tools/list", params: [] },
  ];
  for (const message of messages) {
    const line = await stdio.request(message);
    t.equal(line, await overHttp(world, "luna", message), `${message.id} ${message.method}`);
  }
  t.match(JSON.parse(await stdio.request(toolCall(20, "cancel_booking", { booking_id }))), {
    result: { structuredContent: { booking_id, status: "cancelled" } },
  });
  const slots = toolCall(21, "get_available_slots", { date_iso: monday });
  const free = await stdio.request(slots);
  t.match(free, at("09:00"), "a time that is given back over one transport is offered over the other");
  t.equal(free, await overHttp(world, "luna", slots));
});

t.test("a line may begin with a byte order mark, the first and any other", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const stdio = await openStdio(t, world, "luna");
  for (const message of [initialize(), { id: 1, method: "ping" }, { id: 2, method: "tools/list" }]) {
    stdio.write(`\ufeff${JSON.stringify({ jsonrpc: "2.0", ...message })}\r`);
    t.match(JSON.parse(await stdio.next()), { id: message.id, result: {} });
  }
  stdio.write("\ufeff{");
  t.match(JSON.parse(await stdio.next()), { error: { code: -32700 } });
  stdio.write("\ufeff");
  t.match(
    JSON.parse(await stdio.request({ id: 3, method: "ping" })),
    { id: 3 },
    "nothing but the mark is nothing",
  );
});

t.test("the owner's client gets the link, and after the consent the same call works", async (t) => {
  const world = await createWorld(t);
  const stdio = await openStdio(t, world, "owner");
  await stdio.request(initialize());
  const slots = toolCall(1, "get_available_slots", { date_iso: monday });
  const { error } = readError(await stdio.request(slots));
  t.match(error, {
    code: "not_connected",
    retryable: true,
    message: error.connect_url,
    connect_url: new RegExp(`^http://localhost:${stdio.port}/connect/[\\w-]{43}$`),
  });
  t.equal(stdio.notes().trim(), `To connect the calendar, open ${error.connect_url}`);
  const again = readError(await stdio.request(slots));
  t.equal(again.error.connect_url, error.connect_url, "the link is the same until it is used");
  t.equal(stdio.notes(), "", "and is told once");

  await world.sandbox("POST", "accounts", {
    email: "me@example.com",
    time_zone: "America/Bogota",
    events: [],
  });
  const page = await world.consent(error.connect_url, { account: "me@example.com" });
  t.match(page, { status: 200, text: /Your calendar is connected/ });
  t.match(JSON.parse(await stdio.request(slots)), { result: { structuredContent: { from: monday } } });
  await t.rejects(fetch(`http://localhost:${stdio.port}/`), "nothing listens any more");

  await world.sandbox("POST", "expire-access-tokens");
  await world.sandbox("POST", "revoke", { email: "me@example.com" });
  const lost = readError(await stdio.request(slots));
  t.match(lost.error, { code: "reconnect_required", connect_url: `http://localhost:${stdio.port}/connect/` });
  t.not(lost.error.connect_url, error.connect_url);
  await world.sandbox("DELETE", "faults");
  t.match(await world.consent(lost.error.connect_url, { account: "me@example.com" }), { status: 200 });
  t.match(JSON.parse(await stdio.request(slots)), { result: { structuredContent: { from: monday } } });
});

t.test("a client that Google refuses is said plainly to the owner, and to nobody else", async (t) => {
  const world = await createWorld(t);
  const wrong = { GOOGLE_CLIENT_SECRET: "mistyped-secret" };
  const plain = /Google doesn't accept the client ID or the client secret/;
  const remedy = /GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET/;
  const slots = toolCall(1, "get_available_slots", { date_iso: monday });
  const open = async (variables: object) => {
    const stdio = await openStdio(t, world, "owner", variables);
    await stdio.request(initialize());
    return { ...stdio, ask: async () => readError(await stdio.request(slots)).error };
  };

  const mistyped = await open(wrong);
  const { connect_url } = await mistyped.ask();
  const page = await world.consent(connect_url, { account: "me@example.com" });
  t.match(page, {
    status: 502,
    text: /Google doesn.+t accept[\s\S]+GOOGLE_CLIENT_SECRET[\s\S]+client_refused/,
  });
  const refused = await mistyped.ask();
  t.match(refused, { code: "not_connected", message: String, next_step: plain, retryable: false });
  t.notOk("connect_url" in refused, "the link can't work");
  const notes = mistyped.notes();
  t.match(notes, plain);
  t.match(notes, remedy);
  await mistyped.service.close();

  const right = await open({});
  await world.consent((await right.ask()).connect_url, { account: "me@example.com" });
  t.match(JSON.parse(await right.request(slots)), { result: { structuredContent: { from: monday } } });
  await right.service.close();

  await world.sandbox("POST", "expire-access-tokens");
  const later = await open(wrong);
  const lost = await later.ask();
  t.match(lost, { code: "calendar_unavailable", message: String, next_step: plain, retryable: false });
  for (const said of [page.text, notes, later.notes(), JSON.stringify([refused, lost])]) {
    t.notMatch(said, wrong.GOOGLE_CLIENT_SECRET);
  }

  const body = { error: "invalid_client" };
  await world.sandbox("POST", "faults", { path: "/token", status: 401, body });
  const { error } = readError(await overHttp(world, "owner", slots));
  t.match(error, { code: "calendar_unavailable", retryable: true });
  const { body: sol } = await world.connect("sol");
  const told = await world.consent(sol.shareable_link);
  t.match(told, { status: 502, text: /exchange_failed/ });
  for (const said of [JSON.stringify(error), told.text]) t.notMatch(said, "GOOGLE_CLIENT");
});

t.test(
  "a calendar that Google refuses is said plainly to the owner, on the page and by the tools",
  async (t) => {
    const world = await createWorld(t);
    const stdio = await openStdio(t, world, "owner");
    await stdio.request(initialize());
    const slots = toolCall(1, "get_available_slots", { date_iso: monday });
    const ask = async () => readError(await stdio.request(slots)).error;
    const { connect_url } = await ask();
    await world.sandbox("POST", "faults", { path: "/calendar/v3/", reason: "accessNotConfigured" });
    const page = await world.consent(connect_url, { account: "me@example.com" });
    t.match(page, { status: 200, text: /calendar_not_set_up/ });
    const told = {
      code: "calendar_unavailable",
      message: "I can't use your calendar, and that won't pass by itself.",
      next_step:
        /Don't say that there is no availability\. Tell the person: .*API isn't switched on.*Enable it/,
      retryable: false,
    };
    t.match(await ask(), told);
    await world.sandbox("DELETE", "faults");
    t.match(JSON.parse(await stdio.request(slots)), { result: { structuredContent: { from: monday } } });
  },
);

t.test(
  "after one reading of a calendar the next process too says its date in the instructions",
  async (t) => {
    const world = await createWorld(t);
    // Google doesn't answer right after the consent.
    await world.sandbox("POST", "faults", { path: "/calendar/v3/", status: 503 });
    await world.connected("luna");
    await world.sandbox("DELETE", "faults");
    const readInstructions = async () => {
      const stdio = await openStdio(t, world, "luna");
      const { result } = JSON.parse(await stdio.request(initialize()));
      await stdio.request(toolCall(1, "get_available_slots", { date_iso: monday }));
      await stdio.service.close();
      return result.instructions;
    };
    t.match(await readInstructions(), "Call get_business_info first: it tells today's date");
    t.match(await readInstructions(), "Allí hoy es domingo 2027-01-17 (zona horaria America/Bogota).");
  },
);

t.test("an agent over HTTP never gets a link, whatever it declares", async (t) => {
  const world = await createWorld(t);
  await world.connect("luna");
  const slots = toolCall(1, "get_available_slots", { date_iso: monday });
  const declared = { elicitation: { url: {} } };
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": declared,
  };
  const modern = { ...slots, jsonrpc: "2.0", params: { ...slots.params, _meta } };
  const headers = {
    "x-customer-id": "luna",
    accept: "application/json, text/event-stream",
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": "tools/call",
    "mcp-name": "get_available_slots",
  };
  const answers = [
    await overHttp(world, "luna", slots),
    JSON.stringify((await world.rpc(modern, headers)).body),
  ];
  await world.connected("sol");
  await world.sandbox("POST", "expire-access-tokens");
  await world.sandbox("POST", "revoke", { email: "sol@example.com" });
  answers.push(await overHttp(world, "sol", slots));
  const codes = answers.map((answer) => readError(answer).error.code);
  t.strictSame(codes, ["not_connected", "not_connected", "reconnect_required"]);
  for (const answer of answers) t.notMatch(answer, /connect_url|\/connect\/|https?:|-32042|input_required/);
});

t.test("a client that can open links is asked to, by the means of its era", async (t) => {
  const world = await createWorld(t);
  const slots = toolCall(1, "get_available_slots", { date_iso: monday });
  const url = /^http:\/\/localhost:\d+\/connect\/[\w-]{43}$/;

  const legacy = await openStdio(t, world, "owner");
  await legacy.request(initialize({ elicitation: { url: {} } }));
  t.match(JSON.parse(await legacy.request(slots)), {
    error: { code: -32_042, data: { elicitations: [{ mode: "url", url, elicitationId: /./ }] } },
  });
  const form = await openStdio(t, world, "owner", { MCP_PORT: legacy.port });
  await form.request(initialize({ elicitation: { form: {} } }));
  t.match(readError(await form.request(slots)).error, { code: "not_connected", connect_url: url });

  const modern = await openStdio(t, world, "owner", { MCP_PORT: legacy.port });
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": { elicitation: { url: {} } },
  };
  const asked = JSON.parse(await modern.request({ ...slots, params: { ...slots.params, _meta } }));
  t.match(asked.result, {
    resultType: "input_required",
    inputRequests: { connect: { method: "elicitation/create", params: { mode: "url", url } } },
  });
  const inputResponses = { connect: { action: "accept" } };
  const retried = await modern.request({ ...slots, params: { ...slots.params, _meta, inputResponses } });
  t.match(readError(retried).error, { code: "not_connected", connect_url: url }, "it isn't asked in circles");
});

t.test("a port that another program has is said, and no link is given away", async (t) => {
  const world = await createWorld(t);
  const slots = toolCall(1, "get_available_slots", { date_iso: monday });
  const paths: string[] = [];
  const stranger = createServer((request, response) => {
    paths.push(request.url ?? "");
    response.end('{"proof":"mine"}');
  });
  const port = await freePort();
  await new Promise<void>((resolve) => stranger.listen(port, "127.0.0.1", resolve));
  t.teardown(() => stranger.close());
  const stdio = await openStdio(t, world, "owner", { MCP_PORT: port });
  await stdio.request(initialize());
  const { error } = readError(await stdio.request(slots));
  t.match(error, { code: "not_connected", message: String, next_step: `Port ${port} of this computer` });
  t.notOk("connect_url" in error);
  t.match(stdio.notes(), `Port ${port}`);
  t.match(paths, [/^\/proof\/[\w-]{36}$/]);

  stranger.closeAllConnections();
  await new Promise((resolve) => stranger.close(resolve));
  t.match(readError(await stdio.request(slots)).error, { connect_url: `http://localhost:${port}/connect/` });
  const second = await openStdio(t, world, "owner", { MCP_PORT: port });
  await second.request(initialize());
  const { connect_url } = readError(await second.request(slots)).error;
  t.match(connect_url, `http://localhost:${port}/connect/`, "of our own two the first serves the pages");
  t.match(await world.consent(connect_url, { account: "me@example.com" }), { status: 200 });
  t.match(JSON.parse(await second.request(slots)), { result: { structuredContent: { from: monday } } });
});

t.test("what can't be read is answered, and ends nothing", async (t) => {
  const world = await createWorld(t);
  const stdio = await openStdio(t, world, "owner");
  const told = async (line: string) => {
    stdio.write(line);
    return JSON.parse(await stdio.next());
  };
  t.match(await told("garbage"), { id: null, error: { code: -32_700 } });
  t.match(await told('{"jsonrpc":"2.0",'), { id: null, error: { code: -32_700 } });
  t.match(await told('[{"jsonrpc":"2.0","id":1,"method":"ping"}]'), { id: null, error: { code: -32_600 } });
  t.match(await told('{"id":5,"method":"ping"}'), { id: 5, error: { code: -32_600 } });
  t.match(await told('"text"'), { id: null, error: { code: -32_600 } });
  t.match(await told(`{"pad":"${"x".repeat(300_000)}"}`), {
    id: null,
    error: { code: -32_600, message: "long" },
  });
  t.match(await told("\u0000\uffff"), { error: { code: -32_700 } });
  stdio.write("");
  const [begin, end] = ['{"jsonrpc":"2.0","id":"ñ","met', 'hod":"ping"}\r\n'];
  stdio.input.write(begin);
  stdio.input.write(end);
  t.match(JSON.parse(await stdio.next()), { id: "ñ", result: {} }, "a line may come in pieces");
  const bytes = Buffer.from('{"jsonrpc":"2.0","id":"ñ","method":"ping"}\n');
  const middle = bytes.indexOf("ñ") + 1;
  stdio.input.write(bytes.subarray(0, middle));
  await new Promise(setImmediate);
  stdio.input.write(bytes.subarray(middle));
  t.match(JSON.parse(await stdio.next()), { id: "ñ", result: {} }, "and be cut within a character");

  stdio.input.end();
  await stdio.service.ended;
});

t.test("all that is wrong with the configuration is said at once, on stderr", async (t) => {
  const env = {
    MCP_PORT: "0",
    DATABASE_URL: "file::memory:",
    TOKEN_ENCRYPTION_KEY: "secret",
    CUSTOMER_ID: "a b",
  };
  const started = runScript(t, "apps/mcp-calendar/src/stdio.ts", { cwd: t.testdir(), env });
  const stdout: string[] = [];
  started.child.stdout?.on("data", (text: string) => stdout.push(text));
  t.equal(await started.ended, 1);
  t.match(started.output(), /^cita-calendar can't start\. The configuration has 6 problems:/);
  const names = ["GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET", ...Object.keys(env)];
  for (const name of names) t.match(started.output(), `  - ${name} `);
  t.notMatch(started.output(), "secret");
  t.strictSame(stdout, []);
});

t.test("a key that can't be had is said by its file, with what to do", async (t) => {
  const cwd = t.testdir({ taken: "a file", spoilt: { "token-encryption-key": "half of a k" } });
  const start = (folder: string) => {
    const [input, output, notes] = [new PassThrough(), new PassThrough(), new PassThrough()];
    const google = { GOOGLE_CLIENT_ID: "id", GOOGLE_CLIENT_SECRET: "secret" };
    const DATABASE_URL = `file:${join(cwd, folder, "calendar.db")}`;
    return startStdio(stdioConfigSchema.parse({ ...google, DATABASE_URL }), { input, output, notes });
  };
  const fileOf = (folder: string) => join(cwd, folder, "token-encryption-key");
  await t.rejects(start("taken/cita"), {
    code: "key_unreadable",
    message: `The encryption key ${fileOf("taken/cita")} can be neither read nor made (ENOTDIR). Its folder`,
    cause: { code: "ENOTDIR" },
  });
  const spoilt = { code: "key_unusable", message: `${fileOf("spoilt")} holds no encryption key` };
  await t.rejects(start("spoilt"), { ...spoilt, cause: { code: "invalid_key" } });
  t.equal(readFileSync(fileOf("spoilt"), "utf8"), "half of a k", "it isn't replaced");
});

t.test("what it keeps is in the user's own folder, for nobody else", async (t) => {
  const cwd = t.testdir();
  const env = {
    XDG_DATA_HOME: join(cwd, "xdg"),
    HOME: cwd,
    GOOGLE_CLIENT_ID: "id",
    GOOGLE_CLIENT_SECRET: "secret",
  };
  const folder = dataFolder(process.platform, cwd, env);
  const both = [0, 1].map(() => runScript(t, "apps/mcp-calendar/src/stdio.ts", { cwd, env }));
  for (const { child } of both) {
    if (child.stdin === null || child.stdout === null) throw new Error("it has no pipes");
    const client = createLineClient(child.stdin, child.stdout);
    t.match(JSON.parse(await client.request(initialize())), {
      result: { serverInfo: { name: "cita-calendar" } },
    });
  }
  const key = join(folder, "token-encryption-key");
  t.equal(statSync(folder).mode & 0o777, 0o700);
  t.equal(statSync(key).mode & 0o777, 0o600);
  t.match(readFileSync(key, "utf8"), /^[\w-]{43}=\n$/, "two first starts at once have made one key");
  t.ok(statSync(join(folder, "calendar.db")).size > 0);
  for (const { child, ended } of both) {
    const begun = performance.now();
    child.stdin?.end();
    t.equal(await ended, 0);
    t.ok(performance.now() - begun < 1_000, "it ends within a second");
  }
});

t.test("each platform has its folder", async (t) => {
  t.equal(dataFolder("linux", "/home/ana", {}), "/home/ana/.local/share/cita");
  t.equal(dataFolder("linux", "/home/ana", { XDG_DATA_HOME: "/data" }), "/data/cita");
  t.equal(dataFolder("linux", "/home/ana", { XDG_DATA_HOME: "data" }), "/home/ana/.local/share/cita");
  t.equal(dataFolder("darwin", "/Users/ana", {}), "/Users/ana/Library/Application Support/Cita");
  t.equal(dataFolder("win32", "C:\\Users\\ana", {}), "C:\\Users\\ana\\AppData\\Roaming\\Cita");
  t.equal(dataFolder("win32", "C:\\Users\\ana", { APPDATA: "D:\\Roaming" }), "D:\\Roaming\\Cita");
});

function readError(answer: string) {
  const { result } = JSON.parse(answer);
  if (result.isError !== true || "structuredContent" in result) throw new Error(`it is no error: ${answer}`);
  return JSON.parse(result.content[0].text);
}
