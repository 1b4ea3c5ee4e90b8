import type { ConsentOutcome } from "@cita/token-store";

/** What happens to a customer's consent. Its details are shown to admins: never a token, a code or a link. */
export type ConsentEvent = {
  readonly customerId: string;
  /** Names what happened, so that it is kept once, however often it is noticed. */
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

/** Keeps what has happened. It never rejects: what was done stays done, whether or not it can be kept. */
export type RecordConsent = (event: ConsentEvent) => Promise<void>;
