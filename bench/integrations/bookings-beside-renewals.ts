import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type AccountProvider, accountProviders } from "@cita/providers/accounts";
import { generateFernetKey } from "@cita/token-store";
import { connectCustomer } from "../connect-customer.ts";
import { send, sendJson } from "../http-client.ts";
import { type BookingSupply, createBookingSupply } from "../mcp/booking-supply.ts";
import { sendMcp, successTexts } from "../mcp/mcp-call.ts";
import { temporaryFolder, untilAnswered } from "../processes.ts";
import { type BenchmarkOptions, logProgress, type Measurement } from "../report.ts";
import { launchIntegrations, launchSandbox, launchService, type Server } from "../servers.ts";
import { median, percentile } from "../statistics.ts";
import { type DueConnections, fillDatabase } from "./due-connections.ts";

/**
 * Whether bookings are answered as fast while the integration service on the same machine renews what is due at once. Rounds
 * with and without renewals take turns in one run, each pair in the other order than the one before: both have the same
 * processes, the same calendars, and the machine's other work. The renewals come as the providers' limits pace them.
 */
const renewedProviders = ["hubspot", "discord"].map(providerOf);
const tokenPaths = ["/api.hubapi.com/oauth/2026-03/token", "/discord.com/api/oauth2/token"];
const perMinute = renewedProviders.reduce((sum, { limits }) => sum + limits.requestsPerMinute, 0);

type Plan = {
  readonly pairs: number;
  readonly bookings: number;
  readonly pauseMs: number;
  readonly customers: number;
};

/** A round has several windows of the providers' budgets, which are renewed in bursts. */
const full: Plan = { pairs: 5, bookings: 150, pauseMs: 60, customers: 9 };
const short: Plan = { pairs: 2, bookings: 60, pauseMs: 60, customers: 2 };

/** Between two rounds: what is under way ends. */
const settleMs = 2_000;

export async function measureBookings({ quick }: BenchmarkOptions): Promise<Measurement[]> {
  const plan = quick ? short : full;
  const world = await openWorld(plan);
  try {
    logProgress("integrations: bookings, until the code is compiled");
    await timesOf(world, plan, Math.min(plan.bookings, 100));
    const rounds = { quiet: [] as number[][], busy: [] as number[][] };
    let renewals = 0;
    let busyMs = 0;
    for (let pair = 0; pair < plan.pairs; pair++)
      for (const kind of pair % 2 === 0 ? (["quiet", "busy"] as const) : (["busy", "quiet"] as const)) {
        logProgress(`integrations: bookings, pair ${pair + 1} of ${plan.pairs}, ${kind}`);
        if (kind === "busy") await world.connections.makeDue();
        const [renewedBefore, begun] = [await world.countRenewals(), performance.now()];
        rounds[kind].push(await timesOf(world, plan, plan.bookings));
        if (kind === "busy") {
          busyMs += performance.now() - begun;
          renewals += (await world.countRenewals()) - renewedBefore;
        }
        await world.connections.endDue();
        await sleep(settleMs);
      }
    return toMeasurements(rounds, (renewals / busyMs) * 60_000, plan);
  } finally {
    await world.connections.close();
  }
}

type Rounds = { readonly quiet: readonly number[][]; readonly busy: readonly number[][] };

function toMeasurements({ quiet, busy }: Rounds, renewalsPerMinute: number, { pairs }: Plan): Measurement[] {
  const of = (share: number) => ({
    quiet: quiet.map((times) => percentile(times, share)),
    busy: busy.map((times) => percentile(times, share)),
  });
  const [p50, p99] = [of(0.5), of(0.99)];
  const ratios = (figures: typeof p99) =>
    figures.busy.map((value, i) => value / (figures.quiet[i] ?? Number.NaN));
  return [
    {
      ...{
        name: `booking beside renewals, p99, median of ${pairs} rounds`,
        value: median(p99.busy),
        unit: "ms",
      },
      comparison: { name: "without renewals", value: median(p99.quiet) },
    },
    {
      ...{ name: "booking beside renewals, p50", value: median(p50.busy), unit: "ms" },
      comparison: { name: "without renewals", value: median(p50.quiet) },
    },
    {
      ...{
        name: `booking p99 with renewals / without, median of ${pairs} pairs`,
        value: median(ratios(p99)),
      },
      ...{ unit: "", target: { max: 1.25 } },
    },
    // Otherwise there was nothing beside the bookings.
    {
      ...{ name: `renewals a minute, of ${perMinute} that the providers allow`, value: renewalsPerMinute },
      ...{ unit: "", target: { min: perMinute / 2 } },
    },
  ];
}

type BookingWorld = {
  readonly calendarUrl: string;
  readonly supply: BookingSupply;
  readonly connections: DueConnections;
  countRenewals(): Promise<number>;
};

async function timesOf(
  { calendarUrl, supply }: BookingWorld,
  { pauseMs }: Plan,
  bookings: number,
): Promise<number[]> {
  const times: number[] = [];
  for (const call of supply.takeMany(bookings)) {
    const begun = performance.now();
    await sendMcp(calendarUrl, call, successTexts.book);
    times.push(performance.now() - begun);
    await sleep(pauseMs);
  }
  return times;
}

/** The providers of the renewals are a process of their own: Google's stand-in is the bookings' alone. */
async function openWorld({ pairs, bookings, customers }: Plan): Promise<BookingWorld> {
  const folder = temporaryFolder();
  const encryptionKey = generateFernetKey();
  const [google, providers] = [await launchSandbox(), await launchSandbox()];
  for (const { url, process } of [google, providers])
    await untilAnswered(process, () => sendJson({ method: "GET", url: `${url}/_sandbox/calls` }));
  for (const path of tokenPaths) await answerRenewals(providers, path);
  const calendar = await launchService({ folder, encryptionKey, googleUrl: google.url });
  await untilReady(calendar);
  const names = Array.from({ length: customers }, (_, i) => `bench-${i}`);
  for (const name of names) await connectCustomer(calendar.url, name);
  const supply = await createBookingSupply(calendar.url, names);

  const each = Math.ceil((perMinute / renewedProviders.length) * 2);
  logProgress(
    `integrations: ${each * renewedProviders.length} connections for ${2 * pairs} rounds of ${bookings}`,
  );
  const databaseUrl = `file:${join(folder, "integrations.db")}`;
  const connections = await fillDatabase(databaseUrl, encryptionKey, { providers: renewedProviders, each });
  const integrations = await launchIntegrations({
    ...{ folder, encryptionKey, adminUrl: calendar.url, providersUrl: providers.url },
  });
  await untilReady(integrations);
  return {
    ...{ calendarUrl: calendar.url, supply, connections },
    async countRenewals() {
      const url = `${providers.url}/_sandbox/calls`;
      const { by } = (await sendJson({ method: "GET", url })) as { by: Record<string, number> };
      return tokenPaths.reduce((sum, path) => sum + (by[`POST ${path}`] ?? 0), 0);
    },
  };
}

async function answerRenewals({ url }: Server, path: string): Promise<void> {
  const body = { access_token: "renewed-access-token", expires_in: 21_600, token_type: "bearer" };
  await send({
    ...{ method: "POST", url: `${url}/_sandbox/faults`, headers: { "content-type": "application/json" } },
    body: JSON.stringify({ path, body }),
  });
}

async function untilReady({ url, process }: Server): Promise<void> {
  await untilAnswered(process, () => sendJson({ method: "GET", url: `${url}/ready` }));
}

function providerOf(id: string): AccountProvider {
  const found = accountProviders.find((one) => one.id === id);
  if (found === undefined) throw new Error(`there is no ${id}`);
  return found;
}
