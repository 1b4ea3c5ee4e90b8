import {
  type AgentKeyOwner,
  type CalendarApiClient,
  createAgentKeyRequest,
  noQuery,
} from "@cita/calendar-api";
import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import { ofCustomer } from "../customer-calendars/schemas.ts";
import { type CustomerStore, findExisting } from "../customers/customer-store.ts";
import { conflictResponse, errorResponses, errorResponsesOfOne } from "../openapi/error-responses.ts";
import { listedKeys, madeKey, ofCustomersKey, ofKey, revokedKey } from "./schemas.ts";

export type AgentKeyRoutesOptions = {
  customers: Pick<CustomerStore, "find">;
  calendarApi: CalendarApiClient;
};

const ofOne = "/v1/customer-calendars/:customer_id/agent-keys";
const ofPlatform = "/v1/agent-keys";
const described = { tags: ["Agent keys"], security: [{ adminKey: [] }] };

const shownOnce = "The answer holds the key. It is stored hashed, so this is the only time that you see it. ";
const revoking = "From then on the key opens nothing. Safe to repeat.";

/** Making, listing and revoking agent keys, which the calendar service stores and verifies. */
export const agentKeyRoutes: FastifyPluginAsyncZod<AgentKeyRoutesOptions> = async (app, options) => {
  await app.register(customerKeyRoutes, options);
  await app.register(platformKeyRoutes, options);
};

const customerKeyRoutes: FastifyPluginAsyncZod<AgentKeyRoutesOptions> = async (app, options) => {
  const { customers, calendarApi } = options;

  /** @throws CustomerNotFoundError */
  async function findOwner(customerId: string): Promise<AgentKeyOwner> {
    await findExisting(customers, customerId);
    return { customerId };
  }

  app.get(
    ofOne,
    {
      schema: {
        ...described,
        operationId: "listAgentKeys",
        summary: "The keys of a customer's agents",
        params: ofCustomer,
        querystring: noQuery,
        response: { 200: listedKeys, ...errorResponsesOfOne },
      },
    },
    async ({ id, params }) => calendarApi.forRequest(id).agentKeys(await findOwner(params.customer_id)),
  );

  app.post(
    ofOne,
    {
      schema: {
        ...described,
        operationId: "createAgentKey",
        summary: "Make a key for a customer's agents",
        description:
          `${shownOnce}It opens this customer's calendar and no other, so X-Customer-Id may be left out. ` +
          "It may be made before the calendar is connected, and stays when it is disconnected: " +
          "until there is a calendar its holder is answered `not_connected`.",
        params: ofCustomer,
        body: createAgentKeyRequest,
        response: { 201: madeKey, ...errorResponsesOfOne, ...conflictResponse },
      },
    },
    async ({ id, params, body }, reply) => {
      const customer = await findExisting(customers, params.customer_id);
      const api = calendarApi.forRequest(id).forCustomer(customer);
      return reply.code(201).send(await api.createAgentKey({ customerId: customer.customer_id }, body));
    },
  );

  app.delete(
    `${ofOne}/:key_id`,
    {
      schema: {
        ...described,
        operationId: "revokeAgentKey",
        summary: "Revoke a key of a customer's agents",
        description: revoking,
        params: ofCustomersKey,
        response: { 200: revokedKey, ...errorResponsesOfOne },
      },
    },
    async ({ id, params }) =>
      calendarApi.forRequest(id).revokeAgentKey(await findOwner(params.customer_id), params.key_id),
  );
};

const platformKeyRoutes: FastifyPluginAsyncZod<AgentKeyRoutesOptions> = async (app, { calendarApi }) => {
  app.get(
    ofPlatform,
    {
      schema: {
        ...described,
        operationId: "listPlatformKeys",
        summary: "The platform's own keys",
        querystring: noQuery,
        response: { 200: listedKeys, ...errorResponses },
      },
    },
    ({ id }) => calendarApi.forRequest(id).agentKeys("platform"),
  );

  app.post(
    ofPlatform,
    {
      schema: {
        ...described,
        operationId: "createPlatformKey",
        summary: "Make a key that may act for every customer",
        description:
          `${shownOnce}Its holder names the customer of each request in X-Customer-Id: ` +
          "for your own backend, never for an agent that serves one business.",
        body: createAgentKeyRequest,
        response: { 201: madeKey, ...errorResponses, ...conflictResponse },
      },
    },
    async ({ id, body }, reply) =>
      reply.code(201).send(await calendarApi.forRequest(id).createAgentKey("platform", body)),
  );

  app.delete(
    `${ofPlatform}/:key_id`,
    {
      schema: {
        ...described,
        operationId: "revokePlatformKey",
        summary: "Revoke one of the platform's own keys",
        description: revoking,
        params: ofKey,
        response: { 200: revokedKey, ...errorResponsesOfOne },
      },
    },
    ({ id, params }) => calendarApi.forRequest(id).revokeAgentKey("platform", params.key_id),
  );
};
