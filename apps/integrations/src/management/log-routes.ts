import { integrationId, pageOf, syncLogsQuery } from "@cita/integrations-api";
import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import { z } from "zod";
import { success } from "../answers/envelope.ts";
import { errorResponses } from "../answers/error-responses.ts";
import type { Integration } from "../integrations/integration.ts";
import type { SyncLog } from "../integrations/sync-log.ts";
import { findVisible, type IntegrationRoutesOptions, readLogs } from "./integration-routes.ts";
import { platformOf } from "./platforms.ts";

const logView = z.object({
  timestamp: z.iso.datetime(),
  level: z.enum(["info", "error"]),
  module: z.literal("IntegrationService"),
  action: z.string(),
  platform: z.string(),
  sessionId: z.string().meta({ description: "Whose integration it is: its userId." }),
  metadata: z.record(z.string(), z.unknown()).meta({
    description: "Ids, counts and a sentence. Never names, addresses or what was sent.",
  }),
});

/** The log of an integration as source 000 structures it. The same entries as in `sync-logs`. */
export const logRoutes: FastifyPluginAsyncZod<IntegrationRoutesOptions> = async (app, options) => {
  app.get(
    "/integrations/:id/logs",
    {
      schema: {
        tags: ["Integrations"],
        security: [{ adminKey: [] }, { accessToken: [] }],
        operationId: "listLogs",
        summary: "The same, by the names of source 000",
        params: integrationId,
        querystring: syncLogsQuery,
        response: { 200: pageOf(logView), ...errorResponses },
      },
    },
    async (request) => {
      const integration = await findVisible(options, request, "read");
      const { logs, nextCursor } = await readLogs(options.syncLogs, integration.id, request.query);
      return { ...success(logs.map((log) => toLogView(integration, log))), nextCursor };
    },
  );
};

function toLogView({ provider, userId }: Integration, log: SyncLog): z.input<typeof logView> {
  const { id, status, resourceType, resourceId, itemsProcessed, itemsFailed, error, completedAt } = log;
  return {
    timestamp: log.startedAt.toISOString(),
    level: status === "FAILED" ? "error" : "info",
    module: "IntegrationService",
    ...{ action: log.action, platform: platformOf(provider), sessionId: userId },
    metadata: {
      ...{ ...log.metadata, logId: id, status, resourceType, resourceId, itemsProcessed, itemsFailed, error },
      completedAt: completedAt?.toISOString() ?? null,
    },
  };
}
