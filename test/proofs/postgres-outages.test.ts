import { setTimeout as sleep } from "node:timers/promises";
import { openDatabase } from "@cita/database";
import { sql } from "kysely";
import pg from "pg";
import t, { type Test } from "tap";
import { openAgreement } from "../support/agreement.ts";
import { createAgents } from "../support/chaos/agents.ts";
import { comingMonday } from "../support/coming-monday.ts";
import { runScript } from "../support/command.ts";
import { findUntold } from "../support/event-agreement.ts";
import { freePort } from "../support/free-port.ts";
import { createRandom } from "../support/fuzzing/random.ts";
import { googleProvider } from "../support/google-provider.ts";
import { createProxy } from "../support/postgres/proxy.ts";
import { createServer } from "../support/postgres/server.ts";
import { createProcessWorld } from "../support/process-world.ts";
import { adminKey, serviceKey } from "../support/test-keys.ts";
import { watchReady } from "../support/watch-ready.ts";

// The database package alone: postgres-recovery.test.ts. Outages of a provider: outages.test.ts.

const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);
/** Within which a service notices an outage, and its end. */
const noticedMs = 15_000;
/** The longest that anybody waits for an answer: several queries, each with the limits of the URL below. */
const answeredMs = 15_000;
const agreeMs = 15_000;
const limits = "pool_size=5&connect_timeout=1&statement_timeout=1000";

t.setTimeout(180_000);
t.comment(`CHAOS_SEED=${seed}`);

const monday = comingMonday();
const starts = ["09:00", "09:30", "10:00", "10:30", "11:00"].map((time) => `${monday}T${time}:00-05:00`);
const customers = Array.from({ length: 4 }, (_, i) => `customer-${i}`);

const server = await createServer({ durable: true });
t.teardown(() => server.remove());
const proxy = await createProxy(t, server.port);
const databaseUrl = `postgres://postgres@127.0.0.1:${proxy.port}/postgres?${limits}`;

const adminDatabaseUrl = `${databaseUrl}&schema=admin`;

const world = await createProcessWorld(t, { databaseUrl: `${databaseUrl}&schema=calendar` });
const services = await Promise.all([world.start(googleProvider.main), world.start(googleProvider.main)]);
const [one, two] = services;
const adminUrl = await startAdmin(t);
for (const customer of [...customers, "probe"]) await one.connect(customer);
const agreement = openAgreement(world);
t.teardown(() => agreement.close());

async function startAdmin(t: Test): Promise<string> {
  const port = await freePort();
  const env = {
    ...{ ADMIN_PORT: `${port}`, ADMIN_API_KEY: adminKey, ADMIN_DATABASE_URL: adminDatabaseUrl },
    ...{ CALENDAR_URL: one.url, CALENDAR_SERVICE_KEY: serviceKey },
  };
  await runScript(t, "apps/admin-api/src/main.ts", { cwd: world.folder, env }).printed("Server listening");
  return `http://127.0.0.1:${port}`;
}

const watched = [one.url, two.url, adminUrl].map((url) => watchReady(t, url, noticedMs));
const everyoneSays = (status: 200 | 503) => Promise.all(watched.map((service) => service.says(status)));

let isOver = false;
const agents = createAgents();
const working = customers
  .flatMap((customer) => [customer, customer])
  .map((customer, i) => {
    // In rounds, since nobody knows beforehand how long the outages take.
    const random = createRandom(seed, i);
    const round = () =>
      agents.run({ random, customer, starts, services: () => services, until: performance.now() + 500 });
    return (async () => {
      while (!isOver) await round();
    })();
  });

/** Each service books and cancels again, without having been started again. */
async function expectService(t: Test): Promise<void> {
  for (const [i, service] of services.entries()) {
    const begun = performance.now();
    const request = { start_iso: starts[i] ?? "", attendee_name: "Ana" };
    let outcome = await service.call("probe", "book", request);
    while (outcome.error !== undefined && performance.now() - begun < noticedMs) {
      t.match(outcome.error, { retryable: true, next_step: /\w/ });
      await sleep(200);
      outcome = await service.call("probe", "book", request);
    }
    t.match(outcome, { answer: { status: "confirmed" } });
    const { booking_id } = outcome.answer;
    t.match(await service.call("probe", "cancel_booking", { booking_id }), {
      answer: { status: "cancelled" },
    });
  }
}

/** The services say that they aren't ready, serve nobody meanwhile, and go on afterwards by themselves. */
async function expectOutage(t: Test, begin: () => unknown, end: () => unknown): Promise<void> {
  await begin();
  const begun = performance.now();
  const messages = await everyoneSays(503);
  t.strictSame(messages.slice(0, 2), Array(2).fill("The database doesn't answer."));
  t.comment(`noticed after ${Math.round(performance.now() - begun)} ms`);
  t.match(await two.call("probe", "list_bookings", {}), {
    error: { code: "calendar_unavailable", retryable: true, next_step: /\w/ },
  });
  await end();
  const ended = performance.now();
  await everyoneSays(200);
  t.comment(`ready again after ${Math.round(performance.now() - ended)} ms`);
  await expectService(t);
}

for (const [mode, name] of [
  ["fast", "is restarted"],
  ["immediate", "crashes"],
] as const) {
  t.test(`a server that ${name}`, (t) =>
    expectOutage(
      t,
      () => server.stop(mode),
      () => server.start(),
    ),
  );
}

t.test("connections that are cut", async (t) => {
  for (let i = 0; i < 10; i++) {
    await terminateAll();
    await sleep(200);
  }
  await everyoneSays(200);
  await expectService(t);
});

/** As an administrator of the server does it. */
async function terminateAll(): Promise<void> {
  const client = new pg.Client(server.url);
  await client.connect();
  await client.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'cita-%'",
  );
  await client.end();
}

t.test("a network that refuses", (t) =>
  expectOutage(
    t,
    () => {
      proxy.mode = "refuse";
      proxy.cut();
    },
    () => {
      proxy.mode = "pass";
    },
  ),
);

t.test("a network that loses what is sent", (t) =>
  expectOutage(
    t,
    () => {
      proxy.mode = "swallow";
    },
    () => {
      proxy.mode = "pass";
    },
  ),
);

t.test("a network that is slow", async (t) => {
  proxy.delayMs = 15;
  await expectService(t);
  await everyoneSays(200);
  proxy.delayMs = 0;
});

t.test("what was said is true, and nobody has waited for long", async (t) => {
  isOver = true;
  await Promise.all(working);
  const { stories, speechless, final, durationsMs, counts } = agents.told;
  t.comment(JSON.stringify(counts));
  const { ms, differences } = await agreement.untilAgreed([...customers, "probe"], agreeMs);
  t.strictSame(differences, [], `they agreed after ${ms} ms`);
  t.strictSame(await findUntold(world.databaseUrl), []);
  for (const { bookingId, customer, starts, wantedCancelled, cancelled } of stories.values()) {
    const shown = (await agreement.marked(customer)).find((event) => event.bookingId === bookingId);
    t.ok(shown !== undefined || wantedCancelled, `${bookingId} of ${customer} is there`);
    t.notOk(
      shown !== undefined && cancelled,
      `${bookingId} of ${customer} isn't there once it was cancelled`,
    );
    if (shown !== undefined) t.ok(starts.has(shown.start));
  }
  t.strictSame(speechless, []);
  const aboutIt = ["slot_taken", "booking_not_found"];
  t.strictSame(
    final.filter((error) => !aboutIt.includes((error as { code?: string }).code ?? "")),
    [],
  );
  const slowestMs = Math.round(Math.max(...durationsMs));
  t.ok(slowestMs < answeredMs, `the slowest answer took ${slowestMs} ms`);
  for (const service of watched) {
    t.ok(service.slowestMs() < answeredMs, `/ready took ${service.slowestMs()} ms at most`);
    t.equal(service.unhealthy(), 0, "the process was up all the time");
  }
});

t.test("admin-api goes on following what happens", async (t) => {
  const db = openDatabase(adminDatabaseUrl, { mustExist: true });
  t.teardown(() => db.destroy());
  const read = async () => {
    const { rows } = await sql<{
      status: string;
    }>`select status from customer_states where customer_id = 'later'`.execute(db);
    return rows;
  };
  const { status } = await fetch(`${adminUrl}/v1/customer-calendars/connect`, {
    method: "POST",
    headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
    body: JSON.stringify({
      customer_id: "later",
      customer_email: "later@example.com",
      customer_name: "Later",
    }),
  });
  t.equal(status, 200);
  await two.connect("later");
  const isConnected = async () => (await read()).some(({ status }) => status === "connected");
  const begun = performance.now();
  while (!(await isConnected()) && performance.now() - begun < noticedMs) await sleep(100);
  t.match(await read(), [{ status: "connected" }]);
});
