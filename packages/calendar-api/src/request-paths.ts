import { toSegment } from "@cita/service-client";

export function customerPath(customerId: string): string {
  return `/customers/${toSegment(customerId)}`;
}
