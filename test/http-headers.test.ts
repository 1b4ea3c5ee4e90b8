import t from "tap";
import { bearer, callSlots, type Headers, toolCall } from "./support/agent-key-calls.ts";
import { send } from "./support/send.ts";
import { adminKey, createWorld, serviceKey } from "./support/world.ts";

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
  const logEntriesOf = (id: string) => world.log.filter((line) => JSON.parse(line).request_id === id);
  const ask = async (id: string) =>
    (
      await send(`${world.adminUrl}/v1/customer-calendars/luna`, {
        headers: { ...bearer(adminKey), "x-request-id": id },
      })
    ).headers.get("x-request-id") ?? "";

  const id = "01HZX3KQ-test.id_1";
  t.equal(await ask(id), id);
  const routes = logEntriesOf(id).map((line) => JSON.parse(line).req?.route);
  t.match(routes, ["/v1/customer-calendars/:customer_id", "/customers/:customer_id/connection"]);

  for (const odd of ["short", "x".repeat(65), "two words", `{"a":"b"}`, "línea1234"]) {
    const given = await ask(encodeURIComponent(odd) === odd ? odd : Buffer.from(odd).toString("latin1"));
    t.match(given, /^[0-9a-f-]{36}$/, "what isn't an id is replaced");
    t.equal(logEntriesOf(given).length, 4);
  }

  const agentsId = "agent-call-0001";
  await world.connected("sol");
  await world.sandbox("POST", "faults", { path: "/calendar/v3", status: 400 });
  const { headers } = await world.rpc(callSlots, { "x-customer-id": "sol", "x-request-id": agentsId });
  t.equal(headers.get("x-request-id"), agentsId);
  const failure = logEntriesOf(agentsId).find((line) => line.includes("a tool call failed")) ?? "{}";
  t.match(JSON.parse(failure), { customer_id: "sol", tool: "get_available_slots" });

  await world.sandbox("DELETE", "faults");
  await world.sandbox("POST", "expire-access-tokens");
  world.providerCalls.take();
  const book = toolCall("book", { start_iso: "2027-01-18T09:00:00-05:00", attendee_name: "Ana" });
  await world.rpc(book, { "x-customer-id": "sol", "x-request-id": "agent-call-0002" });
  const calls = world.providerCalls.takeWithIds();
  t.strictSame(
    [...new Set(calls.map(({ requestId }) => requestId))],
    ["agent-call-0002"],
    "as far as Google",
  );
  t.strictSame([...new Set(calls.map(({ call }) => call))], ["list", "token", "insert"]);
  t.equal(logEntriesOf("agent-call-0002").filter((line) => JSON.parse(line).kind === "booked").length, 1);
});
