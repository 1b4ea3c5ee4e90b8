import { randomBytes } from "node:crypto";
import { type KeyRing, openStored, type SealedPlace } from "@cita/token-store";
import type { Selectable } from "kysely";
import { toOwner } from "../integrations/integration-rows.ts";
import { readList, readObject, toDate } from "../integrations/stored-values.ts";
import type { WebhooksTable } from "./schema.ts";
import type { Webhook, WebhookOwner, WebhookSubject } from "./webhook.ts";

type Row = Selectable<WebhooksTable>;

/** Without secrets. */
export const webhookColumns = [
  ...(["id", "owner", "integration_id", "organization_id", "url", "events", "metadata"] as const),
  ...(["previous_until", "is_active", "disabled_reason", "failing_since", "last_triggered_at"] as const),
  ...(["created_at", "updated_at"] as const),
] as const;

export type WebhookRow = Pick<Row, (typeof webhookColumns)[number]>;

export function toWebhook(row: WebhookRow): Webhook {
  return {
    id: row.id,
    subject: toSubject(row),
    owner: readOwner(row.owner),
    url: row.url,
    events: readList(row.events),
    metadata: readObject(row.metadata),
    isActive: row.is_active === 1,
    disabledReason: row.disabled_reason,
    failingSince: toDate(row.failing_since),
    lastTriggeredAt: toDate(row.last_triggered_at),
    previousSecretUntil: toDate(row.previous_until),
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
  };
}

function toSubject(row: Pick<Row, "integration_id" | "organization_id">): WebhookSubject {
  return row.integration_id === null
    ? { organizationId: row.organization_id ?? "" }
    : { integrationId: row.integration_id };
}

export function subjectColumns(subject: WebhookSubject) {
  return "integrationId" in subject
    ? { integration_id: subject.integrationId, organization_id: null }
    : { integration_id: null, organization_id: subject.organizationId };
}

/** The column `owner`, read: ids may have colons. */
export function readOwner(owner: string): WebhookOwner {
  const id = owner.slice(owner.indexOf(":") + 1);
  return owner.startsWith("customer:") ? { organizationId: id } : { userId: id };
}

export const writeOwner = toOwner;

/** A secret of 256 bits. @see https://github.com/standard-webhooks/standard-webhooks */
export function makeSecret(): string {
  return `whsec_${randomBytes(32).toString("base64")}`;
}

/** What a webhook's secrets are sealed for: both for the same place, so that a secret can become the one before. */
export function secretPlace({ id, owner }: Pick<Row, "id" | "owner">): SealedPlace {
  return { customer_id: owner, field: `webhook_secret:${id}` };
}

type SealedSecrets = Pick<
  Row,
  "id" | "owner" | "secret" | "previous_secret" | "previous_until" | "key_fingerprint"
>;

/** The secrets that sign at a time, the present one first; none where they were given up. @throws SealError */
export function openSecrets(keys: KeyRing, row: SealedSecrets, at: Date): string[] {
  const { secret, previous_secret: previous, previous_until: until } = row;
  const open = (sealed: string) =>
    openStored(keys, secretPlace(row), { sealed, fingerprint: row.key_fingerprint ?? "" });
  if (secret === null) return [];
  const isOverlapping = previous !== null && until !== null && new Date(until) > at;
  return isOverlapping ? [open(secret), open(previous)] : [open(secret)];
}
