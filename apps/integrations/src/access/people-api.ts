import { requestIdHeaders } from "@cita/process";
import { z } from "zod";
import { IntegrationError } from "../answers/integration-error.ts";
import type { BelongsTo } from "./caller.ts";

const answer = z.object({ belongs: z.boolean() });

/**
 * Asks admin-api whether a user belongs to a customer.
 * @param timeoutMs of one request. Default: 3,000.
 */
export function createBelongsTo(config: {
  readonly adminUrl: string;
  readonly serviceKey: string;
  readonly timeoutMs?: number;
}): BelongsTo {
  const { adminUrl, serviceKey, timeoutMs = 3_000 } = config;
  return async (userId, customerId) => {
    const query = new URLSearchParams({ user_id: userId, customer_id: customerId });
    try {
      const response = await fetch(`${adminUrl}/internal/memberships?${query}`, {
        headers: { ...requestIdHeaders(), authorization: `Bearer ${serviceKey}` },
        redirect: "error",
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (response.status !== 200) throw new Error(`admin-api has answered ${response.status}`);
      return answer.parse(await response.json()).belongs;
    } catch (cause) {
      const message = "The service that knows who belongs to whom doesn't answer. Try again in a moment.";
      throw new IntegrationError("UNAVAILABLE", message, { cause });
    }
  };
}
