import t, { type Test } from "tap";
import { openAgreement } from "../support/agreement.ts";
import { createBrowser } from "../support/browser.ts";
import { comingMonday } from "../support/coming-monday.ts";
import { countEvents } from "../support/event-agreement.ts";
import { googleProvider } from "../support/google-provider.ts";
import { type CalendarProcess, createProcessWorld, type ToolOutcome } from "../support/process-world.ts";
import { startRoundRobin } from "../support/round-robin.ts";
import { openStored } from "../support/stored-connections.ts";
import { serviceKey } from "../support/test-keys.ts";

// Two processes over SQLite: contention.test.ts, refresh-processes.test.ts, instances.test.ts.

const monday = comingMonday();
const ten = `${monday}T10:00:00-05:00`;
const agreeMs = 15_000;
const { insert, token } = googleProvider.endpoints;

t.setTimeout(120_000);

const world = await createProcessWorld(t, { engine: "postgres", rotateRefreshTokens: true });
const balancer = await startRoundRobin(t);
/** Calls to Google get all the time they take: on a busy machine a crowd's requests wait longer than Google is waited for. */
const start = () =>
  world.start("test/fixtures/hasty-calendar-service.ts", {
    ...{ HOLD_MS: "60000", BEAT_INTERVAL_MS: "1000", MCP_PUBLIC_URL: balancer.url },
    ...{ GOOGLE_PROJECT_QUOTA: "100000", CALENDAR_CACHE_SECONDS: "0", FAILED_KEYS_PER_MINUTE: "100000" },
  });
/** Started at the same moment over a schema that isn't there yet. */
const services = await Promise.all([start(), start(), start(), start()]);
balancer.targets = services.map(({ url }) => url);
const [one, two] = services;
const agreement = openAgreement(world);
t.teardown(() => agreement.close());

/** All at once, a quarter of them at each instance. */
function crowd(
  size: number,
  ask: (service: CalendarProcess, agent: number) => Promise<ToolOutcome>,
): Promise<ToolOutcome[]> {
  return Promise.all(Array.from({ length: size }, (_, agent) => ask(services[agent % 4] ?? one, agent)));
}

const answersOf = (outcomes: ToolOutcome[]) => outcomes.flatMap(({ answer }) => answer ?? []);

/** How often each refusal was said. */
function countCodes(outcomes: ToolOutcome[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { error } of outcomes) if (error) counts[error.code] = (counts[error.code] ?? 0) + 1;
  return counts;
}

/** Those who got nothing are told that the time is taken, or to try again. */
function expectRefused(t: Test, outcomes: ToolOutcome[]): void {
  t.comment(JSON.stringify(countCodes(outcomes)));
  const errors = outcomes.flatMap(({ error }) => error ?? []);
  t.strictSame(
    errors.filter(({ code, retryable }) => code !== "slot_taken" && retryable !== true),
    [],
  );
}

/** What was confirmed, what stands in the calendar and what each instance lists are the same. */
async function expectAgreement(t: Test, customer: string, eventIds: readonly string[]): Promise<void> {
  t.strictSame((await agreement.untilAgreed([customer], agreeMs)).differences, []);
  const events = await agreement.marked(customer);
  t.strictSame(events.map(({ id }) => id).sort(), [...eventIds].sort());
  for (const service of services) {
    const { answer } = await service.call(customer, "list_bookings", {});
    t.equal(answer.bookings.length, eventIds.length);
  }
}

/** @returns how often a call to Google was made meanwhile. */
async function countCalls({ method, path }: { method: string; path: string }, act: () => Promise<void>) {
  await world.sandbox("DELETE", "calls");
  await act();
  return (await world.sandbox("GET", "calls")).by[`${method} ${path}`] ?? 0;
}

t.test("500 agents at four instances want one time: one gets it", async (t) => {
  await one.connect("luna");
  let outcomes: ToolOutcome[] = [];
  const inserts = await countCalls(insert, async () => {
    outcomes = await crowd(500, (service, agent) =>
      service.call("luna", "book", { start_iso: ten, attendee_name: `Agent ${agent}` }),
    );
  });
  const booked = answersOf(outcomes);
  t.match(booked, [{ status: "confirmed", start: ten }]);
  t.equal(booked.length, 1);
  t.equal(inserts, 1, "only the winner writes");
  expectRefused(t, outcomes);
  t.ok((countCodes(outcomes).slot_taken ?? 0) > 250, "most hear that it is taken");
  await expectAgreement(t, "luna", [booked[0]?.event_id]);
  t.equal(await countEvents(world.databaseUrl, "luna", "booked"), 1);
});

t.test("one request fifty times under one key is one booking and one answer", async (t) => {
  await one.connect("nube");
  const request = { start_iso: ten, attendee_name: "Ana", idempotency_key: "k1" };
  const outcomes = await crowd(50, (service) => service.call("nube", "book", request));
  const [first, ...others] = answersOf(outcomes);
  t.match(first, { status: "confirmed" });
  for (const other of others) t.strictSame(other, first);
  expectRefused(t, outcomes);
  t.equal(countCodes(outcomes).slot_taken, undefined, "nobody is in the way of oneself");
  for (const service of services) t.strictSame((await service.call("nube", "book", request)).answer, first);
  await expectAgreement(t, "nube", [first.event_id]);
});

t.test("a time with three places is booked three times", async (t) => {
  await one.connect("mar", {
    services: [{ id: "class", name: "Class", duration_minutes: 60, capacity: 3 }],
  });
  const outcomes = await crowd(200, (service, agent) =>
    service.call("mar", "book", { start_iso: ten, attendee_name: `Agent ${agent}` }),
  );
  const booked = answersOf(outcomes);
  t.equal(booked.length, 3);
  expectRefused(t, outcomes);
  await expectAgreement(
    t,
    "mar",
    booked.map(({ event_id }) => event_id),
  );
});

t.test("an access token runs out: four instances with 200 callers renew it once", async (t) => {
  await one.connect("rio");
  await openStored(world.databaseUrl).expireAccess("rio");
  const look = () =>
    crowd(200, (service) => service.call("rio", "get_available_slots", { date_iso: monday }));
  let outcomes: ToolOutcome[] = [];
  const refreshes = await countCalls(token, async () => {
    outcomes = await look();
  });
  t.equal(refreshes, 1);
  t.strictSame(countCodes(outcomes), {});
  t.ok(answersOf(outcomes).every(({ slots }) => slots.length > 0));
});

t.test("a consent goes from one instance to the next at each step", async (t) => {
  const customer = "paz";
  await world.sandbox("POST", "accounts", {
    ...{ email: "paz@example.com", time_zone: "America/Bogota", events: [] },
  });
  const { shareable_link } = await manage(one, "POST", "/oauth/authorize", {
    ...{ customer_id: customer, customer_email: "paz@example.com" },
  });
  const before = balancer.passed.length;
  const browser = createBrowser();
  const question = await browser.submit(await browser.open(shareable_link));
  const page = await browser.submit(question, { action: "allow" });
  t.match(page, { status: 200, text: /Your calendar is connected/ });
  const steps = balancer.passed.slice(before);
  t.comment(steps.map(({ path, target }) => `${path} at ${target}`).join(", "));
  const targetOf = (part: string) => steps.find(({ path }) => path.includes(part))?.target;
  t.not(targetOf("POST"), targetOf("callback"), "it was begun at one and ended at another");
  for (const service of services) t.equal(await service.connectionState(customer), "connected");
  t.match(await two.call(customer, "get_available_slots", { date_iso: monday }), {
    answer: { slots: Array },
  });
});

t.test("a key that is revoked at one instance opens nothing at another", async (t) => {
  const body = { name: "Bot" };
  for (const [i, service] of services.entries()) {
    const { key, key_id } = await manage(service, "POST", "/customers/luna/agent-keys", body);
    for (const other of services) t.equal(await statusWith(other, key), 200);
    // Calls under the key go on while it is revoked: none that was sent afterwards is let in.
    const askers = await Promise.all(services.map((other) => keepAsking(other, key)));
    await manage(services[(i + 1) % 4] ?? two, "DELETE", `/customers/luna/agent-keys/${key_id}`);
    const revokedAt = performance.now();
    for (const other of services) t.equal(await statusWith(other, key), 401);
    for (const asker of askers) {
      const calls = await asker.stop();
      for (const { status, sentAt } of calls) if (sentAt > revokedAt) t.equal(status, 401);
    }
  }
});

async function manage(service: CalendarProcess, method: string, path: string, body?: object) {
  const response = await fetch(`${service.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${serviceKey}`, ...(body && { "content-type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  return response.status === 204 ? {} : JSON.parse(await response.text());
}

async function statusWith({ url }: CalendarProcess, key: string): Promise<number> {
  const response = await fetch(`${url}/mcp`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" }),
  });
  await response.text();
  return response.status;
}

/** @returns once it was let in. */
async function keepAsking(service: CalendarProcess, key: string) {
  const calls: { sentAt: number; status: number }[] = [];
  const ask = async () => {
    const sentAt = performance.now();
    calls.push({ sentAt, status: await statusWith(service, key) });
  };
  let isStopped = false;
  await ask();
  const finished = (async () => {
    while (!isStopped) await ask();
  })();
  return {
    async stop() {
      isStopped = true;
      await finished;
      return calls;
    },
  };
}
