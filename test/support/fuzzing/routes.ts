import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { join } from "node:path";
import { generateFernetKey } from "@cita/token-store";
import type { FastifyInstance, RouteOptions } from "fastify";
import { z } from "zod";
import { buildApp as buildAdminApi } from "../../../apps/admin-api/src/app.ts";
import { configSchema as adminConfigSchema } from "../../../apps/admin-api/src/config.ts";
import { createServices as createAdminServices } from "../../../apps/admin-api/src/services.ts";
import { buildApp as buildIntegrations } from "../../../apps/integrations/src/app.ts";
import { configSchema as integrationsConfigSchema } from "../../../apps/integrations/src/config.ts";
import { createServices as createIntegrationServices } from "../../../apps/integrations/src/services.ts";
import { configSchema } from "../../../apps/mcp-calendar/src/config.ts";
import { serve } from "../../../apps/mcp-calendar/src/serve.ts";
import { createServices } from "../../../apps/mcp-calendar/src/services.ts";
import type { Service } from "./fuzz-request.ts";

export type JsonSchema = z.core.JSONSchema.JSONSchema;

export type Route = {
  readonly service: Service;
  readonly method: string;
  /** Fastify's pattern. */
  readonly path: string;
  readonly body?: JsonSchema;
  readonly query?: JsonSchema;
};

const anyKey = "7iCz0YwY_02uBS8-f5G3IrdcICPjOxb7";

/** What the services answer, as they themselves register it: a new route can't be forgotten. */
export async function listRoutes(folder: string): Promise<Route[]> {
  const calendar = await routesOf("calendar", async () => {
    const environment = {
      MCP_PORT: 0,
      CALENDAR_SERVICE_KEY: anyKey,
      GOOGLE_CLIENT_ID: "id",
      GOOGLE_CLIENT_SECRET: anyKey,
      TOKEN_ENCRYPTION_KEY: generateFernetKey(),
      DATABASE_URL: `file:${join(folder, "routes-calendar.db")}`,
      LOG_LEVEL: "silent",
    };
    const config = configSchema.parse(environment);
    return (await serve(await createServices(config), config)).app;
  });
  const admin = await routesOf("admin", async () => {
    const config = adminConfigSchema.parse({
      ADMIN_API_KEY: anyKey,
      ADMIN_DATABASE_URL: `file:${join(folder, "routes-admin.db")}`,
      CALENDAR_SERVICE_KEY: anyKey,
      LOG_LEVEL: "silent",
    });
    return buildAdminApi(await createAdminServices(config), config);
  });
  const integrations = await routesOf("integrations", async () => {
    const config = integrationsConfigSchema.parse({
      ...{ ADMIN_API_KEY: anyKey, CALENDAR_SERVICE_KEY: anyKey, LOG_LEVEL: "silent" },
      TOKEN_ENCRYPTION_KEY: generateFernetKey(),
      INTEGRATIONS_DATABASE_URL: `file:${join(folder, "routes-integrations.db")}`,
    });
    return buildIntegrations(await createIntegrationServices(config), config);
  });
  return [...calendar, ...admin, ...integrations.filter((route) => !isStream(route))];
}

/** What has no end that could be waited for. Malformed requests for it are in `integrations-live`. */
function isStream({ method, path }: Route): boolean {
  return path === "/ws" || (method === "GET" && path === "/events");
}

/** Fastify tells of each instance when it is made, before any route is registered. */
async function routesOf(service: Service, build: () => Promise<FastifyInstance>): Promise<Route[]> {
  const routes: Route[] = [];
  const listen = (message: unknown) => {
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook("onRoute", (route) => {
      routes.push(...describeRoute(service, route));
    });
  };
  subscribe("fastify.initialization", listen);
  try {
    const app = await build();
    await app.ready();
    await app.close();
  } finally {
    unsubscribe("fastify.initialization", listen);
  }
  return routes;
}

function describeRoute(service: Service, { method, url, schema }: RouteOptions): Route[] {
  const [body, query] = [toJsonSchema(schema?.body), toJsonSchema(schema?.querystring)];
  return [method].flat().map((one) => ({
    service,
    method: one,
    path: url,
    ...(body !== undefined && { body }),
    ...(query !== undefined && { query }),
  }));
}

function toJsonSchema(schema: unknown): JsonSchema | undefined {
  if (!(schema instanceof z.ZodType)) return undefined;
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return json;
}
