import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { jsonSchemaTransform } from "@fastify/type-provider-zod";
import fastifyPlugin from "fastify-plugin";

/** OpenAPI made from the routes' own schemas, with a page to try it at `/docs`. */
export const openApi = fastifyPlugin<{ publicUrl: string }>(
  async (app, { publicUrl }) => {
    await app.register(swagger, {
      openapi: {
        openapi: "3.1.0",
        info: {
          title: "Cita admin API",
          version: "1",
          description:
            "Customers, their consent links, the state of their calendars, when they can be booked, the keys of their agents, what was booked and what has happened.",
        },
        servers: [{ url: publicUrl }],
        components: {
          securitySchemes: { adminKey: { type: "http", scheme: "bearer", description: "ADMIN_API_KEY" } },
        },
      },
      transform: jsonSchemaTransform,
    });
    await app.register(swaggerUi, { routePrefix: "/docs", staticCSP: true });
  },
  { name: "openapi" },
);
