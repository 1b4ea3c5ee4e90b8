import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { createWorld, readToolResult, type World } from "./support/world.ts";

const luna = { "x-customer-id": "luna" };
const callOf = (name: string, args: unknown, id: unknown = 7) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name, arguments: args },
});
const callSlots = callOf("get_available_slots", { date_iso: "2027-01-18" });

/** A world in which a customer, or an address, has used up what it may call. */
async function exhausted(
  t: Parameters<typeof createWorld>[0],
  headers: Record<string, string>,
): Promise<World> {
  const world = await createWorld(t, { variables: { MCP_CALLS_PER_MINUTE: "3" } });
  for (let i = 0; i < 3; i++) await world.rpc({ jsonrpc: "2.0", id: 1, method: "ping" }, headers);
  return world;
}

t.test("beyond the limit nothing is parsed but a call that is known to be small", async (t) => {
  const world = await exhausted(t, luna);
  const pad = (bytes: number) =>
    callOf("get_available_slots", { date_iso: "2027-01-18", pad: "x".repeat(bytes) });
  t.match(readToolResult((await world.rpc(callSlots, luna)).body.result), {
    error: { code: "rate_limited" },
  });
  for (const body of [pad(4_096), pad(30_000), pad(250_000), "{".repeat(5_000), "x".repeat(20_000_000)]) {
    const answer = await world.rpc(body, luna);
    t.match(answer, { status: 429, body: { jsonrpc: "2.0", id: null, error: { code: -32000 } } });
    t.ok(Number(answer.headers.get("retry-after")) > 0);
  }
  const chunked = httpRequest(`${world.mcpUrl}/mcp`, {
    method: "POST",
    headers: { ...luna, "content-type": "application/json", "transfer-encoding": "chunked" },
  });
  const answered = new Promise<number | undefined>((resolve, reject) => {
    chunked.on(
      "response",
      (response) => void text(response).then(() => resolve(response.statusCode), reject),
    );
    chunked.on("error", reject);
  });
  chunked.end(JSON.stringify(callSlots));
  t.equal(await answered, 429, "what doesn't say how long it is");

  const began = performance.now();
  for (let i = 0; i < 100; i++) await world.rpc(pad(250_000), luna);
  t.ok(performance.now() - began < 4_000, "40 ms each was the price of parsing");
});

t.test("everything that comes to /mcp counts, whatever it is", async (t) => {
  const kinds: Record<string, [body: unknown, headers?: Record<string, string>]> = {
    "a tool there is not": [callOf("delete_everything", {}), luna],
    "a method there is not": [{ jsonrpc: "2.0", id: 1, method: "tools/destroy" }, luna],
    "a notification": [{ jsonrpc: "2.0", method: "notifications/initialized" }, luna],
    "a response": [{ jsonrpc: "2.0", id: 1, result: {} }, luna],
    "a batch": [[callSlots], luna],
    "no JSON": ["{", luna],
    "no JSON-RPC": [{ hello: 1 }, luna],
    "a resource there is not": [
      { jsonrpc: "2.0", id: 1, method: "resources/read", params: { uri: "x:y" } },
      luna,
    ],
    "a call without a name": [{ jsonrpc: "2.0", id: 1, method: "tools/call", params: {} }, luna],
    "nobody's call": [callSlots],
    "nobody's listing": [{ jsonrpc: "2.0", id: 1, method: "tools/list" }],
    "a page from elsewhere": [callSlots, { ...luna, origin: "https://evil.example" }],
    "a tunnel": [callSlots, { ...luna, via: "1.1 edge" }],
    "not a bearer": [callSlots, { authorization: "Basic eDp5" }],
    "another content": [callSlots, { ...luna, "content-type": "text/plain" }],
  };
  const world = await createWorld(t, { variables: { MCP_CALLS_PER_MINUTE: "3" } });
  let visitor = 0;
  for (const [kind, [body, headers = {}]] of Object.entries(kinds)) {
    // Of each kind's customer, or address, nothing has come before.
    const remoteAddress = `127.0.0.${++visitor}`;
    const named =
      headers === luna || "x-customer-id" in headers ? { "x-customer-id": `luna-${visitor}` } : {};
    const send = () =>
      world.mcp.app.inject({
        method: "POST",
        url: "/mcp",
        remoteAddress,
        headers: { host: "localhost", "content-type": "application/json", ...headers, ...named },
        payload: typeof body === "string" ? body : JSON.stringify(body),
      });
    const seen = [];
    for (let i = 0; i < 5; i++) seen.push(await send());
    const held = seen.map(({ headers }) => headers["retry-after"] !== undefined);
    t.strictSame(held, [false, false, false, true, true], kind);
    const last = seen.at(-1);
    const answer = last?.json();
    if (last?.statusCode === 200)
      t.match(readToolResult(answer.result), { error: { code: "rate_limited" } }, kind);
    else t.match([last?.statusCode, answer], [429, { error: { code: -32000 } }], kind);
  }
  for (let i = 0; i < 4; i++) await world.rpc(callSlots, luna);
  t.equal((await fetch(`${world.mcpUrl}/mcp`, { headers: luna })).status, 429, "a GET");
  t.match(await world.rpc(callSlots, { "x-customer-id": "sol" }), { status: 200 }, "others aren't affected");
});

/** Everything as long as it may be, in the characters that take the most bytes, escaped as JSON may be. */
function longestBooking(character: string) {
  const fill = (length: number) => character.repeat(length);
  const args = {
    start_iso: "2027-01-18T09:00:00-05:00",
    service: "appointment",
    attendee_name: fill(200),
    attendee_phone: "+57 300 123 4567",
    attendee_email: `${"a".repeat(60)}@${"b".repeat(60)}.example`,
    notes: fill(2_000),
    idempotency_key: fill(200),
  };
  const escaped = JSON.stringify(callOf("book", args)).replaceAll(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return escaped;
}

t.test("32 kB hold the longest booking there is, and nothing more is read", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  for (const character of ["\u{20BB7}", "\u6F22"]) {
    const body = longestBooking(character);
    t.ok(body.length > 14_000, `${body.length} bytes`);
    const answer = readToolResult((await world.rpc(body, luna)).body.result);
    t.ok(answer.answer !== undefined || answer.error?.code === "slot_taken", JSON.stringify(answer));
  }
  const longest = longestBooking("\u{20BB7}").length;
  t.ok(longest > 28_000 && longest < 32 * 1024, `${longest} bytes`);
  for (const bytes of [33 * 1024, 250_000, 1_000_000]) {
    const answer = await world.rpc(callOf("book", { notes: "x".repeat(bytes) }), luna);
    t.match(answer, { status: 413, body: { error: { code: -32600, message: "The body is too large." } } });
  }
});

t.test("however much is wrong, the answer stays small and names ten things at most", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const many = (count: number, name: (at: number) => string) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [name(at), at]));
  const deep = (depth: number) => JSON.parse("[".repeat(depth) + "]".repeat(depth));
  const wrong: Record<string, unknown> = {
    "many unknown": many(1_500, (at) => `unknown_${at}`),
    "few, and long": many(10, (at) => `${at}${"\u{20000}".repeat(600)}`),
    "one, and very long": { ["x".repeat(30_000)]: 1 },
    "quotes and controls": many(300, (at) => `"\u0000\u202e\\${at}`.repeat(3)),
    "names of prototypes": { constructor: 1, toString: 1, hasOwnProperty: 1, valueOf: 1 },
    "deep where a text belongs": { date_iso: deep(10_000) },
    "long where a number belongs": { date_iso: "2027-01-18", days: "9".repeat(30_000) },
    "a list": Array.from({ length: 10_000 }, () => 1),
    "a text": "x".repeat(30_000),
  };
  for (const [kind, args] of Object.entries(wrong)) {
    const { body } = await world.rpc(callOf("get_available_slots", args), luna);
    const answer = JSON.stringify(body);
    t.ok(answer.length < 4_096, `${kind}: ${answer.length} bytes`);
    const { error } = body.result === undefined ? body : readToolResult(body.result);
    t.match(error, { code: /invalid_arguments|invalid_time|-32602/, message: String }, kind);
    t.ok((error.problems ?? []).length <= 11, kind);
  }
  const { body } = await world.rpc(callOf("get_available_slots", wrong["many unknown"]), luna);
  const { error } = readToolResult(body.result);
  t.equal(error?.problems.length, 11);
  t.equal(error?.problems.at(-1), "and 1491 more", "date_iso is missing as well");
  t.equal(error?.message.match(/unknown_\d+/g)?.length, 9, "ten with date_iso");
  const one = readToolResult(
    (await world.rpc(callOf("book", { ["\u{20000}".repeat(300)]: 1 }), luna)).body.result,
  );
  for (const problem of one.error?.problems ?? [])
    t.ok(problem.isWellFormed() && problem.length < 100, problem);
});

t.test("what the protocol itself refuses is answered with little, too", async (t) => {
  const world = await createWorld(t);
  const long = "x".repeat(25_000);
  const many = Object.fromEntries(Array.from({ length: 1_800 }, (_, at) => [`n${at}`, at]));
  const modern = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": { name: "x", version: "1" },
  };
  const requests: Record<string, object> = {
    "a long tool name": { method: "tools/call", params: { name: long } },
    "a long method": { method: long },
    "no name, much else": { method: "tools/call", params: many },
    "a prompt's arguments": { method: "prompts/get", params: { name: "book_appointment", arguments: many } },
    "a prompt's name": { method: "prompts/get", params: { name: long } },
    "a prompt's argument": {
      method: "prompts/get",
      params: { name: "book_appointment", arguments: { [long]: "x" } },
    },
    "a resource": { method: "resources/read", params: { uri: `cita://${long}` } },
    "a cursor": { method: "tools/list", params: { cursor: many } },
    "a legacy initialize": { method: "initialize", params: many },
    "odd meta": { method: "tools/list", params: { _meta: { progressToken: many } } },
    "odd envelope": {
      method: "tools/list",
      params: { _meta: { ...modern, "io.modelcontextprotocol/clientInfo": many } },
    },
    "odd capabilities": {
      method: "tools/list",
      params: {
        _meta: {
          ...modern,
          "io.modelcontextprotocol/clientCapabilities": { elicitation: many, sampling: 3, roots: "x" },
        },
      },
    },
    "a modern prompt": {
      method: "prompts/get",
      params: { _meta: modern, name: "book_appointment", arguments: many },
    },
    "a modern tool": {
      method: "tools/call",
      params: { _meta: modern, name: "x".repeat(4_000), arguments: many },
    },
  };
  for (const [kind, request] of Object.entries(requests)) {
    const { method, params } = request as { method: string; params?: { name?: string } };
    const modernHeaders = {
      ...luna,
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": method.slice(0, 8_000),
      ...(typeof params?.name === "string" && { "mcp-name": params.name.slice(0, 4_000) }),
    };
    for (const headers of [luna, modernHeaders]) {
      const { body } = await world.rpc({ jsonrpc: "2.0", id: 1, ...request }, headers);
      const bytes = JSON.stringify(body).length;
      t.ok(bytes < 4_096 || body.result !== undefined, `${kind}: ${bytes} bytes`);
    }
  }
  for (const member of ['"__proto__": {"a": 1}', '"constructor": {"prototype": {"a": 1}}']) {
    const literal = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"book","arguments":{${member}}}}`;
    const { status, body } = await world.rpc(literal, luna);
    t.equal(status, 400);
    t.match(body, { error: { code: -32700 } }, "no prototype is ever set");
  }
});

t.test("a client that asks thousands of times at once and never reads costs a few MiB at most", async (t) => {
  const world = await createWorld(t);
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" });
  const head = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nX-Customer-Id: luna`;
  const request = `${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const { hostname, port } = new URL(world.mcpUrl);
  const flood = async (connections: number) => {
    for (let i = 0; i < connections; i++) {
      const socket = connect(Number(port), hostname).on("error", () => undefined);
      t.teardown(() => socket.destroy());
      socket.pause();
      socket.write(request.repeat(5_000));
      await sleep(20);
    }
    await sleep(100);
  };
  await flood(5);
  const before = process.memoryUsage().rss;
  await flood(20);
  const grown = (process.memoryUsage().rss - before) / 1024 / 1024 / 20;
  t.ok(grown < 3, `${grown.toFixed(1)} MiB a connection`);
  t.equal((await world.rpc(body, luna)).status, 200, "others are served");
});
