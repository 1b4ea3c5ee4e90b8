import { cutPage } from "@cita/http";
import { deletedWebhook, pageOf, successOf, webhookView, webhookWithSecret } from "@cita/integrations-api";
import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import { success } from "../answers/envelope.ts";
import { errorResponses } from "../answers/error-responses.ts";
import { IntegrationError } from "../answers/integration-error.ts";
import { checkReceiver } from "./check-receiver.ts";
import {
  idCursor,
  newWebhook,
  toSubject,
  toWebhookView,
  webhookChanges,
  webhookParams,
  webhooksQuery,
} from "./schemas.ts";
import { TooManyWebhooksError, type WebhookStore } from "./webhook.ts";
import type { WebhookAccess } from "./webhook-access.ts";

export type WebhookRoutesOptions = {
  readonly webhooks: WebhookStore;
  readonly access: WebhookAccess;
  /** `WEBHOOK_ALLOW_PRIVATE` */
  readonly allowPrivate: boolean;
};

export const security = [{ adminKey: [] }, { accessToken: [] }];
export const tags = ["Webhooks"];

export const webhookNotFound = () => new IntegrationError("WEBHOOK_NOT_FOUND", "There is no such webhook.");

/** Webhooks: made, listed, changed, given another secret, deleted. */
export const webhookRoutes: FastifyPluginAsyncZod<WebhookRoutesOptions> = async (app, options) => {
  const { webhooks, access, allowPrivate } = options;
  await app.register(secretRoutes, options);

  app.get(
    "/integrations/webhooks",
    {
      schema: {
        ...{ tags, security, operationId: "listWebhooks" },
        summary: "The webhooks of an integration, or of an organization",
        querystring: webhooksQuery,
        response: { 200: pageOf(webhookView), ...errorResponses },
      },
    },
    async (request) => {
      const { limit, cursor, ...named } = request.query;
      const subject = toSubject(named);
      await access.ownerOf(request, subject, "read");
      const after = cursor === undefined ? undefined : idCursor.read(cursor);
      const found = await webhooks.list({ subject, after, limit: limit + 1 });
      const { shown, next_cursor } = cutPage(found, limit, ({ id }) => idCursor.write(id));
      return { ...success(shown.map(toWebhookView)), nextCursor: next_cursor };
    },
  );

  app.patch(
    "/integrations/webhooks/:webhookId",
    {
      schema: {
        ...{ tags, security, operationId: "updateWebhook" },
        summary: "Change its url or events, or make it active or inactive",
        description:
          "What happens while it is inactive isn't delivered, and can be replayed. `isActive: true` activates one that we have deactivated, too.",
        params: webhookParams,
        body: webhookChanges,
        response: { 200: successOf(webhookView), ...errorResponses },
      },
    },
    async (request) => {
      const { id } = await access.find(request, request.params.webhookId, "write");
      const { url } = request.body;
      if (url !== undefined) checkReceiver(url, allowPrivate);
      const changed = await webhooks.update(id, request.body);
      if (changed === undefined) throw webhookNotFound();
      return success(toWebhookView(changed));
    },
  );

  app.delete(
    "/integrations/webhooks/:webhookId",
    {
      schema: {
        ...{ tags, security, operationId: "deleteWebhook" },
        summary: "Delete it, with its deliveries",
        params: webhookParams,
        response: { 200: successOf(deletedWebhook), ...errorResponses },
      },
    },
    async (request) => {
      const { id } = await access.find(request, request.params.webhookId, "write");
      await webhooks.remove(id);
      return success({ id });
    },
  );
};

/** The two answers with a secret. */
const secretRoutes: FastifyPluginAsyncZod<WebhookRoutesOptions> = async (app, options) => {
  const { webhooks, access, allowPrivate } = options;

  app.post(
    "/integrations/webhooks",
    {
      schema: {
        ...{ tags, security, operationId: "createWebhook" },
        summary: "Have another system told what happens",
        description:
          "Deliveries are signed by Standard Webhooks 1.0.0 with the `secret`, which is shown this once. GET /integrations/event-types lists the events; `booking.*` and `*` stand for several.",
        body: newWebhook,
        response: { 201: successOf(webhookWithSecret), ...errorResponses },
      },
    },
    async (request, reply) => {
      const { url, events, metadata = {}, ...named } = request.body;
      const subject = toSubject(named);
      const owner = await access.ownerOf(request, subject, "write");
      checkReceiver(url, allowPrivate);
      const made = await webhooks
        .create({ subject, owner, url, events, metadata })
        .catch((error: unknown) => {
          if (!(error instanceof TooManyWebhooksError)) throw error;
          throw new IntegrationError("TOO_MANY_WEBHOOKS", error.message, { cause: error });
        });
      reply.code(201);
      return success({ ...toWebhookView(made.webhook), secret: made.secret });
    },
  );

  app.post(
    "/integrations/webhooks/:webhookId/rotate-secret",
    {
      schema: {
        ...{ tags, security, operationId: "rotateWebhookSecret" },
        summary: "Give it another secret",
        description:
          "The secret before signs too for 24 hours, so that the receiver can be changed meanwhile.",
        params: webhookParams,
        response: { 200: successOf(webhookWithSecret), ...errorResponses },
      },
    },
    async (request) => {
      const { id } = await access.find(request, request.params.webhookId, "write");
      const rotated = await webhooks.rotateSecret(id);
      if (rotated === undefined) throw webhookNotFound();
      return success({ ...toWebhookView(rotated.webhook), secret: rotated.secret });
    },
  );
};
