import type { JobQueue } from "@cita/events/jobs";
import type { ServiceMetrics } from "@cita/http/metrics";
import { Counter, Gauge } from "@prometheus-io/client";
import type { Conclusion } from "./conclude-attempts.ts";
import type { DeliveryStore } from "./delivery-store.ts";

/** @returns what counts an attempt by what it has come to. */
export function describeWebhooks(
  { registry }: Pick<ServiceMetrics, "registry">,
  { deliveries, jobs }: { deliveries: Pick<DeliveryStore, "countOpen">; jobs: Pick<JobQueue, "oldestDueMs"> },
): (status: Conclusion["status"]) => void {
  const registers = [registry];
  new Gauge({
    name: "cita_webhook_deliveries_open",
    help: "Deliveries that are owed: PENDING, or RETRYING after a failure.",
    labelNames: ["status"],
    registers,
    async collect() {
      this.reset();
      for (const status of ["PENDING", "RETRYING"]) this.set({ status }, 0);
      for (const { status, count } of await deliveries.countOpen()) this.set({ status }, count);
    },
  });
  new Gauge({
    name: "cita_webhook_oldest_due_seconds",
    help: "For how long the oldest delivery that is due, and that nobody attempts, has been due.",
    registers,
    async collect() {
      this.set((await jobs.oldestDueMs()) / 1_000);
    },
  });
  const attempts = new Counter({
    name: "cita_webhook_attempts_total",
    help: "Attempts of deliveries, by what they have come to: DELIVERED, RETRYING or FAILED.",
    labelNames: ["status"],
    registers,
  });
  return (status) => attempts.inc({ status });
}
