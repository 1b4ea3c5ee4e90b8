import { createPageCursor } from "@cita/http";
import {
  type DeliveryView,
  deliveryStatuses,
  maxWebhookUrlLength,
  metadata,
  organizationId,
  type WebhookView,
} from "@cita/integrations-api";
import { z } from "zod";
import { isKnownFilter } from "./event-filter.ts";
import type { Webhook, WebhookDelivery, WebhookSubject } from "./webhook.ts";

export const webhookParams = z.object({ webhookId: z.uuid() });
export const deliveryParams = webhookParams.extend({ deliveryId: z.uuid() });

const url = z
  .string()
  .max(maxWebhookUrlLength, `must have ${maxWebhookUrlLength} characters at the most`)
  .meta({ example: "https://api.example.com/webhooks/cita" });

const maxFilters = 50;

const events = z
  .array(
    z
      .string()
      .max(100)
      .refine(
        isKnownFilter,
        "is no event. GET /integrations/event-types lists them; booking.* and * stand for several",
      ),
  )
  .min(1, "must name an event: GET /integrations/event-types lists them")
  .max(maxFilters)
  .transform((filters) => [...new Set(filters)])
  .meta({ example: ["integration.*", "booking.created"] });

const onlyOne = "name either integrationId or organizationId";

const subject = { integrationId: z.uuid().optional(), organizationId: organizationId.optional() };

type Named = { readonly integrationId?: string | undefined; readonly organizationId?: string | undefined };

const namesOne = ({ integrationId: one, organizationId: other }: Named) =>
  (one === undefined) !== (other === undefined);

export function toSubject(named: Named): WebhookSubject {
  return named.integrationId === undefined
    ? { organizationId: named.organizationId ?? "" }
    : { integrationId: named.integrationId };
}

export const newWebhook = z
  .strictObject({ ...subject, url, events, metadata: metadata.optional() })
  .refine(namesOne, onlyOne);

export const webhookChanges = z
  .strictObject({
    url: url.optional(),
    events: events.optional(),
    metadata: metadata.optional(),
    isActive: z.boolean().optional(),
  })
  .refine(
    (value) => Object.keys(value).length > 0,
    "must change something: url, events, metadata or isActive",
  );

const limit = z.coerce.number().int().min(1).max(200).default(50);
const cursor = z.string().max(400).optional();

export const webhooksQuery = z.strictObject({ ...subject, limit, cursor }).refine(namesOne, onlyOne);

export const deliveriesQuery = z.strictObject({
  status: z.enum(deliveryStatuses).optional(),
  limit,
  cursor,
});

export const replayBody = z
  .strictObject({ deliveryId: z.uuid().optional(), since: z.iso.datetime({ offset: true }).optional() })
  .refine(
    ({ deliveryId, since }) => (deliveryId === undefined) !== (since === undefined),
    "name either deliveryId or since",
  );

/** Pages end at ids. */
export const idCursor = createPageCursor<string>({
  write: (id) => id,
  read: (text) => (z.uuid().safeParse(text).success ? text : undefined),
});

export function toWebhookView(one: Webhook): WebhookView {
  const { subject: of } = one;
  return {
    id: one.id,
    integrationId: "integrationId" in of ? of.integrationId : null,
    organizationId: "organizationId" in of ? of.organizationId : null,
    ...{ url: one.url, events: [...one.events], metadata: { ...one.metadata }, isActive: one.isActive },
    ...{ disabledReason: one.disabledReason, failingSince: toText(one.failingSince) },
    lastTriggeredAt: toText(one.lastTriggeredAt),
    previousSecretUntil: toText(one.previousSecretUntil),
    ...{ createdAt: one.createdAt.toISOString(), updatedAt: one.updatedAt.toISOString() },
  };
}

export function toDeliveryView(one: WebhookDelivery): DeliveryView {
  const { id, webhookId, messageId, event, status, attempts, response, error } = one;
  return {
    ...{ id, webhookId, messageId, event, status, attempts, response, error },
    payload: JSON.parse(one.body),
    deliveredAt: toText(one.deliveredAt),
    nextAttemptAt: toText(one.nextAttemptAt),
    createdAt: one.createdAt.toISOString(),
  };
}

function toText(at: Date | null): string | null {
  return at?.toISOString() ?? null;
}
