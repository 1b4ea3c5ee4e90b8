import { join } from "node:path";
import { type AccountProvider, accountProviders } from "@cita/providers/accounts";
import { generateFernetKey } from "@cita/token-store";
import { connectCustomer } from "../connect-customer.ts";
import { send, sendJson } from "../http-client.ts";
import { type BookingSupply, createBookingSupply } from "../mcp/booking-supply.ts";
import {
  type Beside,
  type BesidePlan,
  besideMeasurements,
  timeBookingsBeside,
} from "../mcp/bookings-beside.ts";
import { temporaryFolder, untilAnswered } from "../processes.ts";
import { type BenchmarkOptions, logProgress, type Measurement } from "../report.ts";
import { launchIntegrations, launchSandbox, launchService, type Server, untilReady } from "../servers.ts";
import { type DueConnections, fillDatabase } from "./due-connections.ts";

/** Bookings while the integration service on the same machine renews what is due at once, as the providers' limits pace it. */
const renewedProviders = ["hubspot", "discord"].map(providerOf);
const tokenPaths = ["/api.hubapi.com/oauth/2026-03/token", "/discord.com/api/oauth2/token"];
const perMinute = renewedProviders.reduce((sum, { limits }) => sum + limits.requestsPerMinute, 0);

type Plan = BesidePlan & { readonly customers: number };

/** A round has several windows of the providers' budgets, which are renewed in bursts. */
const full: Plan = { pairs: 5, bookings: 150, pauseMs: 60, customers: 9 };
const short: Plan = { pairs: 2, bookings: 60, pauseMs: 60, customers: 2 };

export async function measureBookings({ quick }: BenchmarkOptions): Promise<Measurement[]> {
  const plan = quick ? short : full;
  const world = await openWorld(plan);
  const { connections, countRenewals } = world;
  const before = { renewals: 0, at: 0 };
  const during = { renewals: 0, ms: 0 };
  try {
    const renewals: Beside = {
      name: "renewals",
      async begin() {
        await connections.makeDue();
        Object.assign(before, { renewals: await countRenewals(), at: performance.now() });
      },
      async end() {
        during.ms += performance.now() - before.at;
        during.renewals += (await countRenewals()) - before.renewals;
        await connections.endDue();
      },
    };
    const rounds = await timeBookingsBeside(renewals, world, plan);
    return [
      ...besideMeasurements(rounds, renewals.name),
      // Otherwise there was nothing beside the bookings.
      {
        name: `renewals a minute, of ${perMinute} that the providers allow`,
        value: (during.renewals / during.ms) * 60_000,
        ...{ unit: "", target: { min: perMinute / 2 } },
      },
    ];
  } finally {
    await connections.close();
  }
}

type BookingWorld = {
  readonly calendarUrl: string;
  readonly supply: BookingSupply;
  readonly connections: DueConnections;
  countRenewals(): Promise<number>;
};

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

function providerOf(id: string): AccountProvider {
  const found = accountProviders.find((one) => one.id === id);
  if (found === undefined) throw new Error(`there is no ${id}`);
  return found;
}
