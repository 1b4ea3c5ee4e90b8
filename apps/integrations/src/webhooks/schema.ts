import type { Generated } from "kysely";

/**
 * The tables of webhooks, by the names of source 003. Times are ISO 8601 in UTC, so they sort as text. Objects and lists are
 * JSON. An event is stored once for all webhooks that get it, and each of them has a delivery of it.
 */
export type WebhookTables = {
  webhooks: WebhooksTable;
  webhook_messages: MessagesTable;
  webhook_deliveries: DeliveriesTable;
  webhook_cursors: CursorsTable;
};

export type WebhooksTable = {
  /** A UUID. */
  id: string;
  /** As of `integrations`: `customer:<organization_id>`, or `user:<user_id>`. */
  owner: string;
  /** Of one integration; null: of an organization. */
  integration_id: string | null;
  organization_id: string | null;
  url: string;
  events: string;
  metadata: string;
  /** Sealed. Null: its key was given up as lost, and it needs another one. */
  secret: string | null;
  /** Sealed with the same key. The secret before, which signs too until a time. */
  previous_secret: string | null;
  previous_until: string | null;
  key_fingerprint: string | null;
  /** Incremented by whatever changes the secrets. */
  version: number;
  is_active: number;
  /** Why we have deactivated it, in a sentence. Null: we haven't. */
  disabled_reason: string | null;
  /** Since when every attempt has failed. */
  failing_since: string | null;
  last_triggered_at: string | null;
  created_at: string;
  updated_at: string;
};

export type MessagesTable = {
  sequence: Generated<number>;
  /** A UUID, the `webhook-id` of its deliveries. */
  id: string;
  /** Names the event in its log, so that it is stored once. */
  event_key: string;
  type: string;
  owner: string;
  organization_id: string | null;
  integration_id: string | null;
  /** The only webhook that gets it; null: all that want it. */
  webhook_id: string | null;
  /** When it happened. */
  happened_at: string;
  data: string;
  created_at: string;
};

export type DeliveriesTable = {
  /** A UUID. */
  id: string;
  webhook_id: string;
  message_sequence: number;
  status: string;
  /** Since it was begun, or replayed. */
  attempts: number;
  /** `{status, body}` of the last answer. */
  response: string | null;
  /** A sentence. */
  error: string | null;
  delivered_at: string | null;
  next_attempt_at: string | null;
  created_at: string;
};

/** How far each log has been read. */
export type CursorsTable = {
  source: string;
  cursor: string;
  /** Incremented where the log was another one than before, whose events have the ids of others. */
  era: number;
};
