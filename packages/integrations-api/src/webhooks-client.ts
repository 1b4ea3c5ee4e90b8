import { toSearch, toSegment } from "@cita/service-client";
import { z } from "zod";
import { pageOf, successOf } from "./envelope.ts";
import type { Page, PageQuery, Send } from "./send.ts";
import {
  type DeliveryView,
  deletedWebhook,
  deliveryView,
  type EventTypeView,
  eventTypeView,
  type ReplayRequest,
  replayedDeliveries,
  type WebhookChanges,
  type WebhookSubject,
  type WebhookView,
  type WebhookWithSecret,
  webhookView,
  webhookWithSecret,
} from "./webhooks.ts";

/** Calls about webhooks. Every method that takes an id throws `WEBHOOK_NOT_FOUND`. */
export type WebhooksApiClient = {
  /** In order of ids. */
  list(subject: WebhookSubject, query: PageQuery): Promise<Page<WebhookView>>;
  /** @throws `WEBHOOK_URL_REFUSED`, `VALIDATION_ERROR` for an event that there isn't, `TOO_MANY_WEBHOOKS` */
  create(
    subject: WebhookSubject,
    wanted: { readonly url: string; readonly events: readonly string[] },
  ): Promise<WebhookWithSecret>;
  /** @throws `WEBHOOK_URL_REFUSED`, `VALIDATION_ERROR` for an event that there isn't */
  update(id: string, changes: WebhookChanges): Promise<WebhookView>;
  rotateSecret(id: string): Promise<WebhookWithSecret>;
  remove(id: string): Promise<void>;
  /** Sends `webhook.test`. @throws `WEBHOOK_INACTIVE` */
  test(id: string): Promise<DeliveryView>;
  /** Newest first. */
  deliveries(id: string, query: PageQuery): Promise<Page<DeliveryView>>;
  /** @throws `DELIVERY_NOT_FOUND` */
  delivery(id: string, deliveryId: string): Promise<DeliveryView>;
  /** @returns how many deliveries are sent again. @throws `WEBHOOK_INACTIVE`, `DELIVERY_NOT_FOUND` */
  replay(id: string, what: ReplayRequest): Promise<number>;
  /** The catalogue. */
  eventTypes(): Promise<EventTypeView[]>;
};

const all = "/integrations/webhooks";

/** A replay of everything stores a delivery for each event first. */
const replayTimeoutMs = 60_000;

export function createWebhooksApiClient(send: Send): WebhooksApiClient {
  const pathOf = (id: string) => `${all}/${toSegment(id)}`;
  const secretAnswer = successOf(webhookWithSecret);
  const deliveryAnswer = successOf(deliveryView);
  return {
    list: (subject, query) =>
      send({
        method: "GET",
        path: `${all}?${toSearch({ ...subject, ...query })}`,
        answer: pageOf(webhookView),
      }),

    async create(subject, { url, events }) {
      const body = { ...subject, url, events };
      return (await send({ method: "POST", path: all, body, answer: secretAnswer })).data;
    },

    async update(id, body) {
      const request = { method: "PATCH", path: pathOf(id), body } as const;
      return (await send({ ...request, answer: successOf(webhookView) })).data;
    },

    async rotateSecret(id) {
      const path = `${pathOf(id)}/rotate-secret`;
      return (await send({ method: "POST", path, answer: secretAnswer })).data;
    },

    async remove(id) {
      await send({ method: "DELETE", path: pathOf(id), answer: successOf(deletedWebhook) });
    },

    test: async (id) =>
      (await send({ method: "POST", path: `${pathOf(id)}/test`, answer: deliveryAnswer })).data,

    deliveries: (id, query) =>
      send({
        ...{ method: "GET", path: `${pathOf(id)}/deliveries?${toSearch(query)}` },
        answer: pageOf(deliveryView),
      }),

    async delivery(id, deliveryId) {
      const path = `${pathOf(id)}/deliveries/${toSegment(deliveryId)}`;
      return (await send({ method: "GET", path, answer: deliveryAnswer })).data;
    },

    async replay(id, body) {
      const request = { method: "POST", path: `${pathOf(id)}/replay`, body } as const;
      const answer = successOf(replayedDeliveries);
      return (await send({ ...request, timeoutMs: replayTimeoutMs, answer })).data.replayed;
    },

    eventTypes: async () =>
      (
        await send({
          method: "GET",
          path: "/integrations/event-types",
          answer: successOf(z.array(eventTypeView)),
        })
      ).data,
  };
}
