import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { jsonSchemaTransform } from "@fastify/type-provider-zod";
import fastifyPlugin from "fastify-plugin";

/** The API's documentation at `/docs`: OpenAPI from the routes' own schemas. */
export const openApi = fastifyPlugin<{ publicUrl: string }>(
  async (app, { publicUrl }) => {
    await app.register(swagger, {
      openapi: {
        openapi: "3.1.0",
        info: {
          title: "Cita integrations",
          version: "1",
          description: "Accounts at other providers: connected, renewed, tried and ended.",
        },
        servers: [{ url: publicUrl }],
        components: {
          securitySchemes: {
            adminKey: { type: "http", scheme: "bearer", description: "ADMIN_API_KEY" },
            serviceKey: { type: "http", scheme: "bearer", description: "CALENDAR_SERVICE_KEY" },
            accessToken: {
              ...{ type: "http", scheme: "bearer", bearerFormat: "JWT" },
              description: "A user's, of admin-api's /api/auth/login",
            },
          },
        },
      },
      transform: jsonSchemaTransform,
      // Pages are for people.
      hideUntagged: true,
    });
    await app.register(swaggerUi, { routePrefix: "/docs", staticCSP: true });
  },
  { name: "openapi" },
);
