import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { agentKeyMigrations, openAgentKeyStore } from "@cita/agent-keys";
import { agentKeysResponse, agentKeyView, newAgentKeyView } from "@cita/calendar-api";
import { migrate, openDatabase } from "@cita/database";
import { sql } from "kysely";
import t from "tap";
import {
  bearer,
  connectBoth,
  hourMs,
  keysPath,
  listTools,
  makeKey,
  openWorld,
  toolCall,
  whoseSlots,
} from "./support/agent-key-calls.ts";
import { openEvents } from "./support/open-events.ts";

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
  world.clock.now += hourMs;
  const { body: revoked } = await revoke();
  t.match(revoked, { key_id: 1, state: "revoked", revoked_at: "2027-01-18T00:00:00.000Z" });
  t.equal(await whoseSlots(world, bearer(key)), "401");
  world.clock.now += hourMs;
  t.strictSame((await revoke()).body, revoked, "it can be repeated");
  t.strictSame((await world.api("GET", keysPath("luna"))).body, { agent_keys: [revoked] });
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
  const keys = await openAgentKeyStore({ db, events: await openEvents(db) });
  t.match(await keys.findLive(key), { name: "Old", audience: "business", attendeeNamedAt: null });
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
  world.clock.now = begun + hourMs - 1;
  await use();
  t.equal(await lastUse(), new Date(begun).toISOString());
  await world.restart();
  await use();
  t.equal(await lastUse(), new Date(begun).toISOString(), "a new process knows it too");
  world.clock.now = begun + hourMs;
  await use();
  t.equal(await lastUse(), new Date(begun + hourMs).toISOString());

  await sql`create trigger full before update of last_used_at_ms on agent_keys
    begin select raise(fail, 'no space'); end`.execute(world.mcp.db);
  world.clock.now += hourMs;
  t.strictSame([await use(), await use()], [200, 200], "what can't be noted is no reason to refuse");
  const lines = world.log.filter((line) => line.includes("the use of an agent key couldn't be noted"));
  t.match(
    lines.map((line) => JSON.parse(line)),
    [{ level: 40, key_id: 1 }],
  );
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
  world.clock.now += 25 * hourMs;
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
