import type { ServiceMetrics } from "@cita/http/metrics";
import { Gauge } from "@prometheus-io/client";
import type { IntegrationStore } from "../integrations/integration.ts";

/** How many integrations of each provider are in each state, as they are when somebody reads the metrics. */
export function describeIntegrations(
  { registry }: Pick<ServiceMetrics, "registry">,
  { countByState }: Pick<IntegrationStore, "countByState">,
): void {
  new Gauge({
    name: "cita_integrations",
    help: "Integrations by provider and state: connected, error, reconnect_required or inactive.",
    labelNames: ["provider", "state"],
    registers: [registry],
    async collect() {
      this.reset();
      for (const { provider, state, count } of await countByState()) this.set({ provider, state }, count);
    },
  });
}
