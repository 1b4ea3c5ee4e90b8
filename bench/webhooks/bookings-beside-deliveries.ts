import { join } from "node:path";
import { createLogger, readConfig } from "@cita/process";
import { generateFernetKey } from "@cita/token-store";
import { configSchema } from "../../apps/integrations/src/config.ts";
import { createServices } from "../../apps/integrations/src/services.ts";
import { connectCustomer } from "../connect-customer.ts";
import { sendJson } from "../http-client.ts";
import { createBookingSupply } from "../mcp/booking-supply.ts";
import {
  type Beside,
  type BesidePlan,
  besideMeasurements,
  timeBookingsBeside,
} from "../mcp/bookings-beside.ts";
import { temporaryFolder, untilAnswered } from "../processes.ts";
import type { BenchmarkOptions, Measurement } from "../report.ts";
import {
  adminKey,
  launchIntegrations,
  launchSandbox,
  launchService,
  serviceKey,
  untilReady,
} from "../servers.ts";
import { percentile } from "../statistics.ts";
import { addWebhook, happen, openReceiver } from "./hooks.ts";

const full = { pairs: 5, bookings: 150, pauseMs: 60, customers: 9 };
const short = { pairs: 2, bookings: 60, pauseMs: 60, customers: 2 };

/** What SQLite must reach. */
const deliveriesPerSecond = 100;
const burstMs = 100;

/**
 * Whether bookings are answered as fast while the integration service delivers webhooks, and how soon a webhook is told of a
 * booking: from the commit in mcp-calendar to the request at the receiver, across both services.
 */
export async function measureBesideBookings({
  quick,
}: Pick<BenchmarkOptions, "quick">): Promise<Measurement[]> {
  const world = await openWorld(quick ? short : full);
  try {
    const rounds = await timeBookingsBeside(world.deliveries, world, world.plan);
    return [
      ...besideMeasurements(rounds, world.deliveries.name),
      // Otherwise there was nothing beside the bookings.
      {
        ...{ name: "deliveries a second beside bookings", value: world.deliveredPerSecond(), unit: "/s" },
        target: { min: deliveriesPerSecond * 0.9 },
      },
      {
        ...{ name: "a booking's first attempt, from its commit in the other service: p95" },
        ...{ value: percentile(world.bookingDelays, 0.95), unit: "ms", target: { max: 1_000 } },
      },
    ];
  } finally {
    await world.close();
  }
}

async function openWorld(plan: BesidePlan & { readonly customers: number }) {
  const [folder, encryptionKey, google] = [temporaryFolder(), generateFernetKey(), await launchSandbox()];
  await untilAnswered(google.process, () => sendJson({ method: "GET", url: `${google.url}/_sandbox/calls` }));
  const calendar = await launchService({ folder, encryptionKey, googleUrl: google.url });
  await untilReady(calendar);
  const names = Array.from({ length: plan.customers }, (_, i) => `bench-${i}`);
  for (const name of names) await connectCustomer(calendar.url, name);
  const supply = await createBookingSupply(calendar.url, names);
  const integrations = await launchIntegrations({
    ...{ folder, encryptionKey, adminUrl: calendar.url, providersUrl: google.url },
    variables: { CALENDAR_URL: calendar.url, WEBHOOK_ALLOW_PRIVATE: "true" },
  });
  await untilReady(integrations);
  const services = await openServices(folder, encryptionKey);
  const bookingDelays: number[] = [];
  let delivered = 0;
  const receiver = await openReceiver(({ type, timestamp }) => {
    if (type === "booking.created") bookingDelays.push(Date.now() - Date.parse(timestamp));
    else delivered += 1;
  }, true);
  for (const name of [...names, "others"]) await addWebhook(services, name, receiver.url);
  const { deliveries, busyMs } = createDeliveries(services);
  return {
    ...{ plan, supply, deliveries, bookingDelays, calendarUrl: calendar.url },
    deliveredPerSecond: () => (delivered / busyMs()) * 1_000,
    async close() {
      receiver.close();
      await services.close();
    },
  };
}

/** The stores of the service that is running, for what happens there. */
function openServices(folder: string, encryptionKey: string) {
  const variables = {
    ...{ ADMIN_API_KEY: adminKey, CALENDAR_SERVICE_KEY: serviceKey, TOKEN_ENCRYPTION_KEY: encryptionKey },
    INTEGRATIONS_DATABASE_URL: `file:${join(folder, "integrations.db")}`,
  };
  return createServices(readConfig(configSchema, variables), { logger: createLogger("silent") });
}

/** Events in bursts, as fast as a process on SQLite must deliver them. */
function createDeliveries(services: Awaited<ReturnType<typeof openServices>>) {
  let bursts: NodeJS.Timeout | undefined;
  let begunAt = 0;
  let busyMs = 0;
  const burst = (deliveriesPerSecond * burstMs) / 1_000;
  const deliveries: Beside = {
    name: "deliveries",
    async begin() {
      begunAt = performance.now();
      bursts = setInterval(() => void happen(services, "others", burst), burstMs);
    },
    async end() {
      clearInterval(bursts);
      busyMs += performance.now() - begunAt;
    },
  };
  return { deliveries, busyMs: () => busyMs };
}
