import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { accountProviders } from "@cita/providers/accounts";
import { buildSandbox } from "@cita/sandbox";
import { generateFernetKey } from "@cita/token-store";
import { WebSocket } from "undici";
import { connectAccount } from "../../test/support/account-consent.ts";
import { createCaller } from "../../test/support/integrations-world.ts";
import { createServer } from "../../test/support/postgres/server.ts";
import { adminKey } from "../../test/support/test-keys.ts";
import { residentMebibytes, temporaryFolder, untilAnswered } from "../processes.ts";
import type { Benchmark, BenchmarkOptions, Measurement } from "../report.ts";
import { logProgress } from "../report.ts";
import { launchIntegrations, redirectUri, type Server } from "../servers.ts";

/** What so many live connections cost the integration service, half of them over WebSockets, on both databases. */
export const live: Benchmark = { name: "live", measure };

const timeoutMs = 30_000;

async function measure({ quick }: BenchmarkOptions): Promise<Measurement[]> {
  const connections = quick ? 100 : 1_000;
  const server = await createServer({ durable: true });
  try {
    const file = `file:${join(temporaryFolder(), "integrations.db")}`;
    return [
      ...(await measureConnections("SQLite", file, connections)),
      ...(await measureConnections("PostgreSQL", server.url, connections)),
    ];
  } finally {
    await server.remove();
  }
}

async function measureConnections(
  engine: string,
  databaseUrl: string,
  connections: number,
): Promise<Measurement[]> {
  logProgress(`live: ${engine}, ${connections} connections`);
  const sandbox = buildSandbox();
  try {
    const sandboxUrl = await sandbox.listen({ host: "127.0.0.1", port: 0 });
    const service = await launchIntegrations({
      ...{ folder: temporaryFolder(), encryptionKey: generateFernetKey(), providersUrl: sandboxUrl },
      // Nobody who watches is a person.
      adminUrl: "http://127.0.0.1:9",
      variables: { ADMIN_API_KEY: adminKey, INTEGRATIONS_DATABASE_URL: databaseUrl, LOG_LEVEL: "error" },
    });
    await untilAnswered(service.process, () => fetch(`${service.url}/health`));
    const world = { sandboxUrl, ...createCaller(service.url) };
    const [provider] = accountProviders;
    if (provider === undefined) throw new Error("There is no provider.");
    const connectOne = (i: number) => connectAccount(world, provider, { userId: `user-${i}`, redirectUri });
    // What the first ones compile and allocate is no cost of a connection.
    const first = await openMany(service, 100);
    for (let i = 0; i < 20; i++) await connectOne(i);
    for (const one of first) one.close();
    await sleep(1_000);
    const before = residentMebibytes(service.process);
    const open = await openMany(service, connections);
    await connectOne(1_000);
    const begun = performance.now();
    while (!open.every((one) => one.told() > 0) && performance.now() - begun < timeoutMs) await sleep(5);
    const toldMs = performance.now() - begun;
    const after = residentMebibytes(service.process);
    const everybody = open.every((one) => one.told() > 0);
    for (const one of open) one.close();
    await service.process.stop();
    const of = `${engine}, ${connections} live connections`;
    return [
      {
        name: `${of}: resident memory`,
        value: everybody ? after - before : Number.NaN,
        unit: "MiB",
        target: { max: 100 },
      },
      { name: `${of}: from a consent to the last who is told`, value: toldMs, unit: "ms" },
    ];
  } finally {
    await sandbox.close();
  }
}

type Watching = { told(): number; close(): void };

/** Half of them as Server-Sent Events, half over WebSockets. */
async function openMany(service: Server, count: number): Promise<Watching[]> {
  const open: Watching[] = [];
  const atOnce = 50;
  while (open.length < count) {
    const more = Array.from({ length: Math.min(atOnce, count - open.length) }, (_, i) =>
      i % 2 === 0 ? openEvents(service.url) : openSocket(service.url),
    );
    open.push(...(await Promise.all(more)));
  }
  return open;
}

const headers = { authorization: `Bearer ${adminKey}` };

function openEvents(url: string): Promise<Watching> {
  return new Promise((resolve, reject) => {
    let told = 0;
    const sent = request(`${url}/events`, { headers, agent: false }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`/events answered ${response.statusCode}.`));
      response.setEncoding("utf8").on("data", (text: string) => {
        told += text.split("event: ").length - 1;
      });
      response.on("error", () => undefined);
      resolve({ told: () => told, close: () => response.destroy() });
    });
    sent.on("error", reject).end();
  });
}

function openSocket(url: string): Promise<Watching> {
  return new Promise((resolve, reject) => {
    let told = 0;
    const socket = new WebSocket(`${url.replace(/^http/, "ws")}/ws`, { headers });
    socket.addEventListener("message", ({ data }) => {
      if (!String(data).includes('"event":"position"')) told += 1;
    });
    socket.addEventListener("error", () => reject(new Error("/ws isn't opened.")));
    socket.addEventListener("open", () => resolve({ told: () => told, close: () => socket.close() }));
  });
}
