/**
 * The catalogue of what receivers are told: names, schemas and examples, and no code. What an event of a log becomes is in
 * `to-public-event.ts`.
 */

import { z } from "zod";

const time = z.iso.datetime({ offset: true });

const sequence = z.int().meta({
  description: "Ascends with what happened. Deliveries may come in another order, and repeatedly.",
});
const organizationId = z.string().meta({ description: "Cita's customer_id." });

const integration = z.object({
  sequence,
  integrationId: z.uuid(),
  userId: z.string(),
  organizationId: organizationId.nullable(),
  provider: z.string(),
});

const customer = z.object({ sequence, organizationId });
const booking = customer.extend({ bookingId: z.string() });

const changedBy = z.enum(["agent", "admin", "calendar"]);

const integrationExample = {
  sequence: 4_711,
  integrationId: "0b6f1f0e-7d0c-4a3e-9d59-0f6f5f1f9c11",
  userId: "7b1f6f0e-2f0c-4a3e-9d59-0f6f5f1f9c11",
  organizationId: "luna",
  provider: "INSTAGRAM",
};
const customerExample = { sequence: 4_711, organizationId: "luna" };
const bookingExample = { ...customerExample, bookingId: "bk_8QmV2xTn" };
const [ten, half, eleven] = [
  "2027-01-18T15:00:00.000Z",
  "2027-01-18T15:30:00.000Z",
  "2027-01-18T16:00:00.000Z",
];

/** Each with the schema of its `data`. */
export const eventTypes = {
  "integration.connected": {
    description: "An account was connected, or connected again.",
    data: integration.extend({ accountIsNew: z.boolean() }),
    example: { ...integrationExample, accountIsNew: true },
  },
  "integration.disconnected": {
    description:
      "An account was disconnected. `revoked`: its provider has confirmed that the access is ended.",
    data: integration.extend({ revoked: z.boolean() }),
    example: { ...integrationExample, revoked: true },
  },
  "integration.error": {
    description: "Something is wrong with an account. `isLost`: only a new consent helps.",
    data: integration.extend({ reason: z.string(), isLost: z.boolean() }),
    example: { ...integrationExample, reason: "invalid_grant", isLost: true },
  },
  "integration.synced": {
    description: "An action on an account was completed.",
    data: integration.extend({ action: z.string() }),
    example: { ...integrationExample, action: "publish_post" },
  },
  "booking.created": {
    description: "An appointment was booked.",
    data: booking.extend({ service: z.string(), start: time, end: time }),
    example: { ...bookingExample, service: "haircut", start: ten, end: half },
  },
  "booking.rescheduled": {
    description:
      "An appointment was moved, by an agent, by an admin or by hand in the calendar. `from`: its former start.",
    data: booking.extend({ from: time, start: time, end: time, by: changedBy }),
    example: { ...bookingExample, from: ten, start: half, end: eleven, by: "agent" },
  },
  "booking.cancelled": {
    description: "An appointment was cancelled.",
    data: booking.extend({ start: time, by: changedBy }),
    example: { ...bookingExample, start: ten, by: "admin" },
  },
  "calendar.connected": {
    description: "A business has connected its calendar.",
    data: customer.extend({ provider: z.string() }),
    example: { ...customerExample, provider: "GOOGLE" },
  },
  "calendar.lost": {
    description:
      "A calendar can't be booked into any more. `reason`: `disconnected`, or why only a new consent of the business helps.",
    data: customer.extend({ provider: z.string(), reason: z.string() }),
    example: { ...customerExample, provider: "GOOGLE", reason: "invalid_grant" },
  },
  "link.opened": {
    description: "A business has opened its link and gone on to its calendar's provider, for the first time.",
    data: customer.extend({ linkId: z.int() }),
    example: { ...customerExample, linkId: 12 },
  },
  "schedule.changed": {
    description: "Opening hours or rules of a business were changed. `changed`: which, without their values.",
    data: customer.extend({ changed: z.array(z.string()) }),
    example: { ...customerExample, changed: ["weekly_hours"] },
  },
  "webhook.test": {
    description: "What `POST …/test` sends. It isn't subscribed to.",
    data: z.object({ sequence, webhookId: z.uuid() }),
    example: { sequence: 4_711, webhookId: "5d0c1f0e-7d0c-4a3e-9d59-0f6f5f1f9c11" },
  },
} as const satisfies Readonly<Record<string, EventType>>;

type EventType = {
  readonly description: string;
  readonly data: z.ZodObject;
  readonly example: Readonly<Record<string, unknown>>;
};

export type EventTypeName = keyof typeof eventTypes;

export const eventTypeNames = Object.keys(eventTypes) as readonly EventTypeName[];

/** What a receiver subscribes to. */
export const subscribableNames = eventTypeNames.filter((name) => name !== "webhook.test");

/** The whole body of a delivery. */
export function bodySchema(name: EventTypeName) {
  return z.object({ type: z.literal(name), timestamp: z.iso.datetime(), data: eventTypes[name].data });
}

export function bodyExample(name: EventTypeName) {
  return { type: name, timestamp: "2027-01-18T14:00:00.000Z", data: { ...eventTypes[name].example } };
}
