import type { IssuedLink } from "@cita/token-store";
import type { RecordConsent } from "./consent-events.ts";

/** Once for each link, however often it is asked for. */
export function recordIssued(record: RecordConsent, link: IssuedLink): Promise<void> {
  return record({
    customerId: link.customerId,
    kind: "link_issued",
    once: `link_issued ${link.id}`,
    detail: { link_id: link.id, expires_at: link.expiresAt.toISOString() },
  });
}
