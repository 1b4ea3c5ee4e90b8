import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import t from "tap";
import { dataFolder, stdioConfigSchema } from "../apps/mcp-calendar/src/stdio/config.ts";
import { startStdio } from "../apps/mcp-calendar/src/stdio/start-stdio.ts";
import { runScript } from "./support/command.ts";
import { createLineClient, initialize, toolCall } from "./support/line-client.ts";
import { openStdio, overHttp } from "./support/stdio.ts";
import { createWorld } from "./support/world.ts";

const monday = "2027-01-18";
const at = (time: string) => `${monday}T${time}:00-05:00`;

t.test("over HTTP and over stdio the answers are the same, byte for byte", async (t) => {
  const world = await createWorld(t, { engine: "sqlite" });
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
  const world = await createWorld(t, { engine: "sqlite" });
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

t.test(
  "after one reading of a calendar the next process too says its date in the instructions",
  async (t) => {
    const world = await createWorld(t, { engine: "sqlite" });
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

t.test("what can't be read is answered, and ends nothing", async (t) => {
  const world = await createWorld(t, { engine: "sqlite" });
  const stdio = await openStdio(t, world, "owner");
  const answerTo = async (line: string) => {
    stdio.write(line);
    return JSON.parse(await stdio.next());
  };
  t.match(await answerTo("garbage"), { id: null, error: { code: -32_700 } });
  t.match(await answerTo('{"jsonrpc":"2.0",'), { id: null, error: { code: -32_700 } });
  t.match(await answerTo('[{"jsonrpc":"2.0","id":1,"method":"ping"}]'), {
    id: null,
    error: { code: -32_600 },
  });
  t.match(await answerTo('{"id":5,"method":"ping"}'), { id: 5, error: { code: -32_600 } });
  t.match(await answerTo('"text"'), { id: null, error: { code: -32_600 } });
  t.match(await answerTo(`{"pad":"${"x".repeat(300_000)}"}`), {
    id: null,
    error: { code: -32_600, message: "long" },
  });
  t.match(await answerTo("\u0000\uffff"), { error: { code: -32_700 } });
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
