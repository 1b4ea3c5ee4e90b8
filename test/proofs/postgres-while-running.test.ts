import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import t from "tap";
import { comingMonday } from "../support/coming-monday.ts";
import { googleProvider } from "../support/google-provider.ts";
import { createRoles, password } from "../support/postgres/roles.ts";
import { createServer } from "../support/postgres/server.ts";
import { createProcessWorld } from "../support/process-world.ts";

// The same before a service starts: postgres-bad-input.test.ts. Outages: postgres-outages.test.ts.

/** The longest that anybody waits for an answer: several queries, each with the limits of the URL. */
const answeredMs = 15_000;
const recoveredMs = 20_000;

t.setTimeout(120_000);

const server = await createServer({ durable: false, settings: { max_connections: 20 } });
t.teardown(() => server.remove());
const limits = "pool_size=3&connect_timeout=1&statement_timeout=1000";
const { asAdmin, create: createRole } = createRoles(t, server, limits);

t.test("what goes wrong while a service runs is calendar_unavailable as long as it lasts", async (t) => {
  const { name: role, url } = await createRole();
  const world = await createProcessWorld(t, { databaseUrl: url.href });
  const service = await world.start(googleProvider.main);
  await service.connect("luna");
  const date_iso = comingMonday();
  const request = { start_iso: `${date_iso}T09:00:00-05:00`, attendee_name: "Ana" };
  /** All at once, as many as use up any pool. */
  const callMany = () =>
    Promise.all(
      Array.from({ length: 12 }, async () => {
        const begun = performance.now();
        const { error } = await service.call("luna", "book", request);
        return { code: error?.code, retryable: error?.retryable, ms: performance.now() - begun };
      }),
    );

  const troubles: Record<
    string,
    { begin: () => Promise<unknown>; end: () => Promise<unknown>; log: RegExp }
  > = {
    "the server is read-only": {
      begin: () => setReadOnly("on"),
      end: () => setReadOnly("off"),
      log: /is read-only: a replica, or set so/,
    },
    "a right is taken away": {
      begin: () => asAdmin(`alter table ${role}.bookings owner to postgres`),
      end: () => asAdmin(`alter table ${role}.bookings owner to ${role}`),
      log: /doesn't let the service's user do what the service needs/,
    },
    "the server has no connection left": {
      begin: useUp,
      end: release,
      log: /has no connection left/,
    },
    "the pool is used up": {
      begin: () => lockTable(`${role}.bookings`),
      end: release,
      log: /All 3 connections to the .+ have been in use for 1 s\. Try again; if it lasts, raise pool_size/,
    },
  };

  for (const [name, { begin, end, log }] of Object.entries(troubles)) {
    await begin();
    const answers = await callMany();
    t.match(answers, Array(12).fill({ code: "calendar_unavailable", retryable: true }), name);
    const slowestMs = Math.round(Math.max(...answers.map(({ ms }) => ms)));
    t.ok(slowestMs < answeredMs, `${name}: the slowest answer took ${slowestMs} ms`);
    t.match(service.output(), log);
    await end();
    const ended = performance.now();
    let outcome = await service.call("luna", "book", request);
    while (outcome.error !== undefined && performance.now() - ended < recoveredMs) {
      t.match(outcome.error, { retryable: true });
      await sleep(100);
      outcome = await service.call("luna", "book", request);
    }
    t.match(outcome, { answer: { status: "confirmed" } }, `${name}, and then no longer`);
    await service.call("luna", "cancel_booking", { booking_id: outcome.answer.booking_id });
  }
  t.notMatch(service.output(), password);
});

/** Reaches sessions that there are, too. The superuser's own goes on writing. */
const setReadOnly = (value: "on" | "off") =>
  asAdmin(
    "set default_transaction_read_only = off",
    `alter system set default_transaction_read_only = '${value}'`,
    "select pg_reload_conf()",
  );

const endSessionsOfServices = () =>
  asAdmin("select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'cita-%'");

/** Connections that others have open. */
const others: pg.Client[] = [];

async function connectAsOther(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  client.on("error", () => undefined);
  await client.connect();
  others.push(client);
  return client;
}

/** Takes all connections that there are for others than the superuser, and those of services as they are ended. */
async function useUp(): Promise<void> {
  const { url } = await createRole();
  for (let refusals = 0; refusals < 20; ) {
    await connectAsOther(url.href.replace(/\?.*/, "")).catch(async () => {
      refusals += 1;
      await endSessionsOfServices();
      await sleep(10);
    });
  }
}

async function lockTable(table: string): Promise<void> {
  const client = await connectAsOther(server.url);
  await client.query("begin");
  await client.query(`lock table ${table} in access exclusive mode`);
}

async function release(): Promise<void> {
  await Promise.all(others.splice(0).map((client) => client.end()));
}
