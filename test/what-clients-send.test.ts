import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import t from "tap";
import { createBrowser } from "./support/browser.ts";
import { createWorld, type World } from "./support/world.ts";

const slots = { name: "get_available_slots", arguments: { date_iso: "2027-01-18" } };
const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params: slots };
const _meta = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "a", version: "1" },
  "io.modelcontextprotocol/clientCapabilities": {},
};
const initialize = {
  ...call,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "a", version: "1" } },
};

/** Requests of both protocol versions. */
const requests: [
  which: string,
  message: { method: string; params?: object },
  headers: Record<string, string>,
][] = [
  ["initialize", initialize, {}],
  ["tools/list", { ...call, method: "tools/list", params: {} }, {}],
  ["tools/call", call, {}],
  ["an unknown method", { ...call, method: "no/such" }, {}],
  ["a malformed initialize", { ...call, method: "initialize", params: {} }, {}],
  ...["tools/list", "tools/call", "server/discover"].map(
    (method): [string, { method: string; params: object }, Record<string, string>] => [
      `${method} of 2026-07-28`,
      { ...call, method, params: { ...(method === "tools/call" && slots), _meta } },
      {
        "mcp-protocol-version": "2026-07-28",
        "mcp-method": method,
        ...(method === "tools/call" && { "mcp-name": slots.name }),
      },
    ],
  ),
];

function post(
  world: World,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
  path = "/mcp",
) {
  return fetch(`${world.mcpUrl}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-customer-id": "luna", ...headers },
    body,
  });
}

t.test("whoever takes only events gets the answer as one, of every request", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const accepted = [
    "text/event-stream",
    "text/*",
    "TEXT/Event-Stream;q=0.5",
    "application/json;q=0, text/event-stream",
    "text/html, text/*;q=0.1",
  ];
  for (const [which, message, headers] of requests) {
    const json = Object(await (await post(world, JSON.stringify(message), headers)).json());
    for (const accept of accepted) {
      const response = await post(world, JSON.stringify(message), { accept, ...headers });
      const text = await response.text();
      if (!response.ok) {
        t.strictSame(
          [JSON.parse(text).id, response.status < 500, response.status !== 406],
          [1, true, true],
          which,
        );
        continue;
      }
      t.match(response.headers.get("content-type"), /^text\/event-stream/, `${which}: ${accept}`);
      const [, data] = /^(?:event: message\n)?data: (.*)\n\n$/.exec(text) ?? [];
      t.strictSame(Object.keys(JSON.parse(data ?? "{}")), Object.keys(json), `${which}: ${accept}`);
    }
  }
});

t.test("whoever takes JSON as well gets JSON; who takes neither is told what there is", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  for (const accept of [
    "application/json, text/event-stream",
    "*/*",
    "",
    "text/html, */*;q=0.1",
    "*/*;q=0, application/*",
  ]) {
    const response = await post(world, JSON.stringify(call), { accept });
    t.match(response.headers.get("content-type"), /^application\/json/, accept);
    t.match(await response.json(), { result: { content: [{}] } });
  }
  for (const accept of ["*/*;q=0", "image/png", "text/event-stream;q=0", "application/json;q=0.0"]) {
    const response = await post(world, JSON.stringify(call), { accept });
    t.equal(response.status, 406, accept);
    t.match(await response.json(), { id: 1, error: { message: /application\/json or text\/event-stream/ } });
  }
});

t.test("an address with a slash behind it is the same address", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  for (const path of ["/mcp/", "/mcp/?x=1"]) {
    t.match(
      await (await post(world, JSON.stringify(call), {}, path)).json(),
      { result: { content: [{}] } },
      path,
    );
  }
  t.equal((await fetch(`${world.mcpUrl}/mcp/`)).status, 405);
  for (const path of ["/mcp/x", "//mcp", "//customers/luna"])
    t.equal((await post(world, JSON.stringify(call), {}, path)).status, 404, path);
});

t.test("a consent link opens with what a chat takes along behind it", async (t) => {
  const world = await createWorld(t);
  await world.sandbox("POST", "accounts", { email: "luna@example.com", events: [] });
  const { body } = await world.connect("luna");
  const link: string = body.shareable_link;
  for (const behind of [
    "/",
    ".",
    ")",
    ",",
    "!",
    "*",
    "_",
    "~",
    ").",
    "/.",
    "%20",
    "%E2%80%8B",
    "%22%3E",
    "?x=1",
  ]) {
    const response = await fetch(`${link}${behind}`);
    t.equal(response.status, 200, behind);
    t.match(await response.text(), new URL(link).pathname, "its button leads on");
  }
  for (const behind of ["a", "-", "1", ".a", "/x"])
    t.equal((await fetch(`${link}${behind}`)).status, 404, behind);
  t.equal((await fetch(link.slice(0, -1))).status, 404);
  const page = await world.consent(`${link}).`, {}, createBrowser());
  t.equal(page.status, 200);
  t.match((await world.api("GET", "/v1/customer-calendars/luna")).body, { status: "connected" });
});

t.test("a compressed body is refused in words", async (t) => {
  const world = await createWorld(t);
  const body = JSON.stringify(call);
  const encoded: [string, Uint8Array<ArrayBuffer>][] = [
    ["gzip", gzipSync(body)],
    ["GZIP", gzipSync(body)],
    ["x-gzip", gzipSync(body)],
    ["br", brotliCompressSync(body)],
    ["deflate", deflateSync(body)],
    ["gzip, br", brotliCompressSync(gzipSync(body))],
    ["zstd", gzipSync(body)],
  ];
  for (const [encoding, bytes] of encoded) {
    const response = await post(world, bytes, { "content-encoding": encoding });
    t.equal(response.status, 415, encoding);
    t.equal(response.headers.get("accept-encoding"), "identity");
    t.match(await response.json(), {
      error: { code: -32600, message: /compressed.+without Content-Encoding/ },
    });
  }
  t.equal((await post(world, body, { "content-encoding": "identity" })).status, 200);
});

t.test("a message that is none is told which member is wrong", async (t) => {
  const world = await createWorld(t);
  const cases: [message: object, reason: RegExp][] = [
    [
      { jsonrpc: "2.0", id: 1, method: "tools/list", params: null },
      /^params must be an object; leave it out/,
    ],
    [{ jsonrpc: "2.0", id: 1, method: "tools/list", params: [] }, /^params must be an object/],
    [{ jsonrpc: "2.0", id: 1, method: "tools/list", params: "{}" }, /^params must be an object/],
    [{ jsonrpc: "2.0", method: "notifications/initialized", params: null }, /^params must be an object/],
    [{ id: 1, method: "tools/list" }, /"jsonrpc": "2.0"/],
    [{ jsonrpc: 2, id: 1, method: "tools/list" }, /"jsonrpc": "2.0"/],
    [{ jsonrpc: "2.0", id: 1, method: 5 }, /^method must be a text/],
    [{ jsonrpc: "2.0", id: null, method: "tools/list" }, /^id must be a text or a whole number/],
    [{ jsonrpc: "2.0", id: {}, method: "tools/list" }, /^id must be/],
  ];
  for (const [message, reason] of cases) {
    const { status, body } = await world.rpc(message, { "x-customer-id": "luna" });
    t.match({ status, body }, { status: 400, body: { error: { code: -32600, message: reason } } });
    const { id } = message as { id?: unknown };
    t.equal(body.id, typeof id === "number" ? id : null, "under the id that can be read");
  }
});
