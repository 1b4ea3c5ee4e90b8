import {
  authorizeRequest,
  authorizeResponse,
  connectionView,
  customerId,
  disconnectResponse,
  summariesRequest,
  summariesResponse,
} from "@cita/calendar-api";
import { unauthorized } from "@cita/service";
import bearerAuth from "@fastify/bearer-auth";
import {
  type FastifyPluginAsyncZod,
  serializerCompiler,
  validatorCompiler,
} from "@fastify/type-provider-zod";
import { z } from "zod";
import type { Connections } from "./connections.ts";

export type ManagementRoutesOptions = { connections: Connections; serviceKey: string };

const ofCustomer = z.object({ customer_id: customerId });

/** What admin-api calls, with the service key: the contract is packages/calendar-api. */
export const managementRoutes: FastifyPluginAsyncZod<ManagementRoutesOptions> = async (app, options) => {
  const { connections, serviceKey } = options;
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  await app.register(bearerAuth, {
    keys: new Set([serviceKey]),
    errorResponse: () => unauthorized,
    verifyErrorLogLevel: "info",
  });

  app.post(
    "/oauth/authorize",
    { schema: { body: authorizeRequest, response: { 200: authorizeResponse } } },
    ({ body }) => connections.authorize(body),
  );

  app.post(
    "/connections/query",
    { schema: { body: summariesRequest, response: { 200: summariesResponse } } },
    async ({ body }) => ({ connections: await connections.summaries(body.customer_ids) }),
  );

  app.get(
    "/customers/:customer_id/connection",
    { schema: { params: ofCustomer, response: { 200: connectionView } } },
    ({ params }) => connections.view(params.customer_id),
  );

  app.delete(
    "/customers/:customer_id/connection",
    { schema: { params: ofCustomer, response: { 200: disconnectResponse } } },
    ({ params }) => connections.disconnect(params.customer_id),
  );
};
