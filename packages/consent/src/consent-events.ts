import type { ConsentOutcome, IssuedLink } from "@cita/token-store";

/** What happens to a customer's consent. Its details are shown to admins: never a token, a code or a link. */
export type ConsentEvent = {
  readonly customerId: string;
  /** Names what happened, so that it is recorded once, however often it is noticed. */
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

/** Records what has happened. It never rejects: what was done stays done, whether or not it can be recorded. */
export type RecordConsent = (event: ConsentEvent) => Promise<void>;

/** Records that a link was made: once for each link, however often it is asked for. */
export function recordLinkIssued(record: RecordConsent, link: IssuedLink): Promise<void> {
  return record({
    customerId: link.customerId,
    kind: "link_issued",
    once: `link_issued ${link.id}`,
    detail: { link_id: link.id, expires_at: link.expiresAt.toISOString() },
  });
}
