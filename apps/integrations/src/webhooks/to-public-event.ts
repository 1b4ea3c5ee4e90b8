import { type EventBody, readEvent } from "@cita/events/kinds";
import type { z } from "zod";
import { toEnum } from "../management/views.ts";
import type { EventTypeName, eventTypes } from "./event-types.ts";

/** An event of a service's log. */
export type LoggedEvent = {
  readonly id: number;
  readonly at: string;
  readonly customerId: string | null;
  readonly kind: string;
  readonly data: unknown;
};

/** What receivers are told of it. */
export type PublicEvent = PublicBody & {
  /** Of the event in its log. */
  readonly id: number;
  readonly at: string;
  /** Whose webhooks get it, with those of the integration. */
  readonly organizationId: string | null;
  readonly integrationId: string | null;
  /** Of an integration that belongs to no organization. */
  readonly userId: string | null;
};

/** The sequence is given when the event is stored for its receivers. */
type PublicBody = {
  [Name in EventTypeName]: {
    readonly type: Name;
    readonly data: Omit<z.output<(typeof eventTypes)[Name]["data"]>, "sequence">;
  };
}[EventTypeName];

/** @returns undefined for an event that receivers aren't told of, or that this version doesn't know. */
export function toPublicEvent(event: LoggedEvent): PublicEvent | undefined {
  const logged = readEvent(event);
  if (logged === undefined) return undefined;
  const { id, at, customerId: organizationId } = event;
  const body = toIntegrationBody(organizationId, logged) ?? toCustomerBody(organizationId, logged);
  if (body === undefined) return undefined;
  const integrationId = "integrationId" in body.data ? body.data.integrationId : null;
  const userId = organizationId === null && "userId" in body.data ? body.data.userId : null;
  return { ...body, id, at, organizationId, integrationId, userId };
}

function toIntegrationBody(organizationId: string | null, { kind, data }: EventBody): PublicBody | undefined {
  if (!("integration_id" in data)) return undefined;
  const { integration_id: integrationId, user_id: userId, provider } = data;
  const named = { integrationId, userId, organizationId, provider: toEnum(provider) };
  switch (kind) {
    case "integration.connected":
      return { type: kind, data: { ...named, accountIsNew: data.account_is_new } };
    case "integration.disconnected":
      return { type: kind, data: { ...named, revoked: data.revoked } };
    case "integration.error":
      return { type: kind, data: { ...named, reason: data.reason, isLost: data.is_lost } };
    case "integration.synced":
      return { type: kind, data: { ...named, action: data.action } };
    default:
      return undefined;
  }
}

function toCustomerBody(organizationId: string | null, { kind, data }: EventBody): PublicBody | undefined {
  if (organizationId === null) return undefined;
  const customer = { organizationId };
  switch (kind) {
    case "booked": {
      const { booking_id: bookingId, service, start, end } = data;
      return { type: "booking.created", data: { ...customer, bookingId, service, start, end } };
    }
    case "rescheduled": {
      const { booking_id: bookingId, from, start, end, by } = data;
      return { type: "booking.rescheduled", data: { ...customer, bookingId, from, start, end, by } };
    }
    case "cancelled": {
      const { booking_id: bookingId, start, by } = data;
      return { type: "booking.cancelled", data: { ...customer, bookingId, start, by } };
    }
    case "connected":
      return { type: "calendar.connected", data: { ...customer, provider: toEnum(data.provider) } };
    case "reconnect_required": {
      const { provider, reason } = data;
      return { type: "calendar.lost", data: { ...customer, provider: toEnum(provider), reason } };
    }
    case "disconnected": {
      const provider = toEnum(data.provider);
      return { type: "calendar.lost", data: { ...customer, provider, reason: "disconnected" } };
    }
    case "link_opened":
      return { type: "link.opened", data: { ...customer, linkId: data.link_id } };
    case "schedule_changed":
      return { type: "schedule.changed", data: { ...customer, changed: data.changed.split(/, */) } };
    default:
      return undefined;
  }
}
