import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as EarlierClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as EarlierTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import t from "tap";
import {
  bearer,
  callSlots,
  connectBoth,
  type Headers,
  keysPath,
  listTools,
  madeUp,
  makeKey,
  openWorld,
  toolCall,
  whoseSlots,
} from "./support/agent-key-calls.ts";
import { createProcessWorld } from "./support/process-world.ts";
import { createWorld, readToolResult, serviceKey } from "./support/world.ts";

t.test("a key of one customer with another's header is refused", async (t) => {
  const world = await openWorld(t);
  await connectBoth(world);
  const { key, key_id } = await makeKey(world, "luna");
  for (const named of ["sol", "nobody", "", "a b", "luna, sol", "luna, luna", "Luna"]) {
    const { status, headers, body } = await world.rpc(callSlots, { ...bearer(key), "x-customer-id": named });
    t.equal(status, 403, named);
    t.match(headers.get("www-authenticate"), /^Bearer realm="cita", error="insufficient_scope", error_desc/);
    t.match(body, { jsonrpc: "2.0", id: null, error: { code: -32001, message: /another customer/ } });
  }
  t.match(await world.api("DELETE", `${keysPath("sol")}/${key_id}`), {
    status: 404,
    body: { code: "agent_key_not_found" },
  });
  t.equal(await whoseSlots(world, bearer(key)), "luna", "nor does the other revoke it");
});

t.test("who isn't let in is told as RFC 6750 says", async (t) => {
  const world = await openWorld(t);
  await world.connected("luna");
  const { key } = await makeKey(world, "luna");
  const without = 'Bearer realm="cita"';
  const wrong =
    'Bearer realm="cita", error="invalid_token", error_description="The agent key is unknown, revoked or expired."';
  const basic = `Basic ${Buffer.from(`luna:${key}`).toString("base64")}`;
  const cases: [headers: Headers, challenge: string][] = [
    [{}, without],
    [{ "x-customer-id": "luna" }, without],
    [{ authorization: key }, without],
    [{ authorization: basic }, without],
    [{ "x-api-key": key, cookie: `key=${key}` }, without],
    [{ authorization: "Bearer" }, wrong],
    [bearer(madeUp), wrong],
    [bearer(`${key}0`), wrong],
    [bearer(key.slice(0, -1)), wrong],
    [bearer(key.toUpperCase()), wrong],
    [bearer(`${key}, Bearer ${key}`), wrong],
    [bearer(serviceKey), wrong],
  ];
  for (const [headers, challenge] of cases) {
    const { status, headers: answered, body } = await world.rpc(listTools, headers);
    t.equal(status, 401);
    t.equal(answered.get("www-authenticate"), challenge);
    t.match(body, { jsonrpc: "2.0", id: null, error: { code: -32001, message: /key/ } });
  }
  const query = `key=${key}&access_token=${key}&authorization=Bearer%20${key}`;
  const inQuery = await fetch(`${world.mcpUrl}/mcp?${query}`, { method: "POST" });
  t.equal(inQuery.status, 401, "a key in a query counts for nothing");
  t.equal(inQuery.headers.get("www-authenticate"), without);
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const inBody = await fetch(`${world.mcpUrl}/mcp`, {
    method: "POST",
    headers: form,
    body: `access_token=${key}`,
  });
  t.equal(inBody.status, 401);
  for (const method of ["GET", "DELETE"]) {
    t.equal((await fetch(`${world.mcpUrl}/mcp`, { method })).status, 401);
    t.equal((await fetch(`${world.mcpUrl}/mcp`, { method, headers: bearer(key) })).status, 405);
  }
});

t.test("the platform's key acts for whichever customer the header names", async (t) => {
  const world = await openWorld(t);
  await connectBoth(world);
  const { key, key_id } = await makeKey(world);
  const asked = async (customerId: string) =>
    whoseSlots(world, { ...bearer(key), "x-customer-id": customerId });
  t.strictSame([await asked("luna"), await asked("sol"), await asked("luna")], ["luna", "sol", "luna"]);
  for (const named of ["nobody", "", "luna, sol"]) t.equal(await asked(named), "unknown_customer");
  t.equal(await whoseSlots(world, bearer(key)), "unknown_customer");

  t.match(await world.api("DELETE", `${keysPath("luna")}/${key_id}`), {
    status: 404,
    body: { code: "agent_key_not_found" },
  });
  t.strictSame((await world.api("GET", keysPath("luna"))).body, { agent_keys: [] });
  t.equal(await asked("luna"), "luna", "it is none of luna's");
  t.match(await world.api("DELETE", `${keysPath()}/${key_id}`), { body: { state: "revoked" } });
  t.equal(await asked("luna"), "401");
});

t.test("one customer's key reaches no booking of another's", async (t) => {
  const world = await openWorld(t);
  await connectBoth(world);
  const call = async (key: string, name: string, args: object) =>
    readToolResult((await world.rpc(toolCall(name, args), bearer(key))).body.result);
  const { key: luna } = await makeKey(world, "luna");
  const { key: sol } = await makeKey(world, "sol");
  const start_iso = "2027-01-18T11:00:00-05:00";
  const { answer } = await call(luna, "book", { start_iso, attendee_name: "Ana" });
  const { booking_id } = answer;
  const later = { booking_id, start_iso: "2027-01-18T12:00:00-05:00" };
  t.match(await call(sol, "cancel_booking", { booking_id }), { error: { code: "booking_not_found" } });
  t.match(await call(sol, "reschedule_booking", later), { error: { code: "booking_not_found" } });
  t.match((await call(sol, "list_bookings", {})).answer.bookings, []);
  t.match((await call(luna, "list_bookings", {})).answer.bookings, [{ booking_id, start: start_iso }]);
});

t.test("where a header alone is trusted, a key that is sent counts all the same", async (t) => {
  const world = await createWorld(t, { cacheSeconds: 60 });
  await connectBoth(world);
  const { key } = await makeKey(world, "luna");
  t.equal(await whoseSlots(world, { "x-customer-id": "sol" }), "sol");
  t.equal(await whoseSlots(world, bearer(key)), "luna");
  t.equal(await whoseSlots(world, { ...bearer(key), "x-customer-id": "sol" }), "403");
  for (const authorization of [`Bearer ${madeUp}`, "Bearer", "Basic bHVuYTo=", key]) {
    t.equal(await whoseSlots(world, { authorization, "x-customer-id": "sol" }), "401", authorization);
  }
});

t.test("with a key the server answers under any name, but to no page from elsewhere", async (t) => {
  for (const MCP_HEADER_ONLY of ["true", "false"]) {
    const world = await createWorld(t, { variables: { MCP_HEADER_ONLY } });
    await world.connected("luna");
    const { key } = await makeKey(world, "luna");
    const inject = async (headers: Headers) => {
      const answer = await world.mcp.app.inject({
        method: "POST",
        url: "/mcp",
        headers: { host: "cita.example", "content-type": "application/json", ...headers },
        payload: callSlots,
      });
      return answer.statusCode;
    };
    t.equal(await inject(bearer(key)), 200);
    t.equal(await inject({ ...bearer(key), origin: "https://evil.example" }), 403);
    t.equal(await inject({ ...bearer(key), origin: world.mcpUrl }), 200);
    t.equal(await inject({ "x-customer-id": "luna" }), MCP_HEADER_ONLY === "true" ? 403 : 401);
  }
});

t.test("wrong keys are counted by address; right ones are never held back, nor is the admin", async (t) => {
  const world = await openWorld(t, { FAILED_KEYS_PER_MINUTE: "3", TRUST_PROXY: "loopback" });
  await world.connected("luna");
  const { key } = await makeKey(world, "luna");
  const knock = async (headers: Headers, address: string) =>
    world.rpc(listTools, { ...headers, "x-forwarded-for": address });
  for (let i = 0; i < 5; i++) t.equal((await knock({}, "203.0.113.1")).status, 401, "none is no wrong one");
  for (let i = 0; i < 3; i++) t.equal((await knock(bearer(madeUp), "203.0.113.1")).status, 401);
  const refused = await knock(bearer(madeUp), "203.0.113.1");
  t.match(refused, { status: 429, body: { jsonrpc: "2.0", id: null, error: { code: -32001 } } });
  const wait = Number(refused.headers.get("retry-after"));
  t.ok(wait > 0 && wait <= 60, `${wait} seconds`);
  t.equal((await knock(bearer(key), "203.0.113.1")).status, 200, "others may share the address");
  t.equal((await knock(bearer(madeUp), "203.0.113.2")).status, 401);

  const fromHere = () => world.rpc(listTools, bearer(madeUp));
  for (const status of [401, 401, 401, 429]) t.equal((await fromHere()).status, status);
  t.equal((await world.api("GET", "/v1/activity")).status, 200, "admin-api calls from the same address");
});

t.test("a key that was given days ends with them", async (t) => {
  const world = await openWorld(t);
  await world.connected("luna");
  const { key, expires_at } = await makeKey(world, "luna", { name: "Trial", expires_in_days: 30 });
  t.equal(expires_at, "2027-02-16T23:00:00.000Z");
  const ends = Date.parse(expires_at);
  world.clock.now = ends - 1;
  t.equal((await world.rpc(listTools, bearer(key))).status, 200);
  world.clock.now = ends;
  t.equal((await world.rpc(listTools, bearer(key))).status, 401);
  t.match((await world.api("GET", keysPath("luna"))).body, { agent_keys: [{ state: "expired" }] });
});

t.test("while the database can't be asked nobody is let in", async (t) => {
  const world = await openWorld(t);
  await world.connected("luna");
  const { key } = await makeKey(world, "luna");
  await world.mcp.db.schema.alterTable("agent_keys").renameTo("elsewhere").execute();
  t.match(await world.rpc(listTools, bearer(key)), { status: 500, body: { error: { code: -32603 } } });
  t.equal((await world.rpc(listTools, { "x-customer-id": "luna" })).status, 401);
});

t.test("a disconnected customer's keys stay, and open nothing until it connects again", async (t) => {
  const world = await createWorld(t, { variables: { MCP_HEADER_ONLY: "false" } });
  await world.connect("luna");
  const { key } = await makeKey(world, "luna");
  t.equal(await whoseSlots(world, bearer(key)), "not_connected", "a key may come before the calendar");
  await connectBoth(world);
  t.equal(await whoseSlots(world, bearer(key)), "luna");
  await world.api("DELETE", "/v1/customer-calendars/luna");
  t.equal(await whoseSlots(world, bearer(key)), "not_connected");
  t.match((await world.api("GET", keysPath("luna"))).body, { agent_keys: [{ state: "live" }] });
  await world.consent((await world.connect("luna")).body.shareable_link);
  t.equal(await whoseSlots(world, bearer(key)), "luna");
});

t.test("a customer's calls are counted together, whichever key they come with", async (t) => {
  const world = await openWorld(t, { MCP_CALLS_PER_MINUTE: "3" });
  for (const id of ["luna", "sol"]) await world.connect(id);
  const [one, other] = [await makeKey(world, "luna"), await makeKey(world, "luna")];
  const { key: platform } = await makeKey(world);
  const statusOf = async (headers: Headers) => (await world.rpc(listTools, headers)).status;
  t.equal(await statusOf(bearer(one.key)), 200);
  t.equal(await statusOf(bearer(other.key)), 200);
  t.equal(await statusOf({ ...bearer(platform), "x-customer-id": "luna" }), 200);
  t.equal(await statusOf(bearer(one.key)), 429);
  t.equal(await statusOf({ ...bearer(one.key), "x-customer-id": "sol" }), 403);
  t.equal(await statusOf({ ...bearer(platform), "x-customer-id": "sol" }), 200);
});

t.test("clients of both SDK lines come in with a key alone", async (t) => {
  const world = await openWorld(t);
  await connectBoth(world);
  const { key, key_id } = await makeKey(world, "luna");
  const url = new URL(`${world.mcpUrl}/mcp`);
  const requestInit = { headers: bearer(key) };
  const clients = () => [
    [new Client({ name: "now", version: "1" }), new StreamableHTTPClientTransport(url, { requestInit })],
    [new EarlierClient({ name: "before", version: "1" }), new EarlierTransport(url, { requestInit })],
  ];
  for (const [client, transport] of clients() as [Client, StreamableHTTPClientTransport][]) {
    await client.connect(transport);
    const { structuredContent } = await client.callTool({
      name: "get_available_slots",
      arguments: { date_iso: "2027-01-18" },
    });
    t.match(structuredContent, { slots: [{ start: "2027-01-18T10:00:00-05:00" }] });
    await client.close();
  }
  await world.api("DELETE", `${keysPath("luna")}/${key_id}`);
  for (const [client, transport] of clients() as [Client, StreamableHTTPClientTransport][]) {
    await t.rejects(client.connect(transport));
  }
});

t.test("a key that one process revokes opens nothing in another, at once", async (t) => {
  const world = await createProcessWorld(t);
  const [one, other] = await Promise.all([
    world.start("apps/mcp-calendar/src/main.ts", { MCP_HEADER_ONLY: "false" }),
    world.start("apps/mcp-calendar/src/main.ts", { MCP_HEADER_ONLY: "false" }),
  ]);
  await one.connect("luna");
  const manage = async (url: string, method: string, body?: object) => {
    const headers = { ...bearer(serviceKey), ...(body && { "content-type": "application/json" }) };
    return JSON.parse(await (await fetch(url, { method, headers, body: JSON.stringify(body) })).text());
  };
  const statusAt = async ({ url }: { url: string }, key: string) => {
    const headers = { ...bearer(key), "content-type": "application/json" };
    const body = JSON.stringify(listTools);
    return (await fetch(`${url}/mcp`, { method: "POST", headers, body })).status;
  };
  for (let i = 0; i < 5; i++) {
    const keysUrl = `${one.url}/customers/luna/agent-keys`;
    const { key, key_id } = await manage(keysUrl, "POST", { name: "Bot" });
    t.strictSame([await statusAt(one, key), await statusAt(other, key)], [200, 200]);
    await manage(`${keysUrl}/${key_id}`, "DELETE");
    t.strictSame([await statusAt(other, key), await statusAt(one, key)], [401, 401]);
  }
});
