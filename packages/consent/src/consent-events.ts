import type { ConsentOutcome, IssuedLink } from "@cita/token-store";

/** An event of a customer's consent. Admins are shown its `detail`, which never has a token, a code or a link. */
export type ConsentEvent = {
  readonly customerId: string;
  /** A unique name of what happened. Of events with the same name only the first is recorded. */
  readonly once?: string;
} & (
  | { kind: "link_issued"; detail: { link_id: number; expires_at: string } }
  | {
      kind: `consent_${Exclude<ConsentOutcome, "connected">}`;
      detail: { link_id: number; account_email: string | null };
    }
  | { kind: "connected"; detail: { link_id: number; account_email: string | null } }
  | { kind: "reconnect_required"; detail: { reason: string; message: string } }
);

/** Records an event. It never rejects: a deed isn't undone because it couldn't be recorded. */
export type RecordConsent = (event: ConsentEvent) => Promise<void>;

/** Records that a link was made, once for each link. */
export function recordLinkIssued(record: RecordConsent, link: IssuedLink): Promise<void> {
  return record({
    customerId: link.customerId,
    kind: "link_issued",
    once: `link_issued ${link.id}`,
    detail: { link_id: link.id, expires_at: link.expiresAt.toISOString() },
  });
}
