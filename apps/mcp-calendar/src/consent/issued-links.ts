import type { IssuedLink } from "@cita/token-store";
import type { RecordActivity } from "../activity/recorder.ts";

/** Once for each link, however often it is asked for. */
export function recordIssued(record: RecordActivity, link: IssuedLink): Promise<void> {
  return record({
    customerId: link.customerId,
    kind: "link_issued",
    once: `link_issued ${link.id}`,
    detail: { link_id: link.id, expires_at: link.expiresAt.toISOString() },
  });
}
