import type { ConsentOutcome } from "@cita/token-store";

/** An event of a customer's consent. Admins are shown its `detail`, which never has a token, a code or a link. */
export type ConsentEvent = {
  readonly customerId: string;
} & (
  | {
      kind: `consent_${Exclude<ConsentOutcome, "connected">}`;
      detail: { link_id: number; account_email: string | null };
    }
  | { kind: "connected"; detail: { link_id: number; account_email: string | null } }
  | { kind: "reconnect_required"; detail: { reason: string; message: string } }
);

/** Records an event. It never rejects: a deed isn't undone because it couldn't be recorded. */
export type RecordConsent = (event: ConsentEvent) => Promise<void>;
