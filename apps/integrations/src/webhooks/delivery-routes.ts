import { cutPage } from "@cita/http";
import { deliveryView, eventTypeView, pageOf, replayedDeliveries, successOf } from "@cita/integrations-api";
import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import { z } from "zod";
import { success } from "../answers/envelope.ts";
import { errorResponses } from "../answers/error-responses.ts";
import { IntegrationError } from "../answers/integration-error.ts";
import type { DeliveryStore } from "./delivery-store.ts";
import { bodyExample, bodySchema, eventTypeNames, eventTypes, subscribableNames } from "./event-types.ts";
import type { MessageStore } from "./message-store.ts";
import type { Replay } from "./replay.ts";
import {
  deliveriesQuery,
  deliveryParams,
  idCursor,
  replayBody,
  toDeliveryView,
  webhookParams,
} from "./schemas.ts";
import type { Webhook } from "./webhook.ts";
import type { WebhookAccess } from "./webhook-access.ts";
import { security, tags, webhookNotFound } from "./webhook-routes.ts";

export type DeliveryRoutesOptions = {
  readonly deliveries: Pick<DeliveryStore, "find" | "list">;
  readonly messages: Pick<MessageStore, "storeTest">;
  readonly replay: Replay;
  readonly access: WebhookAccess;
};

const deliveryNotFound = () =>
  new IntegrationError("DELIVERY_NOT_FOUND", "This webhook has no such delivery. What is old is deleted.");

function expectActive({ isActive }: Webhook): void {
  if (isActive) return;
  const message = 'The webhook isn\'t active. Activate it with PATCH {"isActive": true}, and try again.';
  throw new IntegrationError("WEBHOOK_INACTIVE", message);
}

/** What a webhook is told: the catalogue, a test, what was delivered, and what is to be delivered again. */
export const deliveryRoutes: FastifyPluginAsyncZod<DeliveryRoutesOptions> = async (app, options) => {
  const { deliveries, messages, access } = options;
  await app.register(deliveryRoute, options);
  await app.register(replayRoute, options);
  await app.register(eventTypeRoute);

  app.get(
    "/integrations/webhooks/:webhookId/deliveries",
    {
      schema: {
        ...{ tags, security, operationId: "listWebhookDeliveries" },
        summary: "What it was told, newest first",
        params: webhookParams,
        querystring: deliveriesQuery,
        response: { 200: pageOf(deliveryView), ...errorResponses },
      },
    },
    async (request) => {
      const { id: webhookId } = await access.find(request, request.params.webhookId, "read");
      const { limit, cursor, status } = request.query;
      const before = cursor === undefined ? undefined : idCursor.read(cursor);
      const found = await deliveries.list({ webhookId, status, before, limit: limit + 1 });
      const { shown, next_cursor } = cutPage(found, limit, ({ id }) => idCursor.write(id));
      return { ...success(shown.map(toDeliveryView)), nextCursor: next_cursor };
    },
  );

  app.post(
    "/integrations/webhooks/:webhookId/test",
    {
      schema: {
        ...{ tags, security, operationId: "testWebhook" },
        summary: "Send it a test event",
        description: "`webhook.test` is sent within a second, whatever it subscribes to.",
        params: webhookParams,
        response: { 202: successOf(deliveryView), ...errorResponses },
      },
    },
    async (request, reply) => {
      const webhook = await access.find(request, request.params.webhookId, "write");
      expectActive(webhook);
      const delivery = await deliveries.find(await messages.storeTest(webhook));
      if (delivery === undefined) throw webhookNotFound();
      reply.code(202);
      return success(toDeliveryView(delivery));
    },
  );
};

const deliveryRoute: FastifyPluginAsyncZod<DeliveryRoutesOptions> = async (app, { deliveries, access }) => {
  app.get(
    "/integrations/webhooks/:webhookId/deliveries/:deliveryId",
    {
      schema: {
        ...{ tags, security, operationId: "getWebhookDelivery" },
        summary: "One delivery: what was sent, and what came of it",
        params: deliveryParams,
        response: { 200: successOf(deliveryView), ...errorResponses },
      },
    },
    async (request) => {
      const { webhookId, deliveryId } = request.params;
      const { id } = await access.find(request, webhookId, "read");
      const delivery = await deliveries.find(deliveryId);
      if (delivery?.webhookId !== id) throw deliveryNotFound();
      return success(toDeliveryView(delivery));
    },
  );
};

const replayRoute: FastifyPluginAsyncZod<DeliveryRoutesOptions> = async (app, options) => {
  const { deliveries, replay, access } = options;

  app.post(
    "/integrations/webhooks/:webhookId/replay",
    {
      schema: {
        ...{ tags, security, operationId: "replayWebhook" },
        summary: "Send it again what it was told, or missed",
        description:
          "`deliveryId`: that one. `since`: everything that has happened since then and that it subscribes to, also what happened while it was inactive. What is sent again has the `webhook-id` that it had.",
        params: webhookParams,
        body: replayBody,
        response: { 202: successOf(replayedDeliveries), ...errorResponses },
      },
    },
    async (request, reply) => {
      const webhook = await access.find(request, request.params.webhookId, "write");
      expectActive(webhook);
      const { deliveryId, since } = request.body;
      reply.code(202);
      if (since !== undefined) {
        const replayed = await replay.since(webhook, new Date(since));
        if (replayed === undefined) throw webhookNotFound();
        return success({ replayed });
      }
      const delivery = await deliveries.find(deliveryId ?? "");
      if (delivery?.webhookId !== webhook.id) throw deliveryNotFound();
      await replay.one(delivery);
      return success({ replayed: 1 });
    },
  );
};

const eventTypeRoute: FastifyPluginAsyncZod = async (app) => {
  const catalogue = eventTypeNames.map((name) => ({
    ...{ name, description: eventTypes[name].description },
    subscribable: subscribableNames.some((one) => one === name),
    example: bodyExample(name),
    schema: z.toJSONSchema(bodySchema(name)),
  }));

  app.get(
    "/integrations/event-types",
    {
      schema: {
        ...{ tags, security, operationId: "listEventTypes", summary: "What webhooks can be told" },
        response: { 200: successOf(z.array(eventTypeView)), ...errorResponses },
      },
    },
    async () => success(catalogue),
  );
};
