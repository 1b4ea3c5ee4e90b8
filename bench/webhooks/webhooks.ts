import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createLogger, readConfig } from "@cita/process";
import { generateFernetKey } from "@cita/token-store";
import { configSchema } from "../../apps/integrations/src/config.ts";
import { createServices } from "../../apps/integrations/src/services.ts";
import repository from "../../package.json" with { type: "json" };
import { freePort } from "../../test/support/free-port.ts";
import { createServer } from "../../test/support/postgres/server.ts";
import { type StartedProcess, startProcess, temporaryFolder } from "../processes.ts";
import { type Benchmark, type BenchmarkOptions, logProgress, type Measurement } from "../report.ts";
import { adminKey, serviceKey } from "../servers.ts";
import { percentile } from "../statistics.ts";
import { measureBesideBookings } from "./bookings-beside-deliveries.ts";
import { addWebhook, happen, openReceiver } from "./hooks.ts";

/** How fast what is owed is delivered to a receiver on this machine, and how soon what happens is, beside one that hangs. */
export const webhooks: Benchmark = { name: "webhooks", measure };

async function measure({ quick }: BenchmarkOptions): Promise<Measurement[]> {
  const events = quick ? 1_000 : 10_000;
  const server = await createServer({ durable: true });
  try {
    const file = () => `file:${join(temporaryFolder(), "integrations.db")}`;
    const many = { events, webhooks: 20 };
    const one = { events: events / 5, webhooks: 1 };
    return [
      ...(await measureBesideBookings({ quick })),
      ...(await measureOn("SQLite", { ...many, url: file(), workers: 1, perSecond: 100 })),
      ...(await measureOn("SQLite", { ...one, url: file(), workers: 1, perSecond: 100 })),
      ...(await measureOn("PostgreSQL", { ...many, url: server.url, workers: 2, perSecond: 500 })),
    ];
  } finally {
    await server.remove();
  }
}

type Setting = {
  readonly url: string;
  readonly events: number;
  /** Of one receiver, each about a customer. */
  readonly webhooks: number;
  readonly workers: number;
  /** What it must reach. */
  readonly perSecond: number;
};

const pacedEvents = 200;
const paceMs = 25;

async function measureOn(name: string, setting: Setting): Promise<Measurement[]> {
  const { url, events, webhooks, workers, perSecond } = setting;
  const receivedAt = new Map<string, number>();
  const receiver = await openReceiver(
    ({ data }) => receivedAt.set(data.integrationId, performance.now()),
    true,
  );
  const hanging = await openReceiver(() => undefined, false);
  const env = environmentOf(url);
  const services = await createServices(readConfig(configSchema, env), { logger: createLogger("silent") });
  const processes: StartedProcess[] = [];
  try {
    for (let i = 0; i < webhooks; i++) await addWebhook(services, `customer-${i}`, receiver.url);
    await addWebhook(services, "hanging", hanging.url);
    logProgress(`webhooks: ${name}, ${events} events for ${webhooks}`);
    for (let i = 0; i < events; i++) await happen(services, `customer-${i % webhooks}`);
    for (let i = 0; i < workers; i++) processes.push(await startWorker(env));
    await until(() => receivedAt.size === events);
    const times = [...receivedAt.values()];
    const seconds = (Math.max(...times) - Math.min(...times)) / 1_000;
    for (let i = 0; i < pacedEvents; i++) await happen(services, "hanging");
    logProgress(`webhooks: ${name}, ${pacedEvents} events beside a receiver that hangs`);
    const happenedAt = new Map<string, number>();
    for (let i = 0; i < pacedEvents; i++) {
      for (const id of await happen(services, `customer-${i % webhooks}`))
        happenedAt.set(id, performance.now());
      await sleep(paceMs);
    }
    await until(() => receivedAt.size === events + pacedEvents);
    const delays = [...happenedAt].map(([id, at]) => (receivedAt.get(id) ?? at) - at);
    const of = `${name}, ${count(workers, "process", "processes")}, ${count(webhooks, "webhook", "webhooks")}`;
    return [
      {
        ...{ name: `${of}: ${events} deliveries owed`, value: events / seconds, unit: "/s" },
        target: { min: perSecond },
      },
      {
        ...{ name: `${of}: first attempt, from the event, beside a receiver that hangs: p95` },
        ...{ value: percentile(delays, 0.95), unit: "ms", target: { max: 1_000 } },
      },
    ];
  } finally {
    for (const one of processes) await one.stop();
    await services.close();
    receiver.close();
    hanging.close();
  }
}

const count = (number: number, one: string, many: string) => `${number} ${number === 1 ? one : many}`;

function environmentOf(url: string): Record<string, string> {
  return {
    ...{
      ADMIN_API_KEY: adminKey,
      CALENDAR_SERVICE_KEY: serviceKey,
      TOKEN_ENCRYPTION_KEY: generateFernetKey(),
    },
    ...{ INTEGRATIONS_DATABASE_URL: url, WEBHOOK_ALLOW_PRIVATE: "true", LOG_LEVEL: "warn" },
    CALENDAR_URL: "http://127.0.0.1:9",
  };
}

async function startWorker(env: Record<string, string>): Promise<StartedProcess> {
  const port = `${await freePort()}`;
  const own = { INTEGRATIONS_PORT: port, INTEGRATIONS_PUBLIC_URL: `http://127.0.0.1:${port}` };
  return startProcess(repository.scripts["start:integrations"], { env: { ...env, ...own } });
}

const timeoutMs = 300_000;

async function until(holds: () => boolean): Promise<void> {
  for (const deadline = performance.now() + timeoutMs; !holds(); await sleep(5))
    if (performance.now() > deadline) throw new Error("not everything was delivered in time");
}
