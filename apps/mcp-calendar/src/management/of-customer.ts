import { customerAddedAtHeader, customerId } from "@cita/calendar-api";
import type { FastifyRequest } from "fastify";
import { z } from "zod";

/** The parameters of a path about one customer. */
export const ofCustomer = z.object({ customer_id: customerId });

/** Since when admin-api has had the customer of a request; undefined: it doesn't say. */
export function addedAtOf({ headers }: FastifyRequest): string | undefined {
  return headers[customerAddedAtHeader]?.toString();
}
