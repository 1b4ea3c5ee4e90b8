/**
 * The management API, which admin-api calls with the service key. packages/calendar-api is its contract. Its routes are
 * here, and each group's implementation is in a file of this folder, where the domain's records become the contract's
 * views and the domain's errors the contract's codes. Rules of booking and consent are in the folders that it imports.
 */

import {
  accountAnswer,
  accountQuery,
  activityPage,
  activityQuery,
  agenda,
  agendaQuery,
  agentKeyId,
  agentKeysResponse,
  agentKeyView,
  attendeeErasure,
  attendeeExport,
  attendeeExportQuery,
  attendeeIdentifiers,
  authorizeRequest,
  authorizeResponse,
  bookingId,
  bookingsPage,
  bookingsQuery,
  bookingView,
  connectionView,
  createAgentKeyRequest,
  customerRemoval,
  disconnectResponse,
  newAgentKeyView,
  noQuery,
  rescheduleRequest,
  summariesRequest,
  summariesResponse,
} from "@cita/calendar-api";
import type { EventLog } from "@cita/events";
import { actorScope, jsonDepthLimit, keyGuard, type Limiter } from "@cita/http";
import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import { z } from "zod";
import type { RemoveCustomer } from "../retention/remove-customer.ts";
import type { CustomerActivity } from "./activity.ts";
import type { ReadAgenda } from "./agenda.ts";
import { type AgentEndpointOptions, agentEndpoint } from "./agent-endpoint.ts";
import type { ManagedAgentKeys } from "./agent-keys.ts";
import type { ManagedAttendees } from "./attendees.ts";
import type { CustomerBookings } from "./bookings.ts";
import type { ManagedConnections } from "./connections.ts";
import { eventRoutes } from "./events.ts";
import { addedAtOf, ofCustomer } from "./of-customer.ts";
import { type ManagedSchedules, scheduleRoutes } from "./schedule-routes.ts";

/** All management routes. They need the service key. */
export const managementRoutes: FastifyPluginAsyncZod<ManagementRoutesOptions> = async (app, options) => {
  await app.register(keyGuard, { key: options.serviceKey, failures: options.failedKeys });
  await app.register(jsonDepthLimit);
  await app.register(actorScope);
  await app.register(connectionRoutes, options);
  await app.register(scheduleRoutes, options);
  await app.register(bookingRoutes, options);
  await app.register(activityRoutes, options);
  await app.register(agentKeyRoutes, options);
  await app.register(personalDataRoutes, options);
  await app.register(eventRoutes, options);
  await app.register(agentEndpoint, options);
};

type Managed = ManagedSchedules & {
  connections: ManagedConnections;
  bookings: CustomerBookings;
  readAgenda: ReadAgenda;
  activity: CustomerActivity;
  agentKeys: ManagedAgentKeys;
  attendees: ManagedAttendees;
  removeCustomer: RemoveCustomer;
};

export type ManagementRoutesOptions = Managed &
  AgentEndpointOptions & {
    events: EventLog;
    serviceKey: string;
    failedKeys: Limiter;
  };

const ofBooking = ofCustomer.extend({ booking_id: bookingId });
const ofKey = z.object({ key_id: agentKeyId });
const ofCustomersKey = ofCustomer.extend(ofKey.shape);

type ConnectionRoutesOptions = Pick<Managed, "connections" | "bookings" | "removedCustomers">;

const connectionRoutes: FastifyPluginAsyncZod<ConnectionRoutesOptions> = async (
  app,
  { connections, bookings, removedCustomers },
) => {
  app.post(
    "/oauth/authorize",
    { schema: { body: authorizeRequest, response: { 200: authorizeResponse } } },
    (request) => {
      const { body } = request;
      const precondition = removedCustomers.refuse(body.customer_id, addedAtOf(request));
      return connections.issueConsentLink(body, precondition);
    },
  );

  app.post(
    "/connections/query",
    { schema: { body: summariesRequest, response: { 200: summariesResponse } } },
    async ({ body }) => ({ connections: await connections.summaries(body.customer_ids) }),
  );

  // For services whose revocation of an account's grant would end its calendar, too.
  app.post(
    "/internal/accounts/query",
    { schema: { body: accountQuery, response: { 200: accountAnswer } } },
    async ({ body }) => ({ is_connected: await connections.isAccountConnected(body) }),
  );

  app.get(
    "/customers/:customer_id/connection",
    { schema: { params: ofCustomer, response: { 200: connectionView } } },
    async ({ params }) => ({
      ...(await connections.view(params.customer_id)),
      stranded_bookings: await bookings.countStranded(params.customer_id),
    }),
  );

  app.delete(
    "/customers/:customer_id/connection",
    { schema: { params: ofCustomer, response: { 200: disconnectResponse } } },
    ({ params }) => connections.disconnect(params.customer_id),
  );
};

const bookingRoutes: FastifyPluginAsyncZod<Pick<Managed, "bookings" | "readAgenda">> = async (
  app,
  { bookings, readAgenda },
) => {
  app.get(
    "/customers/:customer_id/agenda",
    { schema: { params: ofCustomer, querystring: agendaQuery, response: { 200: agenda } } },
    ({ params, query }) => readAgenda(params.customer_id, query),
  );

  app.get(
    "/customers/:customer_id/bookings/:booking_id",
    { schema: { params: ofBooking, response: { 200: bookingView } } },
    ({ params }) => bookings.find(params.customer_id, params.booking_id),
  );

  app.get(
    "/customers/:customer_id/bookings",
    { schema: { params: ofCustomer, querystring: bookingsQuery, response: { 200: bookingsPage } } },
    ({ params, query }) => bookings.page(params.customer_id, query),
  );

  app.post(
    "/customers/:customer_id/bookings/:booking_id/cancel",
    { schema: { params: ofBooking, response: { 200: bookingView } } },
    ({ params }) => bookings.cancel(params.customer_id, params.booking_id),
  );

  app.post(
    "/customers/:customer_id/bookings/:booking_id/reschedule",
    { schema: { params: ofBooking, body: rescheduleRequest, response: { 200: bookingView } } },
    ({ params, body }) => bookings.reschedule(params.customer_id, params.booking_id, body.start_iso),
  );
};

const activityRoutes: FastifyPluginAsyncZod<Pick<Managed, "activity">> = async (app, { activity }) => {
  app.get(
    "/customers/:customer_id/activity",
    { schema: { params: ofCustomer, querystring: activityQuery, response: { 200: activityPage } } },
    ({ params, query }) => activity.page(query, params.customer_id),
  );

  app.get(
    "/activity",
    { schema: { querystring: activityQuery, response: { 200: activityPage } } },
    ({ query }) => activity.page(query),
  );
};

const agentKeyRoutes: FastifyPluginAsyncZod<Pick<Managed, "agentKeys" | "removedCustomers">> = async (
  app,
  { agentKeys, removedCustomers },
) => {
  app.get(
    "/customers/:customer_id/agent-keys",
    { schema: { params: ofCustomer, querystring: noQuery, response: { 200: agentKeysResponse } } },
    ({ params }) => agentKeys.list({ customerId: params.customer_id }),
  );

  app.post(
    "/customers/:customer_id/agent-keys",
    { schema: { params: ofCustomer, body: createAgentKeyRequest, response: { 201: newAgentKeyView } } },
    async (request, reply) => {
      const { customer_id: customerId } = request.params;
      const precondition = removedCustomers.refuse(customerId, addedAtOf(request));
      return reply.code(201).send(await agentKeys.create({ customerId }, request.body, precondition));
    },
  );

  app.delete(
    "/customers/:customer_id/agent-keys/:key_id",
    { schema: { params: ofCustomersKey, response: { 200: agentKeyView } } },
    ({ params }) => agentKeys.revoke({ customerId: params.customer_id }, params.key_id),
  );

  app.get("/agent-keys", { schema: { querystring: noQuery, response: { 200: agentKeysResponse } } }, () =>
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

const personalDataRoutes: FastifyPluginAsyncZod<Pick<Managed, "attendees" | "removeCustomer">> = async (
  app,
  { attendees, removeCustomer },
) => {
  app.post(
    "/customers/:customer_id/attendees/export",
    {
      schema: {
        params: ofCustomer,
        querystring: attendeeExportQuery,
        body: attendeeIdentifiers,
        response: { 200: attendeeExport },
      },
    },
    ({ params, body, query }) => attendees.export(params.customer_id, body, query),
  );

  app.post(
    "/customers/:customer_id/attendees/erase",
    { schema: { params: ofCustomer, body: attendeeIdentifiers, response: { 200: attendeeErasure } } },
    ({ params, body }) => attendees.erase(params.customer_id, body),
  );

  app.delete(
    "/customers/:customer_id",
    { schema: { params: ofCustomer, response: { 200: customerRemoval } } },
    (request) => removeCustomer(request.params.customer_id, addedAtOf(request)),
  );
};
