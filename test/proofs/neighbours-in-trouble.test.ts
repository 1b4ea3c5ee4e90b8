import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import type { UpstreamPolicyOptions } from "../../apps/mcp-calendar/src/calendars/upstream/upstream-policy.ts";
import { testedProvider, testOtherProviders } from "../support/calendar-providers.ts";
import {
  type Answered,
  ask,
  askMany,
  type CallFault,
  faultFor,
  keepAsking,
  refused,
} from "../support/neighbours.ts";
import { createWorld } from "../support/world.ts";

const provider = testedProvider(import.meta.url);

/** So long that nothing is repeated after it, as with the timeout of production. */
const timeoutMs = 2_100;
const silentMs = 3_000;
/** As in production, only sooner. */
const upstream: Partial<UpstreamPolicyOptions> = { openMs: 1_500, repeatAfterMs: 20 };
/** Whoever waited for another's call would wait until it is given up. */
const promptMs = timeoutMs - 500;

const late = (answers: Answered[]) => answers.filter(({ ms }) => ms > promptMs);
/** One in a hundred may have met a busy machine. */
const isPrompt = (answers: Answered[]) => late(answers).length <= Math.ceil(answers.length / 100);

t.test(
  "several customers' troubles are no outage to neighbours who ask together",
  { buffered: true },
  async (t) => {
    const world = await createWorld(t, { provider, upstream });
    const bad = ["mar", "rio", "sal", "ola", "sur", "pan"];
    const calm = ["luna", "sol", "paz"];
    for (const customer of [...bad, ...calm]) await world.connected(customer);
    for (const customer of bad) await faultFor(world, customer, { call: "any", status: 503 });
    const agents = keepAsking(world, bad, 200);
    const answers: Answered[] = [];
    for (let round = 0; round < 20; round++) {
      answers.push(...(await Promise.all(calm.map((customer) => ask(world, customer)))));
      await sleep(300);
    }
    await agents.stop();
    // The first time it may be one.
    t.ok(refused(answers).length <= 2, `${refused(answers).length} of ${answers.length}`);
  },
);

const troubles: Record<string, { fault: CallFault; tokensRunOut?: true; quick?: true }> = {
  "calls are answered 503": { fault: { call: "any", status: 503 }, quick: true },
  "calls get no answer": { fault: { call: "any", latency_ms: silentMs } },
  "connections break": { fault: { call: "any", drop: true }, quick: true },
  "refreshes get no answer": {
    fault: { call: "token", latency_ms: silentMs, drop: true },
    tokensRunOut: true,
  },
  "refreshes are answered 503": { fault: { call: "token", status: 503 }, tokensRunOut: true, quick: true },
};

// They wait most of the time.
t.jobs = 6;
for (const [name, { fault, tokensRunOut = false, quick = false }] of Object.entries(troubles)) {
  t.test(`one customer's trouble is nobody else's: ${name}`, { buffered: true }, async (t) => {
    const world = await createWorld(t, { provider, upstream, requestTimeoutMs: timeoutMs });
    for (const customer of ["luna", "sol"]) await world.connected(customer);
    if (tokensRunOut) world.clock.now += 3_700_000;
    await ask(world, "sol");
    await faultFor(world, "luna", fault);
    const agents = keepAsking(world, ["luna", "luna", "luna"]);
    const neighbour = await askMany(world, "sol", 100);
    await agents.stop();
    t.strictSame(refused(neighbour), []);
    t.ok(isPrompt(neighbour));
    t.ok(agents.answers.every(({ code }) => code === "calendar_unavailable"));
    if (!quick) t.ok(late(agents.answers).length > 0, "the trouble was one");
    // The first may be the probe.
    await ask(world, "luna");
    const own = await askMany(world, "luna", 10);
    t.ok(own.every(({ code }) => code === "calendar_unavailable"));
    t.ok(isPrompt(own), "while the breaker is open the agent doesn't wait either");

    await world.sandbox("DELETE", "faults");
    await sleep(1_550);
    t.equal((await ask(world, "luna")).code, undefined, "served again when the breaker's time is over");
  });
}

t.test("a neighbour's access is renewed while another's can't be", { buffered: true }, async (t) => {
  const world = await createWorld(t, { provider, upstream, requestTimeoutMs: 1_000 });
  for (const customer of ["luna", "sol"]) await world.connected(customer);
  world.clock.now += 3_700_000;
  await faultFor(world, "luna", { call: "token", latency_ms: silentMs, drop: true });
  const agents = keepAsking(world, ["luna"]);
  // Nobody else is answered meanwhile.
  await sleep(2_000);
  const neighbour: Answered[] = [];
  for (let i = 0; i < 20; i++) {
    await world.sandbox("POST", "expire-access-tokens");
    neighbour.push(await ask(world, "sol"));
    await sleep(100);
  }
  await agents.stop();
  t.strictSame(refused(neighbour), []);
});

t.test("several customers' trouble is nobody else's", { buffered: true }, async (t) => {
  const world = await createWorld(t, { provider, upstream, requestTimeoutMs: timeoutMs });
  const bad = ["luna", "mar", "rio", "sal"];
  for (const customer of [...bad, "sol"]) await world.connected(customer);
  await faultFor(world, "luna", { call: "any", status: 503 });
  await faultFor(world, "mar", { call: "any", latency_ms: silentMs });
  await faultFor(world, "rio", { call: "any", drop: true });
  await faultFor(world, "sal", { call: "any", status: 500 });
  const agents = keepAsking(world, bad);
  // Nobody is answered meanwhile.
  await sleep(2_000);
  const neighbour = await askMany(world, "sol", 40);
  await agents.stop();
  t.strictSame(refused(neighbour), []);
  t.ok(isPrompt(neighbour));
});

for (const [name, { call, ...fault }] of Object.entries<CallFault>({
  "answers 503": { call: "any", status: 503 },
  "says nothing": { call: "any", latency_ms: silentMs },
  "says nothing to refreshes": { call: "token", latency_ms: silentMs },
})) {
  t.test(
    `a provider that ${name} keeps few waiting, and is used again at once`,
    { buffered: true },
    async (t) => {
      const world = await createWorld(t, {
        provider,
        upstream: { ...upstream, openMs: 2_500 },
        requestTimeoutMs: timeoutMs,
      });
      const customers = Array.from({ length: 7 }, (_, i) => `customer-${i}`);
      for (const customer of customers) await world.connected(customer);
      if (call === "token") world.clock.now += 3_700_000;
      await world.fault(call, fault);
      const first = await Promise.all(customers.map((customer) => ask(world, customer)));
      t.ok(first.every(({ code }) => code === "calendar_unavailable"));
      await world.sandbox("DELETE", "calls");
      const begun = performance.now();
      const then: Answered[] = [];
      while (performance.now() - begun < 1_200) {
        then.push(...(await Promise.all(customers.map((customer) => ask(world, customer)))));
        await sleep(20);
      }
      t.ok(then.every(({ code }) => code === "calendar_unavailable"));
      t.ok(isPrompt(then));
      t.equal((await world.sandbox("GET", "calls")).total, 0, "the provider isn't asked");

      await world.sandbox("DELETE", "faults");
      const back = performance.now();
      for (const customer of customers) {
        while ((await ask(world, customer)).code !== undefined) await sleep(20);
      }
      const ms = performance.now() - back;
      // The last probe may have failed just before, and a busy machine takes its time.
      t.ok(ms < 2_500 + 2_000, `all are served ${Math.round(ms)} ms after it is back`);
    },
  );
}

testOtherProviders(import.meta.url);
