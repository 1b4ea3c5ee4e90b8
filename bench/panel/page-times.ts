import { send } from "../http-client.ts";
import type { Measurement } from "../report.ts";
import { percentile } from "../statistics.ts";
import { connectedCustomer, type FilledPanel } from "./filled-panel.ts";

type PagePlan = {
  readonly name: string;
  readonly path: (customers: number) => string;
  readonly maxMs: number;
};

const list = (query: string) => `/clientes?${query}`;

/** The customer's pages ask the calendar service, and it the sandbox: what these take is in the times. */
const pages: readonly PagePlan[] = [
  { name: "overview", path: () => "/", maxMs: 200 },
  { name: "list, first page", path: () => "/clientes", maxMs: 100 },
  {
    name: "list, a page in the middle",
    path: (customers) => list(`cursor=quiet-${Math.floor(customers / 2)}`),
    maxMs: 100,
  },
  { name: "search, every customer matches", path: () => list("q=quiet"), maxMs: 100 },
  {
    name: "search, the last customer matches",
    path: (customers) => list(`q=QUIET+${customers - 1}`),
    maxMs: 100,
  },
  { name: "search, nobody matches", path: () => list("q=nobody+at+all"), maxMs: 100 },
  { name: "filter by status", path: () => list("status=reconnect_required"), maxMs: 100 },
  { name: "filter by status, nobody", path: () => list("status=disconnected"), maxMs: 100 },
  { name: "filter by calendar state", path: () => list("calendar_state=unreadable"), maxMs: 100 },
  { name: "filter and search", path: () => list("status=reconnect_required&q=99"), maxMs: 100 },
  { name: "customer, facts", path: () => `/clientes/${connectedCustomer}`, maxMs: 150 },
  { name: "customer, schedule", path: () => `/clientes/${connectedCustomer}/horario`, maxMs: 150 },
  { name: "customer, bookings", path: () => `/clientes/${connectedCustomer}/citas`, maxMs: 150 },
  { name: "customer, week", path: () => `/clientes/${connectedCustomer}/semana`, maxMs: 150 },
];

/** The time in which 95 of 100 requests are answered, beside that with few customers. */
export async function measurePages(
  engine: string,
  [few, many]: readonly [FilledPanel, FilledPanel],
  rounds: number,
): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (const { name, path, maxMs } of pages) {
    const fewMs = await measurePage(few, path(few.customers), rounds);
    const manyMs = await measurePage(many, path(many.customers), rounds);
    measurements.push({
      name: `${engine}, ${many.customers} customers: ${name}, p95`,
      value: manyMs,
      unit: "ms",
      comparison: { name: `${few.customers} customers`, value: fewMs },
      target: { max: maxMs },
    });
  }
  return measurements;
}

async function measurePage({ admin, cookie }: FilledPanel, path: string, rounds: number): Promise<number> {
  const times: number[] = [];
  // The first ones compile queries and code.
  for (let round = -Math.ceil(rounds / 5); round < rounds; round++) {
    const begun = performance.now();
    const { status, text } = await send({ method: "GET", url: `${admin.url}${path}`, headers: { cookie } });
    if (status !== 200) throw new Error(`${path} answered ${status}: ${text.slice(0, 500)}`);
    if (round >= 0) times.push(performance.now() - begun);
  }
  return percentile(times, 0.95);
}
