import type { SealedPlace } from "./key-ring.ts";
import type { CustomerKey } from "./token-store.ts";

/** Where one of a connection's tokens stands. */
export function tokenPlace(
  { customerId, provider }: CustomerKey,
  field: "access_token" | "refresh_token",
): SealedPlace {
  return { customer_id: customerId, provider, field };
}

/** Where a consent link's token stands. */
export function linkPlace({ customerId, provider }: CustomerKey, tokenHash: string): SealedPlace {
  return { customer_id: customerId, provider, field: `consent_link:${tokenHash}` };
}
