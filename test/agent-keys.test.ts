import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { agentKeyMigrations, openAgentKeyStore } from "@cita/agent-keys";
import { agentKeysResponse, agentKeyView, newAgentKeyView } from "@cita/calendar-api";
import { migrate, openDatabase } from "@cita/database";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as EarlierClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as EarlierTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { sql } from "kysely";
import t, { type Test } from "tap";
import { createProcessWorld } from "./support/process-world.ts";
import { createWorld, readToolResult, serviceKey, type World } from "./support/world.ts";

type Headers = Record<string, string>;

const hour = 3_600_000;
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const listTools = { jsonrpc: "2.0", id: 1, method: "tools/list" };
const toolCall = (name: string, args: object) => ({
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: { name, arguments: args },
});
const callSlots = toolCall("get_available_slots", { date_iso: "2027-01-18" });
const madeUp = `cita_${"0".repeat(64)}`;

/** A server that trusts nobody for a header, as one that is reachable from elsewhere. */
const openWorld = (t: Test, variables: Headers = {}) =>
  createWorld(t, { cacheSeconds: 60, variables: { MCP_HEADER_ONLY: "false", ...variables } });

const keysPath = (customerId?: string) =>
  customerId === undefined ? "/v1/agent-keys" : `/v1/customer-calendars/${customerId}/agent-keys`;

/** Of one customer, or of the platform. */
async function makeKey(world: World, customerId?: string, body: object = { name: "WhatsApp bot" }) {
  const made = await world.api("POST", keysPath(customerId), body);
  if (made.status !== 201) throw new Error(JSON.stringify(made));
  return made.body;
}

/** Whom a request gets the calendar of: at luna's nine o'clock is taken, at sol's two. */
async function whoseSlots(world: World, headers: Headers): Promise<string> {
  const { status, body } = await world.rpc(callSlots, headers);
  if (status !== 200) return `${status}`;
  const { answer, error } = readToolResult(body.result);
  if (error !== undefined) return error.code;
  return ownerOf(answer);
}

function ownerOf({ slots }: { slots: { start: string }[] }): string {
  const starts = slots.map(({ start }) => start.slice(11, 16));
  return ["09:00", "14:00"].filter((time) => !starts.includes(time)).join() === "09:00" ? "luna" : "sol";
}

/** Sends the headers, and the body when others have had their turn: whoever is let in waits for it. */
async function postInTwo(url: string, { agent, headers }: { agent: Agent; headers: Headers }, body: object) {
  const sent = request(url, {
    method: "POST",
    agent,
    headers: { ...headers, "content-type": "application/json" },
  });
  sent.flushHeaders();
  const answered = once(sent, "response");
  await sleep(1);
  sent.end(JSON.stringify(body));
  const [response] = await answered;
  return JSON.parse(await text(response));
}

async function connectBoth(world: World): Promise<void> {
  const busy = (from: string, to: string) => [
    { summary: "Ocupado", start: `2027-01-18T${from}:00`, end: `2027-01-18T${to}:00` },
  ];
  await world.connected("luna", { events: busy("09:00", "10:00") });
  await world.connected("sol", { events: busy("14:00", "15:00") });
}

t.test("a key is shown once, opens one customer's calendar, and ends when it is revoked", async (t) => {
  const world = await openWorld(t);
  await connectBoth(world);
  const { key, ...shown } = await makeKey(world, "luna", { name: " WhatsApp bot " });
  t.match(key, /^cita_[0-9a-f]{64}$/);
  t.strictSame(shown, {
    key_id: 1,
    name: "WhatsApp bot",
    audience: "business",
    last_characters: key.slice(-4),
    state: "live",
    created_at: "2027-01-17T23:00:00.000Z",
    expires_at: null,
    last_used_at: null,
    revoked_at: null,
  });
  t.strictSame((await world.api("GET", keysPath("luna"))).body, { agent_keys: [shown] });

  t.equal(await whoseSlots(world, bearer(key)), "luna", "the key says whose calendar");
  t.equal(await whoseSlots(world, { ...bearer(key), "x-customer-id": "luna" }), "luna");
  t.equal(await whoseSlots(world, { authorization: `bearer  ${key}` }), "luna", "RFC 9110, section 11.1");
  t.equal(await whoseSlots(world, {}), "401");
  t.equal(await whoseSlots(world, { "x-customer-id": "luna" }), "401");

  const revoke = () => world.api("DELETE", `${keysPath("luna")}/1`);
  world.clock.now += hour;
  const { body: revoked } = await revoke();
  t.match(revoked, { key_id: 1, state: "revoked", revoked_at: "2027-01-18T00:00:00.000Z" });
  t.equal(await whoseSlots(world, bearer(key)), "401");
  world.clock.now += hour;
  t.strictSame((await revoke()).body, revoked, "it can be repeated");
  t.strictSame((await world.api("GET", keysPath("luna"))).body, { agent_keys: [revoked] });
});

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

t.test("a key says whom it serves: the business unless it was made for attendees", async (t) => {
  const world = await openWorld(t);
  await connectBoth(world);
  const audienceOf = async (body: object, customerId?: string) =>
    (await makeKey(world, customerId, body)).audience;
  t.equal(await audienceOf({ name: "Owner" }, "luna"), "business");
  t.equal(await audienceOf({ name: "Owner", audience: "business" }, "luna"), "business");
  t.equal(await audienceOf({ name: "Bot", audience: "attendee", expires_in_days: 3 }, "luna"), "attendee");
  t.equal(await audienceOf({ name: "Bots", audience: "attendee" }), "attendee");
  const { agent_keys } = (await world.api("GET", keysPath("luna"))).body;
  t.match(agent_keys, [{ audience: "attendee" }, { audience: "business" }, { audience: "business" }]);
  const revoked = await world.api("DELETE", `${keysPath("luna")}/${agent_keys[0].key_id}`);
  t.match(revoked.body, { state: "revoked", audience: "attendee" });

  const list = toolCall("list_bookings", {});
  const { key: platform } = await makeKey(world, undefined, { name: "Bots", audience: "attendee" });
  const asBot = { ...bearer(platform), "x-customer-id": "luna" };
  t.match(await world.rpc(list, asBot), {
    status: 400,
    body: { error: { data: { code: "attendee_required" } } },
  });
  t.equal((await world.rpc(list, { ...asBot, "x-attendee-ref": "tg:1" })).status, 200);
});

t.test("keys from before audiences are the business's", async (t) => {
  const db = openDatabase(`file:${join(t.testdir(), "calendar.db")}`);
  t.teardown(() => db.destroy());
  const { "0001-agent-keys": first } = agentKeyMigrations.migrations;
  if (first === undefined) throw new Error("there is no first step");
  await migrate(db, { owner: "agent_keys", migrations: { "0001-agent-keys": first } });
  const key = `cita_${"1".repeat(64)}`;
  const hash = createHash("sha256").update(key).digest("hex");
  await sql`insert into agent_keys (customer_id, name, hash, last_characters, created_at_ms)
    values ('luna', 'Old', ${hash}, '1111', 1)`.execute(db);
  const keys = await openAgentKeyStore({ db });
  t.match(await keys.findLive(key), { name: "Old", audience: "business", attendeeNamedAt: null });
});

t.test("two tenants' calls with their own keys, a thousand of them interleaved, never cross", async (t) => {
  const world = await openWorld(t);
  await connectBoth(world);
  const keys: Headers = {
    luna: (await makeKey(world, "luna")).key,
    sol: (await makeKey(world, "sol")).key,
    platform: (await makeKey(world)).key,
  };
  const agent = new Agent({ keepAlive: true, maxSockets: 50 });
  t.teardown(() => agent.destroy());
  let next = 0;
  let underWay = 0;
  let overlapped = 0;
  const crossed: string[] = [];
  async function callOn(): Promise<void> {
    for (let i = next++; i < 1_000; i = next++) {
      const customer = i % 2 === 0 ? "luna" : "sol";
      const headers =
        i % 3 === 0
          ? { ...bearer(keys.platform ?? ""), "x-customer-id": customer }
          : bearer(keys[customer] ?? "");
      if (++underWay > 1) overlapped++;
      const { result } = await postInTwo(`${world.mcpUrl}/mcp`, { agent, headers }, callSlots);
      underWay--;
      const seen = ownerOf(readToolResult(result).answer);
      if (seen !== customer) crossed.push(`${customer} saw ${seen}`);
    }
  }
  await Promise.all(Array.from({ length: 50 }, callOn));
  t.strictSame(crossed, []);
  t.ok(overlapped > 900, `${overlapped} began while others were under way`);
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

t.test("when a key was last used is told to the hour, and written no more often", async (t) => {
  const world = await openWorld(t);
  await world.connected("luna");
  const { key } = await makeKey(world, "luna");
  const lastUse = async () => (await world.api("GET", keysPath("luna"))).body.agent_keys[0].last_used_at;
  const use = async () => (await world.rpc(listTools, bearer(key))).status;
  const begun = world.clock.now;
  await Promise.all(Array.from({ length: 50 }, use));
  t.equal(await lastUse(), new Date(begun).toISOString(), "the first use at once");
  world.clock.now = begun + hour - 1;
  await use();
  t.equal(await lastUse(), new Date(begun).toISOString());
  await world.restart();
  await use();
  t.equal(await lastUse(), new Date(begun).toISOString(), "a new process knows it too");
  world.clock.now = begun + hour;
  await use();
  t.equal(await lastUse(), new Date(begun + hour).toISOString());

  await sql`create trigger full before update of last_used_at_ms on agent_keys
    begin select raise(fail, 'no space'); end`.execute(world.mcp.db);
  world.clock.now += hour;
  t.strictSame([await use(), await use()], [200, 200], "what can't be noted is no reason to refuse");
  const lines = world.log.filter((line) => line.includes("the use of an agent key couldn't be noted"));
  t.match(
    lines.map((line) => JSON.parse(line)),
    [{ level: 40, key_id: 1 }],
  );
});

t.test("while the database can't be asked nobody is let in", async (t) => {
  const world = await openWorld(t);
  await world.connected("luna");
  const { key } = await makeKey(world, "luna");
  await world.mcp.db.schema.alterTable("agent_keys").renameTo("elsewhere").execute();
  t.match(await world.rpc(listTools, bearer(key)), { status: 500, body: { error: { code: -32603 } } });
  t.equal((await world.rpc(listTools, { "x-customer-id": "luna" })).status, 401);
});

t.test("an owner has twenty live keys at most, however many are asked for at once", async (t) => {
  const world = await openWorld(t);
  await world.connect("luna");
  await world.connect("sol");
  const ask = () => world.api("POST", keysPath("luna"), { name: "Bot", expires_in_days: 1 });
  const asked = await Promise.all(Array.from({ length: 25 }, ask));
  t.equal(asked.filter(({ status }) => status === 201).length, 20);
  t.match(
    asked.filter(({ status }) => status !== 201).map(({ status, body }) => ({ status, body })),
    Array.from({ length: 5 }, () => ({ status: 409, body: { code: "too_many_agent_keys" } })),
  );
  t.equal(new Set(asked.map(({ body }) => body.key)).size, 21, "no key is given twice");
  await makeKey(world, "sol");
  await makeKey(world);
  const [newest] = (await world.api("GET", keysPath("luna"))).body.agent_keys;
  await world.api("DELETE", `${keysPath("luna")}/${newest.key_id}`);
  const { key_id } = await makeKey(world, "luna");
  t.equal((await ask()).status, 409);
  const { agent_keys } = (await world.api("GET", keysPath("luna"))).body;
  t.equal(agent_keys[0].key_id, key_id);
  t.match(agent_keys.at(-1), { key_id: newest.key_id, state: "revoked" }, "live ones come first");
  world.clock.now += 25 * hour;
  t.equal((await ask()).status, 201, "those that have run out don't count");
});

t.test("what can't be a key is refused by name", async (t) => {
  const world = await openWorld(t);
  await world.connect("luna");
  await makeKey(world, "luna");
  for (const path of [keysPath("luna"), keysPath()]) {
    const bodies = [
      undefined,
      {},
      { name: "" },
      { name: "  " },
      { name: "x".repeat(101) },
      { name: 1 },
      { name: "Bot", expires_in_days: 0 },
      { name: "Bot", expires_in_days: 1.5 },
      { name: "Bot", expires_in_days: 3_651 },
      { name: "Bot", customer_id: "sol" },
      { name: "Bot", audience: "" },
      { name: "Bot", audience: "everybody" },
      { name: "Bot", audience: null },
    ];
    for (const body of bodies) {
      t.match(await world.api("POST", path, body), { status: 400, body: { code: "invalid_request" } });
    }
    for (const id of ["0", "-1", "x", "1.5", "1e99"]) {
      t.match(await world.api("DELETE", `${path}/${id}`), { status: 400, body: { code: "invalid_request" } });
    }
    for (const [method, at] of [
      ["GET", path],
      ["POST", path],
      ["DELETE", `${path}/1`],
    ] as const) {
      t.equal((await world.api(method, at, undefined, "wrong-key-0123456789")).status, 401);
      const managed = at.replace("/v1/customer-calendars", "/customers").replace("/v1/", "/");
      t.equal((await fetch(`${world.mcpUrl}${managed}`, { method })).status, 401, "mcp-calendar's own path");
    }
    t.match(await world.api("DELETE", `${path}/99`), { status: 404, body: { code: "agent_key_not_found" } });
  }
  t.match(await world.api("DELETE", `${keysPath()}/1`), { status: 404 }, "a customer's isn't the platform's");
  for (const [method, path] of [
    ["GET", keysPath("nobody")],
    ["POST", keysPath("nobody")],
    ["DELETE", `${keysPath("nobody")}/1`],
  ] as const) {
    const body = method === "POST" ? { name: "Bot" } : undefined;
    t.match(await world.api(method, path, body), { status: 404, body: { code: "unknown_customer" } });
  }
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

t.test("who made and revoked which key stands in the activity log", async (t) => {
  const world = await openWorld(t);
  await world.connect("luna");
  const { key } = await makeKey(world, "luna", { name: "Bot", expires_in_days: 1 });
  const { key: platform } = await makeKey(world, undefined, { name: "Backend" });
  for (let i = 0; i < 2; i++) await world.api("DELETE", `${keysPath("luna")}/1`);
  await world.api("DELETE", `${keysPath()}/2`);
  const bot = { key_id: 1, name: "Bot", last_characters: key.slice(-4) };
  const backend = { key_id: 2, name: "Backend", last_characters: platform.slice(-4) };
  const ofLuna = [
    { customer_id: "luna", kind: "agent_key_revoked", detail: bot },
    {
      customer_id: "luna",
      kind: "agent_key_created",
      detail: { ...bot, audience: "business", expires_at: "2027-01-18T23:00:00.000Z" },
    },
  ];
  const entries = async (path: string) => {
    const { body } = await world.api("GET", path);
    return (body.activity as { customer_id: string; kind: string; detail: object }[])
      .filter(({ kind }) => kind.startsWith("agent_key"))
      .map(({ customer_id, kind, detail }) => ({ customer_id, kind, detail }));
  };
  t.strictSame(await entries("/v1/customer-calendars/luna/activity"), ofLuna);
  t.strictSame(await entries("/v1/activity"), [
    { customer_id: null, kind: "agent_key_revoked", detail: backend },
    ofLuna[0],
    {
      customer_id: null,
      kind: "agent_key_created",
      detail: { ...backend, audience: "business", expires_at: null },
    },
    ofLuna[1],
  ]);
});

t.test("a key stands in no log line, and not in the database", async (t) => {
  const world = await openWorld(t, { FAILED_KEYS_PER_MINUTE: "1" });
  await connectBoth(world);
  const keys: string[] = [];
  for (const customerId of ["luna", "sol", undefined]) keys.push((await makeKey(world, customerId)).key);
  const [luna = ""] = keys;
  await whoseSlots(world, bearer(luna));
  await whoseSlots(world, { ...bearer(luna), "x-customer-id": "sol" });
  await world.sandbox("POST", "faults", { path: "/calendar/v3", status: 400, times: 1 });
  await world.rpc(toolCall("list_bookings", {}), bearer(luna));
  await world.rpc("{", bearer(luna));
  await fetch(`${world.mcpUrl}/mcp?key=${luna}`, { method: "POST" });
  await fetch(`${world.mcpUrl}/${luna}`);
  await fetch(`${world.mcpUrl}/%zz${luna}`);
  await world.api("DELETE", `${keysPath("luna")}/1`);
  await whoseSlots(world, bearer(luna));
  await whoseSlots(world, bearer(luna));
  await world.mcp.db.schema.alterTable("agent_keys").renameTo("elsewhere").execute();
  await whoseSlots(world, bearer(keys[1] ?? ""));
  await world.mcp.db.schema.alterTable("elsewhere").renameTo("agent_keys").execute();

  const files = ["calendar.db", "calendar.db-wal", "admin.db"].map((name) =>
    readFileSync(join(world.folder, name), "latin1"),
  );
  t.ok(
    files.some((file) => file.includes("WhatsApp bot")),
    "they are kept there",
  );
  const kept = [world.log.join(""), ...files].join("");
  for (const key of keys) {
    t.notOk(kept.includes(key));
    t.notOk(kept.includes(key.slice(5, 40)), "nor most of it");
  }
  t.ok(world.log.length > 30);
});

t.test("the OpenAPI document says what is answered, with examples that keep to the schema", async (t) => {
  const world = await openWorld(t);
  const { paths } = JSON.parse(await (await fetch(`${world.adminUrl}/docs/json`)).text());
  const ofOne = "/v1/customer-calendars/{customer_id}/agent-keys";
  for (const path of [ofOne, "/v1/agent-keys"]) {
    const { get, post } = paths[path];
    const remove = paths[`${path}/{key_id}`].delete;
    const exampleOf = ({ responses }: { responses: Record<string, object> }, status: number) =>
      Object(responses[status]).content["application/json"].example;
    for (const [schema, example] of [
      [agentKeysResponse, exampleOf(get, 200)],
      [newAgentKeyView, exampleOf(post, 201)],
      [agentKeyView, exampleOf(remove, 200)],
    ] as const) {
      t.strictSame(schema.parse(example), example);
    }
    t.match(post, { security: [{ adminKey: [] }], responses: { 400: {}, 401: {}, 409: {}, 502: {} } });
    t.match(remove, { security: [{ adminKey: [] }], responses: { 401: {}, 404: {} } });
    t.match(post.requestBody.content["application/json"].schema.properties.name.example, "WhatsApp bot");
  }
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
