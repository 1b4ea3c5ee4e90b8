import { customerId } from "@cita/calendar-api";
import type { FastifyRequest } from "fastify";

/** The customer a request names in `X-Customer-Id`; undefined when it is missing, repeated or malformed. */
export function customerOf({ headers }: FastifyRequest): string | undefined {
  const parsed = customerId.safeParse(headers["x-customer-id"]);
  return parsed.success ? parsed.data : undefined;
}
