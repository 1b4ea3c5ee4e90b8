import {
  authorizeRequest,
  authorizeResponse,
  connectionView,
  customerId,
  disconnectResponse,
  schedule,
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
import type { Schedules } from "../schedules/schedules.ts";
import type { Connections } from "./connections.ts";

export type ManagementRoutesOptions = { connections: Connections; schedules: Schedules; serviceKey: string };

const ofCustomer = z.object({ customer_id: customerId });

/** A thousand dates with hours of their own fit in. */
const scheduleBodyLimit = 1024 * 1024;

/** What admin-api calls, with the service key: the contract is packages/calendar-api. */
export const managementRoutes: FastifyPluginAsyncZod<ManagementRoutesOptions> = async (app, options) => {
  const { connections, schedules, serviceKey } = options;
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

  app.get(
    "/customers/:customer_id/schedule",
    { schema: { params: ofCustomer, response: { 200: schedule } } },
    ({ params }) => schedules.of(params.customer_id),
  );

  // The body has no schema here: the service names every problem, a schema only those of the shape.
  app.put(
    "/customers/:customer_id/schedule",
    { bodyLimit: scheduleBodyLimit, schema: { params: ofCustomer, response: { 200: schedule } } },
    ({ params, body }) => schedules.replace(params.customer_id, body),
  );
};
