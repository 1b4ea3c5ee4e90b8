import {
  agentKeyId,
  agentKeysResponse,
  agentKeyView,
  createAgentKeyRequest,
  customerId,
  newAgentKeyView,
} from "@cita/calendar-api";
import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import { z } from "zod";
import type { ManagedAgentKeys } from "./agent-keys.ts";

export type AgentKeyRoutesOptions = { agentKeys: ManagedAgentKeys };

const ofCustomer = z.object({ customer_id: customerId });
const ofKey = z.object({ key_id: agentKeyId });
const ofCustomersKey = ofCustomer.extend(ofKey.shape);

/** Agents' keys, as admin-api looks after them: first each customer's, then the platform's. */
export const agentKeyRoutes: FastifyPluginAsyncZod<AgentKeyRoutesOptions> = async (app, { agentKeys }) => {
  app.get(
    "/customers/:customer_id/agent-keys",
    { schema: { params: ofCustomer, response: { 200: agentKeysResponse } } },
    ({ params }) => agentKeys.list({ customerId: params.customer_id }),
  );

  app.post(
    "/customers/:customer_id/agent-keys",
    { schema: { params: ofCustomer, body: createAgentKeyRequest, response: { 201: newAgentKeyView } } },
    async ({ params, body }, reply) =>
      reply.code(201).send(await agentKeys.create({ customerId: params.customer_id }, body)),
  );

  app.delete(
    "/customers/:customer_id/agent-keys/:key_id",
    { schema: { params: ofCustomersKey, response: { 200: agentKeyView } } },
    ({ params }) => agentKeys.revoke({ customerId: params.customer_id }, params.key_id),
  );

  app.get("/agent-keys", { schema: { response: { 200: agentKeysResponse } } }, () =>
    agentKeys.list("platform"),
  );

  app.post(
    "/agent-keys",
    { schema: { body: createAgentKeyRequest, response: { 201: newAgentKeyView } } },
    async ({ body }, reply) => reply.code(201).send(await agentKeys.create("platform", body)),
  );

  app.delete(
    "/agent-keys/:key_id",
    { schema: { params: ofKey, response: { 200: agentKeyView } } },
    ({ params }) => agentKeys.revoke("platform", params.key_id),
  );
};
