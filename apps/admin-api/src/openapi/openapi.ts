import { createGzip } from "@cita/http";
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { jsonSchemaTransform } from "@fastify/type-provider-zod";
import type { FastifyReply, FastifyRequest } from "fastify";
import fastifyPlugin from "fastify-plugin";

/**
 * The API's documentation: OpenAPI from the routes' own schemas, and a page to try the API at `/docs` (1.7 MB, a third of
 * it compressed). Summaries, descriptions and examples are beside the routes.
 */
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
          securitySchemes: {
            adminKey: { type: "http", scheme: "bearer", description: "ADMIN_API_KEY" },
            accessToken: {
              type: "http",
              scheme: "bearer",
              bearerFormat: "JWT",
              description: "A user's, of /api/auth/login",
            },
            session: {
              type: "apiKey",
              in: "cookie",
              name: "__Host-cita_session",
              description: "The panel's",
            },
          },
        },
      },
      transform: jsonSchemaTransform,
      // Pages are for people.
      hideUntagged: true,
    });
    await app.register(async (docs) => {
      docs.addHook("onSend", keepInBrowser);
      docs.addHook("onSend", createGzip());
      await docs.register(swaggerUi, { routePrefix: "/docs", staticCSP: true });
    });
  },
  { name: "openapi" },
);

/** An `onSend` hook that lets browsers cache the library's files. They change only with its version, and have an ETag. */
async function keepInBrowser(request: FastifyRequest, reply: FastifyReply, payload: unknown) {
  if (request.routeOptions.url?.startsWith("/docs/static/"))
    reply.header("cache-control", "public, max-age=86400");
  return payload;
}
