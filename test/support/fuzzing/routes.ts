import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { join } from "node:path";
import { createCalendarApiClient } from "@cita/calendar-api";
import { openDatabase } from "@cita/database";
import { createServiceMetrics } from "@cita/http/metrics";
import { createLogger } from "@cita/process";
import { generateFernetKey } from "@cita/token-store";
import type { FastifyInstance, RouteOptions } from "fastify";
import { z } from "zod";
import { buildApp as buildAdminApi } from "../../../apps/admin-api/src/app.ts";
import { openCustomerStore } from "../../../apps/admin-api/src/customers/customer-store.ts";
import { configSchema } from "../../../apps/mcp-calendar/src/config.ts";
import { startService } from "../../../apps/mcp-calendar/src/start-service.ts";
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

/** What both services answer, as they themselves register it: a new route can't be forgotten. */
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
    return (await startService(configSchema.parse(environment))).app;
  });
  const admin = await routesOf("admin", async () => {
    const db = openDatabase(`file:${join(folder, "routes-admin.db")}`);
    const app = await buildAdminApi({
      logger: createLogger("silent"),
      customers: await openCustomerStore(db),
      calendarApi: createCalendarApiClient({ baseUrl: "http://127.0.0.1:1", serviceKey: anyKey }),
      adminKey: anyKey,
      metrics: createServiceMetrics(),
      serviceKey: anyKey,
      publicUrl: "http://127.0.0.1:1",
      servesDocs: true,
      trustProxy: false,
      failedKeysPerMinute: 1,
    });
    app.addHook("onClose", () => db.destroy());
    return app;
  });
  return [...calendar, ...admin];
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
