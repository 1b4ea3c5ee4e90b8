import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import t, { type Test } from "tap";
import { parse } from "yaml";
import { defaultTiming } from "../apps/mcp-calendar/src/bookings/sweeper.ts";
import { createIntegrationsWorld } from "./support/integrations-world.ts";
import { createWorld, serviceKey, type World } from "./support/world.ts";

const monday = { date_iso: "2027-01-18" };
const hour = 3_600_000;

type Sample = { name: string; labels: Record<string, string>; value: number };

async function scrape(world: World, url = world.mcpUrl): Promise<{ text: string; samples: Sample[] }> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return { text, samples: [...text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)].map(readSample) };
}

function readSample([, name = "", labels = "", value]: RegExpMatchArray): Sample {
  const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, text]) => [key, text]);
  return { name, labels: Object.fromEntries(pairs), value: Number(value) };
}

/** The sum of all samples that carry these labels. */
async function sumOf(world: World, name: string, labels: Record<string, string> = {}): Promise<number> {
  const { samples } = await scrape(world);
  const fitting = samples.filter(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([key, text]) => sample.labels[key] === text),
  );
  return fitting.reduce((sum, { value }) => sum + value, 0);
}

/** A world in which everything that is counted has happened at least once. */
async function eventful(world: World): Promise<void> {
  for (const id of ["luna", "sol"]) await world.connected(id);
  await world.connect("mar");
  await world.call("luna", "get_available_slots", monday);
  await world.call("luna", "get_available_slots", { date_iso: "never" });
  await world.call("nobody", "get_available_slots", monday);
  const book = { start_iso: "2027-01-18T09:00:00-05:00", attendee_name: "Ana Pérez" };
  const { answer } = await world.call("luna", "book", book);
  const { booking_id } = answer;
  await world.call("luna", "reschedule_booking", { booking_id, start_iso: "2027-01-18T10:00:00-05:00" });
  await world.call("luna", "cancel_booking", { booking_id });
  await world.sandbox("POST", "expire-access-tokens");
  await world.call("luna", "get_available_slots", monday);
  await world.sandbox("POST", "revoke", { email: "sol@example.com" });
  await world.call("sol", "get_available_slots", monday);
}

t.test("requests, tool calls, calls to Google, refreshes and connections are counted", async (t) => {
  const world = await createWorld(t);
  await eventful(world);
  const counts: [expected: number, name: string, labels?: Record<string, string>][] = [
    [1, "cita_tool_calls_total", { tool: "book", outcome: "ok" }],
    [2, "cita_tool_calls_total", { tool: "get_available_slots", outcome: "ok" }],
    [1, "cita_tool_calls_total", { tool: "get_available_slots", outcome: "invalid_time" }],
    [1, "cita_tool_calls_total", { tool: "get_available_slots", outcome: "unknown_customer" }],
    [1, "cita_tool_calls_total", { tool: "get_available_slots", outcome: "reconnect_required" }],
    [5, "cita_tool_call_duration_seconds_count", { tool: "get_available_slots" }],
    [1, "cita_calendar_calls_total", { operation: "insert_event", outcome: "ok" }],
    [1, "cita_calendar_calls_total", { operation: "move_event", outcome: "ok" }],
    [1, "cita_calendar_calls_total", { operation: "remove_event", outcome: "ok" }],
    [1, "cita_calendar_calls_total", { operation: "read_busy", outcome: "reconnect_required" }],
    [1, "cita_calendar_call_duration_seconds_count", { operation: "insert_event" }],
    [1, "cita_token_refreshes_total", { result: "ok" }],
    [1, "cita_token_refreshes_total", { result: "reauth_required" }],
    [0, "cita_token_refreshes_total", { result: "misconfigured" }],
    [1, "cita_connections", { state: "connected" }],
    [1, "cita_connections", { state: "reconnect_required" }],
    [1, "cita_connections", { state: "pending" }],
    [8, "cita_http_requests_total", { method: "POST", route: "/mcp", status: "200" }],
    [2, "cita_http_requests_total", { method: "GET", route: "/connect/:token", status: "200" }],
  ];
  for (const [expected, name, labels] of counts) {
    t.equal(await sumOf(world, name, labels), expected, `${name} ${JSON.stringify(labels)}`);
  }
  t.ok((await sumOf(world, "process_resident_memory_bytes")) > 10_000_000);
  t.ok((await sumOf(world, "process_cpu_seconds_total")) > 0);

  await fetch(`${world.mcpUrl}/nothing/at-all`);
  t.equal(await sumOf(world, "cita_http_requests_total", { route: "(no route)", status: "404" }), 1);
});

t.test("instances that live, their heartbeats and connections are told", async (t) => {
  const beats = { ...defaultTiming, beatIntervalMs: 50 };
  const world = await createWorld(t, { engine: "postgres", timing: beats });
  const another = await world.startAnother();
  const untilInstances = async (expected: number) => {
    for (let i = 0; i < 100 && (await sumOf(world, "cita_instances")) !== expected; i++) await sleep(50);
    t.equal(await sumOf(world, "cita_instances"), expected);
  };
  await untilInstances(2);
  await another.close();
  await untilInstances(1);
  t.ok((await sumOf(world, "cita_heartbeat_age_seconds")) < 30);
  t.equal(await sumOf(world, "cita_database_connections", { state: "limit" }), 8);

  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  const holders = Array.from({ length: 3 }, () => world.mcp.db.transaction().execute(() => held));
  await sleep(100);
  t.ok((await sumOf(world, "cita_database_connections", { state: "in_use" })) >= 3);
  letGo();
  await Promise.all(holders);
});

t.test("no label says who: no customer, address, token, link or URL", async (t) => {
  const world = await createWorld(t);
  await eventful(world);
  const { body } = await world.connect("luna", { renew: true });
  await fetch(body.shareable_link);
  const connection = await world.mcp.store.connections.find({ customerId: "luna", provider: "google" });
  const { text, samples } = await scrape(world);
  const secrets = [connection?.accessToken, connection?.refreshToken, new URL(body.shareable_link).pathname];
  for (const secret of ["luna", "sol", "example.com", "Ana", "nobody", ...secrets]) {
    t.notOk(text.includes(secret ?? "?"), "it isn't there");
  }
  const known = [
    "method",
    "route",
    "status",
    "tool",
    "outcome",
    "provider",
    "operation",
    "result",
    "state",
    "name",
    "le",
  ];
  t.strictSame([...new Set(samples.flatMap(({ labels }) => Object.keys(labels)))].sort(), known.sort());
});

t.test("admin-api counts its requests by route, and says nothing of whom they were about", async (t) => {
  const world = await createWorld(t);
  await world.connect("luna");
  for (const id of ["luna", "nobody"]) await world.api("GET", `/v1/customer-calendars/${id}`);
  const { text, samples } = await scrape(world, world.adminUrl);
  const route = "/v1/customer-calendars/:customer_id";
  const expected = [
    { labels: { method: "POST", route: "/v1/customer-calendars/connect", status: "200" }, value: 1 },
    { labels: { method: "GET", route, status: "200" }, value: 1 },
    { labels: { method: "GET", route, status: "404" }, value: 1 },
  ];
  const requests = samples.filter(({ name }) => name === "cita_http_requests_total");
  t.match(requests, expected);
  t.equal(requests.length, expected.length);
  for (const name of ["resident_memory_bytes", "cpu_seconds_total", "start_time_seconds"]) {
    t.ok(samples.some((sample) => sample.name === `process_${name}` && sample.value > 0));
  }
  t.notMatch(text, /luna|nobody|example\.com/);
  const { paths } = JSON.parse(await (await fetch(`${world.adminUrl}/docs/json`)).text());
  t.notOk("/metrics" in paths, "it is no part of the API");
});

t.test("/metrics of either is for this machine, or for whoever has the service key", async (t) => {
  const world = await createWorld(t);
  for (const app of [world.mcp.app, world.admin]) await isForOurOwn(t, app);
  t.equal((await fetch(`${world.mcpUrl}/metrics`)).headers.get("content-type")?.split(";")[0], "text/plain");
});

async function isForOurOwn(t: Test, app: World["admin"]): Promise<void> {
  const ask = async (headers: Record<string, string>, remoteAddress = "127.0.0.1") => {
    const local = { host: "localhost" };
    const request = { url: "/metrics", headers: { ...local, ...headers }, remoteAddress };
    return (await app.inject(request)).statusCode;
  };
  t.equal(await ask({}), 200);
  t.equal(await ask({}, "::ffff:127.0.0.1"), 200);
  t.equal(await ask({}, "::1"), 200);
  t.equal(await ask({}, "192.168.1.20"), 401);
  t.equal(await ask({ host: "rebound.example" }), 401, "a page whose name was rebound");
  t.equal(await ask({ "x-forwarded-for": "203.0.113.1" }), 401, "a proxy on this machine");
  t.equal(await ask({ "x-forwarded-for": "127.0.0.1" }), 401, "whatever it says");
  t.equal(await ask({ forwarded: "for=203.0.113.1" }), 401);
  for (const sign of ["via", "x-real-ip"]) t.equal(await ask({ [sign]: "203.0.113.1" }), 401, sign);
  const key = { authorization: `Bearer ${serviceKey}` };
  t.equal(await ask(key, "192.168.1.20"), 200);
  t.equal(await ask({ ...key, "x-forwarded-for": "203.0.113.1" }), 200);
  t.equal(await ask({ authorization: "Bearer wrong-key-0123456789" }, "192.168.1.20"), 401);
}

t.test(
  "the oldest failed refresh is known, whether Google refuses it or merely doesn't answer",
  async (t) => {
    const world = await createWorld(t, { requestTimeoutMs: 300 });
    for (const id of ["luna", "sol"]) await world.connected(id);
    const oldest = () => sumOf(world, "cita_oldest_failed_refresh_hours");
    t.equal(await oldest(), 0);

    await world.sandbox("POST", "faults", { path: "/token", status: 503 });
    world.clock.now += 2 * hour;
    await world.call("luna", "get_available_slots", monday);
    t.equal(await oldest(), 0);
    world.clock.now += 3 * hour;
    await world.call("luna", "get_available_slots", monday);
    t.equal(await oldest(), 3, "counted from the first failure");
    await world.sandbox("DELETE", "faults");
    t.match(await world.call("luna", "get_available_slots", monday), { answer: {} });
    t.equal(await oldest(), 0, "mended");

    await world.sandbox("POST", "revoke", { email: "sol@example.com" });
    await world.call("sol", "get_available_slots", monday);
    world.clock.now += 26 * hour;
    t.equal(await oldest(), 26);
    await world.restart();
    t.equal(await oldest(), 26, "it isn't forgotten");
    const { body } = await world.connect("sol");
    await world.consent(body.shareable_link);
    t.equal(await oldest(), 0);
  },
);

t.test("with the database gone the rest is told, and /ready says what is missing", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await world.mcp.db.schema.alterTable("oauth_tokens").renameTo("elsewhere").execute();
  const { samples } = await scrape(world);
  const connections = samples.filter(({ name }) => name === "cita_connections");
  t.equal(connections.length, 3);
  t.ok(
    connections.every(({ value }) => Number.isNaN(value)),
    "unknown is neither none nor what it was",
  );
  t.ok(samples.some(({ name }) => name === "cita_http_requests_total"));
  t.equal((await fetch(`${world.mcpUrl}/ready`)).status, 503);
});

t.test("/ready says when no configured key opens what is stored", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const ready = async () => {
    const response = await fetch(`${world.mcpUrl}/ready`);
    return { status: response.status, body: JSON.parse(await response.text()) };
  };
  t.match(await ready(), { status: 200, body: { status: "ready" } });
  // As after a rotation by somebody who hasn't told this process of the new key.
  await world.mcp.db
    .withTables<{ oauth_tokens: { key_fingerprint: string } }>()
    .updateTable("oauth_tokens")
    .set({ key_fingerprint: "another" })
    .execute();
  t.match(await ready(), {
    status: 503,
    body: { code: "not_ready", message: "TOKEN_ENCRYPTION_KEY doesn't open what is stored." },
  });
});

t.test("alert rules and board name nothing but what is exported", async (t) => {
  const world = await createWorld(t);
  await eventful(world);
  const integrations = await createIntegrationsWorld(t);
  const places = [world.mcpUrl, world.adminUrl, integrations.url];
  const samples = (await Promise.all(places.map((place) => scrape(world, place)))).flatMap(
    (scraped) => scraped.samples,
  );
  const labelsOf = new Map<string, Set<string>>();
  for (const { name, labels } of samples) {
    const known = labelsOf.get(name) ?? new Set(["job", "instance"]);
    labelsOf.set(name, new Set([...known, ...Object.keys(labels)]));
  }
  // Prometheus makes this one itself.
  labelsOf.set("up", new Set(["job", "instance"]));

  const read = (path: string) => readFileSync(new URL(`../deploy/${path}`, import.meta.url), "utf8");
  type Rule = { alert: string; expr: string; annotations: { summary: string } };
  const { groups } = parse(read("prometheus/alerts.yml")) as { groups: { rules: Rule[] }[] };
  const rules = groups.flatMap(({ rules }) => rules);
  type Panel = { title: string; targets: { expr: string }[] };
  const { panels } = JSON.parse(read("grafana/cita.json")) as { panels: Panel[] };
  const queries = [
    ...rules.map(({ alert, expr }) => [alert, expr] as const),
    ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
  ];
  t.ok(rules.length > 10 && panels.length > 10);
  for (const [title, expr] of queries) {
    const selectors = [...expr.matchAll(/\b(cita_\w+|process_\w+|up)\b(?:\{([^}]*)\})?/g)];
    t.ok(selectors.length > 0, title);
    for (const [, metric = "", matchers = ""] of selectors) {
      const labels = labelsOf.get(metric);
      t.ok(labels, `${title}: ${metric} is exported`);
      for (const [, label = ""] of matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g)) {
        t.ok(labels?.has(label), `${title}: ${metric} has ${label}`);
      }
    }
  }
  t.ok(rules.every(({ annotations }) => annotations.summary.endsWith(".")));
});
