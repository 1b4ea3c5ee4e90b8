import { openDatabase } from "@cita/database";
import { createLogger, readConfig } from "@cita/process";
import { createKeyRing } from "@cita/token-store";
import type { FastifyInstance } from "fastify";
import { buildApp } from "../../apps/mcp-calendar/src/app.ts";
import { configSchema } from "../../apps/mcp-calendar/src/config.ts";
import { createServices } from "../../apps/mcp-calendar/src/services.ts";
import { callTool, successTexts } from "../mcp/mcp-call.ts";
import { serviceKey } from "../servers.ts";
import { median, percentile } from "../statistics.ts";
import { instantCalendar } from "./instant-calendar.ts";
import type { LedgerResult } from "./ledger-worker.ts";

/** Bookings by `callers` at once, of customers of this worker's own. */
export type ProtocolJob = { url: string; key: string; worker: number; callers: number; bookings: number };

const customers = 50;
const halfHourMs = 1_800_000;
const dayMs = 86_400_000;
/** Any time of these days is open. */
const schedule = {
  weekly_hours: Object.fromEntries(
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"].map((day) => [
      day,
      [{ start: "08:00", end: "20:00" }],
    ]),
  ),
};
const startsOfDay = 24;

let opened: Promise<FastifyInstance> | undefined;
let booked = 0;

process.on("message", async (job: ProtocolJob) => {
  opened ??= open(job);
  process.send?.(await book(await opened, job));
});

/** The whole service but its socket: a call is parsed, checked, limited, booked and answered as over HTTP. */
async function open({ url, key, worker }: ProtocolJob): Promise<FastifyInstance> {
  const config = readConfig(configSchema, {
    ...{ DATABASE_URL: url, TOKEN_ENCRYPTION_KEY: key, CALENDAR_SERVICE_KEY: serviceKey },
    ...{ GOOGLE_CLIENT_ID: "bench", GOOGLE_CLIENT_SECRET: "bench", MCP_HEADER_ONLY: "true" },
    ...{ MCP_PUBLIC_URL: "http://127.0.0.1:1", MCP_CALLS_PER_MINUTE: "1000000", LOG_LEVEL: "silent" },
  });
  const services = await createServices(config, {
    logger: createLogger("silent"),
    calendarOpeners: { google: instantCalendar },
    calendarWatch: null,
  });
  await connectCustomers(url, key, worker);
  await services.start();
  return buildApp(services, config);
}

async function connectCustomers(url: string, key: string, worker: number): Promise<void> {
  const keys = createKeyRing(key);
  const db = openDatabase(url, { service: "mcp-calendar" });
  const tables = db.withTables<Record<"oauth_tokens" | "schedules", Record<string, string | number>>>();
  const at = new Date().toISOString();
  for (let i = 0; i < customers; i++) {
    const place = { customer_id: nameOf(worker, i), provider: "google" };
    const sealed = (field: string) => keys.seal({ ...place, field }, `token ${i}`);
    await tables
      .insertInto("oauth_tokens")
      .values({
        ...{ ...place, connection_id: place.customer_id, account_id: place.customer_id, client_id: "bench" },
        ...{ access_token: sealed("access_token"), refresh_token: sealed("refresh_token") },
        ...{ token_expiry: new Date(Date.now() + dayMs).toISOString(), time_zone: "America/Bogota" },
        ...{ calendar_email: `${place.customer_id}@example.com`, scope: "" },
        ...{ key_fingerprint: keys.primaryFingerprint, version: 1, created_at: at, updated_at: at },
      })
      .execute();
    await tables
      .insertInto("schedules")
      .values({ customer_id: place.customer_id, schedule: JSON.stringify(schedule), updated_at: at })
      .execute();
  }
  await db.destroy();
}

const nameOf = (worker: number, customer: number) => `worker-${worker}-${customer}`;

async function book(app: FastifyInstance, { worker, callers, bookings }: ProtocolJob): Promise<LedgerResult> {
  const times: number[] = [];
  const begun = performance.now();
  let left = bookings;
  const work = async () => {
    while (left-- > 0) {
      const { headers, body } = nextCall(worker);
      const at = performance.now();
      const answer = await app.inject({ method: "POST", url: "/mcp", headers, payload: body });
      times.push(performance.now() - at);
      if (!answer.body.includes(successTexts.book)) throw new Error(answer.body);
    }
  };
  await Promise.all(Array.from({ length: callers }, work));
  const perSecond = (bookings / (performance.now() - begun)) * 1_000;
  return { perSecond, p50Ms: median(times), p99Ms: percentile(times, 0.99) };
}

/** The next free half-hour of one customer after the other, from the day after tomorrow on. */
function nextCall(worker: number) {
  const number = booked++;
  const slot = Math.floor(number / customers);
  const midnight = Math.floor(Date.now() / dayMs) * dayMs + 5 * 3_600_000;
  const day = midnight + (2 + Math.floor(slot / startsOfDay)) * dayMs;
  const start = day + 8 * 3_600_000 + (slot % startsOfDay) * halfHourMs;
  return callTool(nameOf(worker, number % customers), "book", {
    start_iso: new Date(start).toISOString(),
    attendee_name: "Ana Pérez",
    attendee_phone: `+57300${String(1_000_000 + number).padStart(7, "0")}`,
  });
}
