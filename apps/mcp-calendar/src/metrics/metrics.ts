/**
 * The metrics of this service alone: calls of tools and calendars, refreshes of access tokens, connections. Metrics that
 * every service has, and the route, are in packages/http/src/metrics. Each `observe…` is passed to the code it measures.
 */

import { createServiceMetrics, type ServiceMetrics, type ServiceMetricsDeps } from "@cita/http/metrics";
import { hostArguments, type ObservedCall } from "@cita/mcp-endpoint";
import { hourMs } from "@cita/scheduling";
import {
  type Connection,
  type ConnectionCounts,
  calendarStateNames,
  type RefreshOutcome,
} from "@cita/token-store";
import { Counter, Gauge, Histogram, type Registry } from "@prometheus-io/client";
import type { CalendarCall } from "../calendars/calendar.ts";
import type { Heartbeat } from "../instances/heartbeat.ts";
import { createFailingRefreshes } from "./failing-refreshes.ts";

export type Metrics = Omit<ServiceMetrics, "registry"> & {
  observeToolCall(call: ObservedCall): void;
  observeCalendarCall(call: CalendarCall): void;
  observeRefresh(connection: Connection, outcome: RefreshOutcome["kind"]): void;
};

export type MetricsDeps = {
  /** The configured providers. */
  providers: readonly string[];
  countConnections: () => Promise<ConnectionCounts>;
  connectionUse: ServiceMetricsDeps["connectionUse"];
  heartbeat: Pick<Heartbeat, "countInstances" | "beatAgeMs">;
  /** Called where connections couldn't be counted. The other metrics are served. */
  onFault: (error: unknown) => void;
  now: () => number;
};

/** Providers answer in 0.1 to 1 s; a booking waits for four of its answers. */
const secondsBuckets = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];
const refreshResults: readonly RefreshOutcome["kind"][] = [
  "ok",
  "reauth_required",
  "not_renewable",
  "misconfigured",
  "transient",
  "rate_limited",
];

export function createMetrics(deps: MetricsDeps): Metrics {
  const { registry, ...ofAnyService } = createServiceMetrics(deps);
  const registers = [registry];
  const failing = createFailingRefreshes(deps.now);

  const observeTool = createCallMetrics("cita_tool", "tool", registers, {
    calls: "Tool calls of agents, by outcome: ok or the error's code.",
    seconds: "How long a tool call took, with what it asked of the calendar.",
  });
  const droppedArguments = new Counter({
    name: "cita_dropped_arguments_total",
    help: "Arguments of tool calls that an agent's host had added and that were dropped, by name.",
    labelNames: ["name"],
    registers,
  });
  // Initialised with 0, so that Prometheus sees the first occurrence as an increase.
  for (const name of hostArguments) droppedArguments.inc({ name }, 0);
  const observeCalendar = createCallMetrics("cita_calendar", "operation", registers, {
    calls: "What was asked of calendars, by outcome: ok or the error's code.",
    seconds: "How long a calendar took, with repeats and a refresh of the access where one was needed.",
  });
  const refreshes = new Counter({
    name: "cita_token_refreshes_total",
    help: "Refreshes of accesses sent to a provider, by result.",
    labelNames: ["provider", "result"],
    registers,
  });
  for (const provider of deps.providers) {
    for (const result of refreshResults) refreshes.inc({ provider, result }, 0);
  }
  describeInstances(registers, deps.heartbeat);
  const readConnections = createConnectionMetrics(registers, { ...deps, oldestFailing: failing.oldest });

  return {
    ...ofAnyService,
    observeToolCall: ({ tool, outcome, seconds, dropped }) => {
      observeTool(tool, outcome, seconds);
      for (const name of dropped) droppedArguments.inc({ name });
    },
    observeCalendarCall: ({ operation, outcome, seconds }) => observeCalendar(operation, outcome, seconds),
    observeRefresh(connection, result) {
      refreshes.inc({ provider: connection.provider, result });
      failing.update(connection, result);
    },
    async read() {
      await readConnections();
      return ofAnyService.read();
    },
  };
}

type ConnectionMetricsDeps = MetricsDeps & {
  /** See `FailingRefreshes.oldest`. */
  oldestFailing: (provider: string) => number | undefined;
};

/** Connections and calendars by their state, counted when the metrics are read. */
function createConnectionMetrics(registers: Registry[], deps: ConnectionMetricsDeps): () => Promise<void> {
  const connections = new Gauge({
    name: "cita_connections",
    help: "Customers by the state of their calendar's connection, and its provider where there is one.",
    labelNames: ["provider", "state"],
    registers,
  });
  const calendars = new Gauge({
    name: "cita_calendars",
    help: "Connected customers by whether their calendar answers; only ok and unknown (not read yet) are fine.",
    labelNames: ["provider", "state"],
    registers,
  });
  const oldestFailure = new Gauge({
    name: "cita_oldest_failed_refresh_hours",
    help: "Hours since the oldest failed refresh that nothing has mended yet; 0: there is none.",
    labelNames: ["provider"],
    registers,
  });

  return async () => {
    const counts = await deps.countConnections().catch(deps.onFault);
    // NaN means unknown, whereas 0 or the last value would be wrong.
    connections.set({ state: "pending" }, counts?.pending ?? Number.NaN);
    for (const provider of deps.providers) {
      const own = counts?.ofProviders.get(provider);
      connections.set({ provider, state: "connected" }, own?.connected ?? Number.NaN);
      connections.set({ provider, state: "reconnect_required" }, own?.reconnectRequired ?? Number.NaN);
      for (const state of calendarStateNames)
        calendars.set({ provider, state }, own?.calendars[state] ?? Number.NaN);
      const failing = [own?.oldestReconnectRequired?.getTime(), deps.oldestFailing(provider)];
      const ages = failing.map((since) => (since === undefined ? 0 : (deps.now() - since) / hourMs));
      oldestFailure.set({ provider }, own === undefined ? Number.NaN : Math.max(0, ...ages));
    }
  };
}

function describeInstances(registers: Registry[], heartbeat: MetricsDeps["heartbeat"]): void {
  new Gauge({
    name: "cita_instances",
    help: "Instances that are alive by their heartbeats in the database, as this one has last read them.",
    registers,
    collect() {
      this.set(heartbeat.countInstances());
    },
  });
  new Gauge({
    name: "cita_heartbeat_age_seconds",
    help: "How long ago this instance has last told the others that it lives.",
    registers,
    collect() {
      this.set(heartbeat.beatAgeMs() / 1_000);
    },
  });
}

/** How often something is called, how each call ends, and how long it takes. */
function createCallMetrics(
  prefix: string,
  label: string,
  registers: Registry[],
  help: { readonly calls: string; readonly seconds: string },
) {
  const calls = new Counter({
    name: `${prefix}_calls_total`,
    help: help.calls,
    labelNames: [label, "outcome"],
    registers,
  });
  const duration = new Histogram({
    name: `${prefix}_call_duration_seconds`,
    help: help.seconds,
    labelNames: [label],
    buckets: secondsBuckets,
    registers,
  });
  return (called: string, outcome: string, seconds: number) => {
    calls.inc({ [label]: called, outcome });
    duration.observe({ [label]: called }, seconds);
  };
}
