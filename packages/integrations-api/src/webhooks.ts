import { z } from "zod";

export const deliveryStatuses = ["PENDING", "DELIVERED", "FAILED", "RETRYING"] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

/** The longest URL of a receiver. Beyond it proxies and servers refuse URLs. */
export const maxWebhookUrlLength = 2_048;

/** What webhooks are about: one of the two. */
export type WebhookSubject = { readonly integrationId: string } | { readonly organizationId: string };

const time = z.iso.datetime();

export const webhookView = z.object({
  id: z.uuid(),
  integrationId: z.uuid().nullable(),
  organizationId: z.string().nullable(),
  url: z.string(),
  events: z.array(z.string()),
  metadata: z.record(z.string(), z.unknown()),
  isActive: z.boolean(),
  disabledReason: z.string().nullable().meta({ description: "Why we have deactivated it." }),
  failingSince: time.nullable().meta({ description: "Since when every attempt has failed." }),
  lastTriggeredAt: time.nullable(),
  previousSecretUntil: time.nullable().meta({ description: "Until when the secret before signs too." }),
  createdAt: time,
  updatedAt: time,
});
export type WebhookView = z.output<typeof webhookView>;

export const webhookWithSecret = webhookView.extend({
  secret: z.string().meta({ example: "whsec_…", description: "Shown this once." }),
});
export type WebhookWithSecret = z.output<typeof webhookWithSecret>;

/** What `PATCH /integrations/webhooks/:webhookId` changes. */
export type WebhookChanges = {
  readonly url?: string;
  readonly events?: readonly string[];
  readonly isActive?: boolean;
};

export const deletedWebhook = z.object({ id: z.uuid() });

export const deliveryView = z.object({
  id: z.uuid(),
  webhookId: z.uuid(),
  messageId: z.uuid().meta({ description: "The `webhook-id` of each attempt." }),
  event: z.string(),
  payload: z.record(z.string(), z.unknown()),
  status: z.enum(deliveryStatuses),
  attempts: z.number().int(),
  response: z
    .object({ status: z.number().int(), body: z.string() })
    .nullable()
    .meta({ description: "The receiver's last answer, of its body the beginning." }),
  error: z.string().nullable(),
  deliveredAt: time.nullable(),
  nextAttemptAt: time.nullable(),
  createdAt: time,
});
export type DeliveryView = z.output<typeof deliveryView>;

/** What is sent again: one delivery, or everything since a time with its offset. */
export type ReplayRequest = { readonly deliveryId: string } | { readonly since: string };

export const replayedDeliveries = z.object({ replayed: z.number().int() });

/** An entry of `GET /integrations/event-types`. */
export const eventTypeView = z.object({
  name: z.string(),
  description: z.string(),
  subscribable: z.boolean(),
  example: z.record(z.string(), z.unknown()),
  schema: z.record(z.string(), z.unknown()).meta({ description: "Of the body, as JSON Schema." }),
});
export type EventTypeView = z.output<typeof eventTypeView>;
