import { customerId } from "@cita/calendar-api";

/** The customer a request names in `X-Customer-Id`; undefined when it is missing, repeated or malformed. */
export function customerOf(header: string | string[] | null | undefined): string | undefined {
  const parsed = customerId.safeParse(header);
  return parsed.success ? parsed.data : undefined;
}
