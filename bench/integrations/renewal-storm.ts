import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createLogger, readConfig } from "@cita/process";
import { type AccountProvider, accountProviders } from "@cita/providers/accounts";
import { generateFernetKey } from "@cita/token-store";
import { createConfigSchema } from "../../apps/integrations/src/config.ts";
import { createServices, type Services } from "../../apps/integrations/src/services.ts";
import { logProgress, type Measurement } from "../report.ts";

const hourMs = 3_600_000;
const minuteMs = 60_000;

/** How much faster the services' clock goes than ours: an hour in six minutes. */
const speed = 10;

const provider = providerOf("hubspot");

/** What a token endpoint has been asked: when, by the services' clock, and how often with each refresh token. */
type Asked = { readonly times: number[]; readonly perToken: Map<string, number> };

/**
 * Two instances over one database, and `connections` that were given within some minutes, so that all are due within the
 * same hour. The token endpoint answers at once.
 */
export async function measureStorm(
  engine: string,
  databaseUrl: string,
  connections: number,
): Promise<Measurement[]> {
  const clock = createClock();
  const asked: Asked = { times: [], perToken: new Map() };
  const endpoint = await openTokenEndpoint(asked, clock.now);
  const services = await openInstances(databaseUrl, endpoint.url, clock.now);
  try {
    logProgress(`integrations: ${engine}, ${connections} connections`);
    await fill(services, connections, clock.now);
    clock.advance(25 * minuteMs);
    const begunAt = clock.now();
    for (const one of services) one.startBackground();
    logProgress(`integrations: ${engine}, renewals`);
    while (asked.perToken.size < connections && clock.now() - begunAt < 1.5 * hourMs) await sleep(200);
    const endedAt = clock.now();
    for (const one of services) await one.stopBackground();
    return toMeasurements(engine, connections, asked, (endedAt - begunAt) / minuteMs);
  } finally {
    for (const one of services) await one.close();
    endpoint.server.close();
  }
}

function toMeasurements(engine: string, connections: number, asked: Asked, minutes: number): Measurement[] {
  const doubled = [...asked.perToken.values()].filter((times) => times > 1).length;
  const { requestsPerMinute } = provider.limits;
  const of = `${engine}, ${connections} due at once, two instances`;
  return [
    { name: `${of}: minutes until all are renewed`, value: minutes, unit: "min", target: { max: 60 } },
    {
      name: `${of}: requests in the busiest minute`,
      value: busiest(asked.times, minuteMs),
      unit: "requests",
      target: { max: requestsPerMinute },
    },
    { name: `${of}: renewed twice`, value: doubled, unit: "connections", target: { max: 0 } },
  ];
}

/** The most that fall into any span of this length. */
function busiest(times: readonly number[], spanMs: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  let most = 0;
  let first = 0;
  for (const [last, time] of sorted.entries()) {
    while ((sorted[first] ?? 0) <= time - spanMs) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

function createClock() {
  const begunAt = performance.now();
  let ahead = Date.parse("2027-01-18T08:00:00Z");
  return {
    now: () => Math.floor(ahead + (performance.now() - begunAt) * speed),
    advance(ms: number) {
      ahead += ms;
    },
  };
}

async function openTokenEndpoint(asked: Asked, now: () => number): Promise<{ server: Server; url: string }> {
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const token = new URLSearchParams(Buffer.concat(parts).toString()).get("refresh_token") ?? "";
    asked.times.push(now());
    asked.perToken.set(token, (asked.perToken.get(token) ?? 0) + 1);
    const body = {
      access_token: `renewed-${token}`,
      refresh_token: token,
      expires_in: 6 * 3_600,
      token_type: "bearer",
    };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function openInstances(databaseUrl: string, hostsAt: string, now: () => number): Promise<Services[]> {
  const [client] = provider.clientVariables;
  const environment = {
    ...(client && { [client.id]: "bench-client", [client.secret]: "bench-secret" }),
    ...{ ADMIN_API_KEY: generateFernetKey(), CALENDAR_SERVICE_KEY: generateFernetKey() },
    ...{ TOKEN_ENCRYPTION_KEY: generateFernetKey(), INTEGRATIONS_DATABASE_URL: databaseUrl },
    PROVIDER_HOSTS_AT: hostsAt,
  };
  const config = readConfig(createConfigSchema([provider]), environment);
  const overrides = { logger: createLogger("fatal"), providers: [provider], roundMs: 5_000 / speed, now };
  return [await createServices(config, overrides), await createServices(config, overrides)];
}

/** Connections as consents leave them, with tokens that were given now. */
async function fill([services]: readonly Services[], count: number, now: () => number): Promise<void> {
  if (services === undefined) return;
  for (let i = 0; i < count; i++) {
    const owner = { userId: `user-${i}`, organizationId: null };
    const common = {
      ...owner,
      provider: provider.id,
      metadata: {},
      inputs: {},
      scopes: [],
      clientId: "bench-client",
    };
    const state = await services.states.start({
      ...{ ...common, state: `state-${i}`, redirectUri: "https://app.example/", loginHint: null },
      expiresAt: new Date(now() + hourMs),
    });
    await services.integrations.connect(state.id, {
      ...common,
      account: { id: `account-${i}`, name: null, email: null },
      tokens: tokensOf(i, now()),
    });
  }
}

/** They expire in half an hour, and are due some minutes before. */
function tokensOf(i: number, at: number) {
  const lifetimeMs = hourMs / 2;
  return {
    ...{ accessToken: `access-${i}`, refreshToken: `refresh-${i}`, tokenType: "bearer", facts: {} },
    ...{ issuedAt: new Date(at), expiresAt: new Date(at + lifetimeMs), accessEndsAt: null },
    renewAt: new Date(at + lifetimeMs * (0.75 + Math.random() * 0.15)),
  };
}

function providerOf(id: string): AccountProvider {
  const found = accountProviders.find((one) => one.id === id);
  if (found === undefined) throw new Error(`there is no ${id}`);
  // Probes would take their part of the budget.
  return { ...found, probe: null };
}
