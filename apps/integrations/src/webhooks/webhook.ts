/**
 * Receivers in other systems, that are told what happens. Here the contracts; `schema.ts` has the tables, the stores are
 * beside them. What is told is in `event-types.ts`; how it gets from the logs into deliveries in `follow-logs.ts`; how these
 * are sent in `send-delivery.ts`.
 */

import type { DeliveryStatus, WebhookSubject } from "@cita/integrations-api";

export type { DeliveryStatus, WebhookSubject };

/** Source 003's Webhook: of one integration, or of an organization, which is Cita's customer. */
export type Webhook = {
  /** A UUID. */
  readonly id: string;
  readonly subject: WebhookSubject;
  readonly owner: WebhookOwner;
  readonly url: string;
  /** Names of events, and patterns. */
  readonly events: readonly string[];
  /** The caller's own. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly isActive: boolean;
  /** Why we have deactivated it, in a sentence; null: we haven't. */
  readonly disabledReason: string | null;
  /** Since when every attempt has failed; null: the last one hasn't. */
  readonly failingSince: Date | null;
  /** When something was last sent. */
  readonly lastTriggeredAt: Date | null;
  /** Until when the secret before signs too. */
  readonly previousSecretUntil: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

/** Whose it is: an organization's, or a person's own. */
export type WebhookOwner = { readonly organizationId: string } | { readonly userId: string };

export type NewWebhook = Pick<Webhook, "subject" | "owner" | "url" | "events" | "metadata">;

export type WebhookChanges = {
  readonly [Name in "url" | "events" | "metadata" | "isActive"]?: Webhook[Name] | undefined;
};

export type WebhookWithSecret = { readonly webhook: Webhook; readonly secret: string };

export type WebhookStore = {
  /** @throws TooManyWebhooksError */
  create(webhook: NewWebhook): Promise<WebhookWithSecret>;
  /** Without opening a secret. */
  find(id: string): Promise<Webhook | undefined>;
  list(filter: {
    readonly subject: WebhookSubject;
    /** The ids after this one, in order. */
    readonly after?: string | undefined;
    readonly limit: number;
  }): Promise<Webhook[]>;
  /** What is activated again has never failed. @returns undefined where there is none. */
  update(id: string, changes: WebhookChanges): Promise<Webhook | undefined>;
  /** Gives it another secret. The present one signs too for a day. @returns undefined where there is none. */
  rotateSecret(id: string): Promise<WebhookWithSecret | undefined>;
  /** Deletes it with its deliveries. */
  remove(id: string): Promise<void>;
  /** Deletes an owner's webhooks, and what they were told. Events of the log stay. */
  removeOwner(owner: WebhookOwner): Promise<void>;
};

/** Bounds what one event costs. */
export const maxWebhooksPerSubject = 50;

export class TooManyWebhooksError extends Error {
  override readonly name = "TooManyWebhooksError";
  constructor() {
    super(`There are ${maxWebhooksPerSubject} webhooks already. Delete one that isn't needed any more.`);
  }
}

/** Source 003's WebhookDelivery: one event for one webhook. */
export type WebhookDelivery = {
  /** A UUID. */
  readonly id: string;
  readonly webhookId: string;
  /** The `webhook-id` of each attempt. */
  readonly messageId: string;
  readonly event: string;
  /** The body as it is sent. */
  readonly body: string;
  readonly status: DeliveryStatus;
  /** Since it was begun, or replayed. */
  readonly attempts: number;
  /** The last answer. */
  readonly response: ReceivedResponse | null;
  /** What went wrong at the last attempt, in a sentence. */
  readonly error: string | null;
  readonly deliveredAt: Date | null;
  readonly nextAttemptAt: Date | null;
  readonly createdAt: Date;
};

/** `body`: its beginning. */
export type ReceivedResponse = { readonly status: number; readonly body: string };
