import { Counter, Gauge, Registry } from "@prometheus-io/client";

/** The metrics of any service. Labels are our own names and codes, never a customer, an address or a caller's text. */
export type ServiceMetrics = {
  /** A service registers its own metrics here. */
  readonly registry: Registry;
  /** @param route the route's pattern. */
  countRequest(request: { method: string; route: string; status: number }): void;
  /** The text Prometheus reads, as of now. */
  read(): Promise<string>;
  readonly contentType: string;
};

export type ServiceMetricsDeps = {
  /** The connections of this process to its database. */
  connectionUse: () => { readonly inUse: number; readonly waiting: number; readonly limit: number };
};

export function createServiceMetrics({ connectionUse }: ServiceMetricsDeps): ServiceMetrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({
    name: "cita_http_requests_total",
    help: "Requests answered, by route.",
    labelNames: ["method", "route", "status"],
    registers,
  });
  describeProcess(registers);
  describeConnections(registers, connectionUse);
  return {
    registry,
    countRequest: ({ method, route, status }) => requests.inc({ method, route, status }),
    read: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

function describeConnections(
  registers: Registry[],
  connectionUse: ServiceMetricsDeps["connectionUse"],
): void {
  new Gauge({
    name: "cita_database_connections",
    help: "Connections to the database: in use, and how many there may be; and what waits for one.",
    labelNames: ["state"],
    registers,
    collect() {
      const { inUse, waiting, limit } = connectionUse();
      this.set({ state: "in_use" }, inUse);
      this.set({ state: "waiting" }, waiting);
      this.set({ state: "limit" }, limit);
    },
  });
}

/**
 * Process metrics by their usual names, which dashboards expect. The library's own set also observes the event loop and
 * the garbage collector all the time, which costs more than it is worth here.
 */
function describeProcess(registers: Registry[]): void {
  new Gauge({
    name: "process_resident_memory_bytes",
    help: "Resident memory size in bytes.",
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  new Counter({
    name: "process_cpu_seconds_total",
    help: "Total user and system CPU time spent in seconds.",
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1_000_000);
    },
  });
  new Gauge({
    name: "process_start_time_seconds",
    help: "Start time of the process since unix epoch in seconds.",
    registers,
  }).set(Math.round(performance.timeOrigin / 1_000));
}
