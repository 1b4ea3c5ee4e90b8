import { randomBytes } from "node:crypto";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import t from "tap";
import { variables } from "../apps/mcp-calendar/src/config.ts";
import { bearer, type Headers } from "./support/agent-key-calls.ts";
import { createBrowser } from "./support/browser.ts";
import { send } from "./support/send.ts";
import { adminKey, createWorld, readToolResult, serviceKey } from "./support/world.ts";

const slots = { name: "get_available_slots", arguments: { date_iso: "2027-01-18" } };
const callSlots = { jsonrpc: "2.0", id: 7, method: "tools/call", params: slots };
const listTools = { jsonrpc: "2.0", id: "seven", method: "tools/list" };

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
  t.equal(status, 200, "most hosts keep an HTTP error from the model");
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

t.test("a client of the newest protocol is answered the same", async (t) => {
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
    const endpoints = [
      [`${world.adminUrl}/v1/activity`, adminKey],
      [`${world.mcpUrl}/activity`, serviceKey],
    ] as const;
    for (const [url, rightKey] of endpoints) {
      const requestWith = (key: string, address: string) =>
        send(url, { headers: { ...bearer(key), "x-forwarded-for": address } });
      const wrong = () => requestWith("wrong-key-0123456789", "203.0.113.1");
      const right = () => requestWith(rightKey, "203.0.113.1");
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
      t.equal(
        (await requestWith("wrong-key-0123456789", "203.0.113.2")).status,
        401,
        "others aren't affected",
      );
    }
    const figures = () => send(`${world.mcpUrl}/metrics`, { headers: { "x-forwarded-for": "203.0.113.1" } });
    t.equal((await figures()).status, 429);
  },
);

t.test("wrong keys at the calendar service don't lock admin-api out", async (t) => {
  const world = await createWorld(t, { variables: { FAILED_KEYS_PER_MINUTE: "2" } });
  const wrong = () => send(`${world.mcpUrl}/activity`, { headers: bearer("wrong-key-0123456789") });
  t.strictSame(await statuses(4, wrong), [401, 401, 429, 429]);
  t.equal((await world.connect("luna")).status, 200, "from the same address");
  t.equal((await world.api("GET", "/v1/customer-calendars/luna")).status, 200);
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
