import { randomBytes } from "node:crypto";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import t from "tap";
import { variables } from "../apps/mcp-calendar/src/config.ts";
import { createBrowser } from "./support/browser.ts";
import { adminKey, createWorld, readToolResult, serviceKey } from "./support/world.ts";

type Headers = Record<string, string>;

const slots = { name: "get_available_slots", arguments: { date_iso: "2027-01-18" } };
const callSlots = { jsonrpc: "2.0", id: 7, method: "tools/call", params: slots };
const listTools = { jsonrpc: "2.0", id: "seven", method: "tools/list" };

async function send(url: string, init: RequestInit = {}) {
  const response = await fetch(url, { redirect: "manual", ...init });
  const text = await response.text();
  const json = response.headers.get("content-type")?.startsWith("application/json");
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: json ? JSON.parse(text) : undefined,
  };
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

async function statuses(times: number, request: () => Promise<{ status: number }>): Promise<number[]> {
  const seen: number[] = [];
  for (let i = 0; i < times; i++) seen.push((await request()).status);
  return seen;
}

t.test("an address that opens too many link pages gets a page that says so, in its language", async (t) => {
  const world = await createWorld(t, { variables: { LINK_PAGES_PER_MINUTE: "3" } });
  const { body } = await world.connect("luna");
  const open = (headers: Headers = {}) => send(body.shareable_link, { headers });
  t.strictSame(await statuses(3, open), [200, 200, 200]);

  const refused = await open({ "accept-language": "es-CO,es;q=0.9" });
  t.match(refused, { status: 429, text: /Espera un minuto[\s\S]*too_many_visits/ });
  const wait = Number(refused.headers.get("retry-after"));
  t.ok(wait > 0 && wait <= 60, `${wait} seconds`);
  t.match(refused.headers.get("content-security-policy"), /default-src 'none';style-src/);
  t.match((await open({ "accept-language": "pt-BR" })).text, /Espere um minuto/);
  t.match((await open()).text, /Please wait a minute/);

  t.equal((await open({ "x-forwarded-for": "203.0.113.1" })).status, 429, "an address can't be made up");
  t.equal((await send(body.authorization_url)).status, 429);
  t.equal((await send(body.shareable_link, { method: "POST" })).status, 429);
  t.equal(world.log.filter((line) => line.includes("TRUST_PROXY is not set")).length, 1);

  const callback = () => send(`${world.mcpUrl}/oauth/callback?code=x&state=y`);
  t.strictSame(await statuses(4, callback), [400, 400, 400, 429], "returns from Google are counted apart");
});

for (const TRUST_PROXY of ["loopback", "1"]) {
  t.test(`behind a proxy (TRUST_PROXY=${TRUST_PROXY}) each visitor counts for itself`, async (t) => {
    const world = await createWorld(t, { variables: { LINK_PAGES_PER_MINUTE: "2", TRUST_PROXY } });
    const from = (forwarded: string) => () =>
      send(`${world.mcpUrl}/connect/nonsense`, { headers: { "x-forwarded-for": forwarded } });
    t.strictSame(await statuses(3, from("203.0.113.1")), [404, 404, 429]);
    t.strictSame(await statuses(3, from("203.0.113.2")), [404, 404, 429]);

    // What the client itself sends stands in front of what the proxy adds.
    const forging = () => from(`${randomBytes(1)[0]}.1.1.1, 203.0.113.3`)();
    t.strictSame(await statuses(4, forging), [404, 404, 429, 429]);

    const neighbours = ["2001:db8:1:2::1", "2001:db8:1:2::2", "2001:db8:1:2:ffff::3"];
    const network: number[] = [];
    for (const address of neighbours) network.push((await from(address)()).status);
    t.strictSame(network, [404, 404, 429], "an IPv6 network of 64 bits is one visitor");
    t.equal((await from("2001:db8:1:3::1")()).status, 404);
  });
}

t.test("too many calls for one customer: a tool answers rate_limited, all else is 429", async (t) => {
  const world = await createWorld(t, { variables: { MCP_CALLS_PER_MINUTE: "3" } });
  for (const id of ["luna", "sol"]) await world.connected(id);
  for (let i = 0; i < 3; i++) t.match(await world.call("luna", slots.name, slots.arguments), { answer: {} });
  await world.sandbox("DELETE", "calls");

  const { status, headers, body } = await world.rpc(callSlots, { "x-customer-id": "luna" });
  t.equal(status, 200, "most hosts tell a model nothing of an HTTP error");
  t.equal(body.id, 7);
  const seconds = Number(headers.get("retry-after"));
  t.ok(seconds > 0 && seconds <= 60);
  const { error } = readToolResult(body.result);
  t.match(error, {
    code: "rate_limited",
    retryable: true,
    retry_after_seconds: Number,
    next_step: /^Wait \d+ seconds, then call again\. Don't say that there is no availability\.$/,
  });
  t.equal((await world.sandbox("GET", "calls")).total, 0, "Google isn't asked");
  t.notOk(
    world.log.some((line) => line.includes("a tool call failed")),
    "the log isn't flooded",
  );

  const listed = await world.rpc(listTools, { "x-customer-id": "luna" });
  t.match(listed, {
    status: 429,
    body: { jsonrpc: "2.0", id: "seven", error: { code: -32000, message: /Too many/ } },
  });
  t.ok(listed.headers.get("retry-after"));
  t.match(await world.rpc([callSlots], { "x-customer-id": "luna" }), { status: 429, body: { id: null } });
  t.match(await world.rpc(listTools, { "x-customer-id": "sol" }), { status: 200 }, "others aren't affected");
  t.match(await world.rpc(listTools), { status: 200 }, "nor are those that name nobody");
});

t.test("a client of the newest protocol is told the same", async (t) => {
  const world = await createWorld(t, { variables: { MCP_CALLS_PER_MINUTE: "3" } });
  await world.connected("luna");
  const client = new Client(
    { name: "test", version: "1" },
    { versionNegotiation: { mode: { pin: "2026-07-28" } } },
  );
  const requestInit = { headers: { "x-customer-id": "luna" } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${world.mcpUrl}/mcp`), { requestInit }));
  t.teardown(() => client.close());
  const call = async () => readToolResult((await client.callTool(slots)) as never);
  t.match(await call(), { answer: { truncated: false } });
  for (let i = 0; i < 3; i++) await call();
  t.match(await call(), { error: { code: "rate_limited" } });
});

t.test("a campaign's burst of 500 calls for one customer passes by default", async (t) => {
  const byDefault = String(variables.shape.MCP_CALLS_PER_MINUTE.parse(undefined));
  const world = await createWorld(t, {
    variables: { MCP_CALLS_PER_MINUTE: byDefault, CALENDAR_CACHE_SECONDS: "2" },
  });
  await world.connected("luna");
  const burst = Array.from({ length: 500 }, () => world.rpc(callSlots, { "x-customer-id": "luna" }));
  const answers = (await Promise.all(burst)).map(({ body }) => readToolResult(body.result));
  t.equal(answers.filter(({ answer }) => answer?.slots.length > 0).length, 500);
});

t.test(
  "too many wrong keys are refused as such, and the right one passes whatever came before",
  async (t) => {
    const world = await createWorld(t, {
      variables: { FAILED_KEYS_PER_MINUTE: "3", TRUST_PROXY: "loopback" },
    });
    const doors = [
      [`${world.adminUrl}/v1/activity`, adminKey],
      [`${world.mcpUrl}/activity`, serviceKey],
    ] as const;
    for (const [url, rightKey] of doors) {
      const knock = (key: string, address: string) =>
        send(url, { headers: { ...bearer(key), "x-forwarded-for": address } });
      const wrong = () => knock("wrong-key-0123456789", "203.0.113.1");
      const right = () => knock(rightKey, "203.0.113.1");
      t.strictSame(await statuses(5, right), [200, 200, 200, 200, 200]);
      t.strictSame(await statuses(4, wrong), [401, 401, 401, 429]);
      const refused = await wrong();
      t.match(refused, { status: 429, body: { statusCode: 429, code: "too_many_failed_keys" } });
      t.ok(Number(refused.headers.get("retry-after")) > 0);
      t.strictSame(await statuses(3, right), [200, 200, 200]);
      t.equal(
        (await send(url, { headers: { "x-forwarded-for": "203.0.113.1" } })).status,
        429,
        "nor without one",
      );
      t.equal((await knock("wrong-key-0123456789", "203.0.113.2")).status, 401, "others aren't affected");
    }
    const figures = () => send(`${world.mcpUrl}/metrics`, { headers: { "x-forwarded-for": "203.0.113.1" } });
    t.equal((await figures()).status, 429);
  },
);

t.test("wrong keys at the calendar service's door don't lock admin-api out", async (t) => {
  const world = await createWorld(t, { variables: { FAILED_KEYS_PER_MINUTE: "2" } });
  const wrong = () => send(`${world.mcpUrl}/activity`, { headers: bearer("wrong-key-0123456789") });
  t.strictSame(await statuses(4, wrong), [401, 401, 429, 429]);
  t.equal((await world.connect("luna")).status, 200, "from the same address");
  t.equal((await world.api("GET", "/v1/customer-calendars/luna")).status, 200);
});

t.test("a key counts only as Authorization: Bearer", async (t) => {
  const world = await createWorld(t, { variables: { FAILED_KEYS_PER_MINUTE: "1000" } });
  for (const [url, key] of [
    [`${world.adminUrl}/v1/activity`, adminKey],
    [`${world.mcpUrl}/activity`, serviceKey],
  ] as const) {
    const elsewhere: [query: string, headers: Headers][] = [
      [`?key=${key}&access_token=${key}&authorization=Bearer%20${key}`, {}],
      ["", { authorization: key }],
      ["", { authorization: `Basic ${Buffer.from(`x:${key}`).toString("base64")}` }],
      ["", { "x-api-key": key, cookie: `key=${key}` }],
      ["", { authorization: `Bearer ${key.slice(0, -1)}` }],
      ["", { authorization: `Bearer ${key}x` }],
    ];
    for (const [query, headers] of elsewhere) {
      t.match(await send(`${url}${query}`, { headers }), {
        status: 401,
        body: { statusCode: 401, code: "unauthorized" },
      });
    }
  }
});

t.test("a web page from elsewhere can't call /mcp, whatever it says of itself", async (t) => {
  const world = await createWorld(t, { variables: { TRUST_PROXY: "loopback" } });
  await world.connected("luna");
  const call = (headers: Headers) => world.rpc(callSlots, { "x-customer-id": "luna", ...headers });
  const { port } = new URL(world.mcpUrl);
  for (const origin of [world.mcpUrl, `http://localhost:${port}`, "http://localhost:6274", "https://[::1]"]) {
    t.equal((await call({ origin })).status, 200, origin);
  }
  const foreign = [
    "https://evil.example",
    "null",
    "",
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example",
    "http://evil.example#localhost",
    "http://user@localhost:1",
    "chrome-extension://abc",
    `${world.mcpUrl}, https://evil.example`,
  ];
  for (const origin of foreign) {
    t.match(await call({ origin }), { status: 403, body: { error: { code: -32001 } } }, origin);
  }
  // A rebound name arrives as Host, and what a page adds about a proxy doesn't hide it.
  const rebound = { host: "rebound.example", "x-forwarded-host": "localhost" };
  const { statusCode } = await world.mcp.app.inject({
    method: "POST",
    url: "/mcp",
    headers: { ...rebound, "content-type": "application/json", "x-customer-id": "luna" },
    payload: callSlots,
  });
  t.equal(statusCode, 403);
});

t.test(
  "every answer carries its request's id and says that it is neither a page nor to be kept",
  async (t) => {
    const world = await createWorld(t);
    const { body } = await world.connect("luna");
    const answers: [url: string, init?: RequestInit][] = [
      [`${world.mcpUrl}/health`],
      [`${world.mcpUrl}/ready`],
      [`${world.mcpUrl}/metrics`],
      [`${world.mcpUrl}/activity`],
      [`${world.mcpUrl}/activity`, { headers: bearer(serviceKey) }],
      [`${world.mcpUrl}/nothing`],
      [`${world.mcpUrl}/%zz`],
      [`${world.mcpUrl}/mcp`],
      [`${world.mcpUrl}/mcp`, { method: "POST", body: "{" }],
      [`${world.adminUrl}/health`],
      [`${world.adminUrl}/ready`],
      [`${world.adminUrl}/v1/activity`],
      [`${world.adminUrl}/v1/activity`, { headers: bearer(adminKey) }],
      [`${world.adminUrl}/%zz`],
      [`${world.adminUrl}/nothing`],
    ];
    for (const [url, init] of answers) {
      const { headers } = await send(url, init);
      t.match(
        Object.fromEntries(headers),
        {
          "x-request-id": /^[0-9a-f-]{36}$/,
          "cache-control": "no-store",
          "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
          "referrer-policy": "no-referrer",
          "x-content-type-options": "nosniff",
          "x-frame-options": "DENY",
          "x-robots-tag": "noindex, nofollow",
        },
        `${init?.method ?? "GET"} ${url}`,
      );
    }
    const page = (await send(body.shareable_link)).headers;
    t.match(Object.fromEntries(page), {
      "x-request-id": String,
      "cache-control": "no-store",
      "content-security-policy": /style-src 'sha256-/,
      "referrer-policy": "no-referrer",
    });
    const docs = (await send(`${world.adminUrl}/docs`)).headers;
    t.match(docs.get("content-security-policy"), /script-src 'self'/);
  },
);

t.test("one id leads from the admin's request through both services' logs, and back", async (t) => {
  const world = await createWorld(t);
  await world.connect("luna");
  const linesOf = (id: string) => world.log.filter((line) => JSON.parse(line).request_id === id);
  const ask = async (id: string) =>
    (
      await send(`${world.adminUrl}/v1/customer-calendars/luna`, {
        headers: { ...bearer(adminKey), "x-request-id": id },
      })
    ).headers.get("x-request-id") ?? "";

  const id = "01HZX3KQ-test.id_1";
  t.equal(await ask(id), id);
  const routes = linesOf(id).map((line) => JSON.parse(line).req?.route);
  t.match(routes, ["/v1/customer-calendars/:customer_id", "/customers/:customer_id/connection"]);

  for (const odd of ["short", "x".repeat(65), "two words", `{"a":"b"}`, "línea1234"]) {
    const given = await ask(encodeURIComponent(odd) === odd ? odd : Buffer.from(odd).toString("latin1"));
    t.match(given, /^[0-9a-f-]{36}$/, "what isn't an id is replaced");
    t.equal(linesOf(given).length, 4);
  }

  const agentsId = "agent-call-0001";
  await world.connected("sol");
  await world.sandbox("POST", "faults", { path: "/calendar/v3", status: 400 });
  const { headers } = await world.rpc(callSlots, { "x-customer-id": "sol", "x-request-id": agentsId });
  t.equal(headers.get("x-request-id"), agentsId);
  const failure = linesOf(agentsId).find((line) => line.includes("a tool call failed")) ?? "{}";
  t.match(JSON.parse(failure), { customer_id: "sol", tool: "get_available_slots" });

  await world.sandbox("DELETE", "faults");
  await world.sandbox("POST", "expire-access-tokens");
  world.googleCalls.take();
  const book = { start_iso: "2027-01-18T09:00:00-05:00", attendee_name: "Ana" };
  const params = { name: "book", arguments: book };
  await world.rpc(
    { jsonrpc: "2.0", id: 1, method: "tools/call", params },
    { "x-customer-id": "sol", "x-request-id": "agent-call-0002" },
  );
  const calls = world.googleCalls.takeWithIds();
  t.strictSame(
    [...new Set(calls.map(({ requestId }) => requestId))],
    ["agent-call-0002"],
    "as far as Google",
  );
  t.strictSame([...new Set(calls.map(({ call }) => call))], ["list", "token", "insert"]);
  t.equal(linesOf("agent-call-0002").filter((line) => JSON.parse(line).kind === "booked").length, 1);
});

t.test("slow and large requests have an end", async (t) => {
  const world = await createWorld(t);
  const { requestTimeout, headersTimeout, keepAliveTimeout } = world.mcp.app.server;
  t.strictSame([requestTimeout, headersTimeout, keepAliveTimeout], [30_000, 10_000, 72_000]);
  const large = (bytes: number) => JSON.stringify({ pad: "x".repeat(bytes) });
  const sends: [url: string, key: string, bytes: number][] = [
    [`${world.mcpUrl}/oauth/authorize`, serviceKey, 65 * 1024],
    [`${world.mcpUrl}/connections/query`, serviceKey, 65 * 1024],
    [`${world.mcpUrl}/mcp`, "", 33 * 1024],
    [`${world.adminUrl}/v1/customer-calendars/connect`, adminKey, 65 * 1024],
  ];
  for (const [url, key, bytes] of sends) {
    const headers = { ...(key !== "" && bearer(key)), "content-type": "application/json" };
    t.equal((await send(url, { method: "POST", headers, body: large(bytes) })).status, 413, url);
  }
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const { body } = await world.connect("luna");
  const page = { method: "POST", headers: form, body: `a=${"x".repeat(2_000)}` };
  t.equal((await send(body.shareable_link, page)).status, 413);
});

t.test("a business that is held back on its way back from Google loses nothing by it", async (t) => {
  const world = await createWorld(t, { variables: { LINK_PAGES_PER_MINUTE: "3" } });
  const { body } = await world.connect("luna");
  const browser = createBrowser();
  const googlePage = await browser.submit(await browser.open(body.shareable_link));
  await statuses(3, () => send(`${world.mcpUrl}/oauth/callback?code=x&state=y`));
  const heldBack = await browser.submit(googlePage, { action: "allow" });
  t.match(heldBack, { status: 429, text: /load it again: nothing is lost/ });

  const { now } = performance;
  t.teardown(() => {
    performance.now = now;
  });
  performance.now = () => now.call(performance) + 61_000;
  t.match(await browser.open(heldBack.url), { status: 200, text: /Your calendar is connected/ });
});
