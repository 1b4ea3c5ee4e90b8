import {
  activityPage,
  activityQuery,
  authorizeRequest,
  authorizeResponse,
  bookingId,
  bookingsPage,
  bookingsQuery,
  bookingView,
  connectionView,
  customerId,
  disconnectResponse,
  rescheduleRequest,
  schedule,
  scheduleBodyLimit,
  summariesRequest,
  summariesResponse,
} from "@cita/calendar-api";
import { flatJson, keyGuard, type Limiter } from "@cita/http";
import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import { z } from "zod";
import type { Schedules } from "../schedules/schedules.ts";
import type { CustomerActivity } from "./activity.ts";
import { agentKeyRoutes } from "./agent-key-routes.ts";
import type { ManagedAgentKeys } from "./agent-keys.ts";
import type { CustomerBookings } from "./bookings.ts";
import type { Connections } from "./connections.ts";
import { type PersonalDataRoutesOptions, personalDataRoutes } from "./personal-data-routes.ts";

export type ManagementRoutesOptions = PersonalDataRoutesOptions & {
  connections: Connections;
  schedules: Schedules;
  bookings: CustomerBookings;
  activity: CustomerActivity;
  agentKeys: ManagedAgentKeys;
  serviceKey: string;
  failedKeys: Limiter;
};

const ofCustomer = z.object({ customer_id: customerId });
const ofBooking = ofCustomer.extend({ booking_id: bookingId });

/** What admin-api calls, with the service key: the contract is packages/calendar-api. */
export const managementRoutes: FastifyPluginAsyncZod<ManagementRoutesOptions> = async (app, options) => {
  const { connections, schedules, bookings, activity } = options;
  await app.register(keyGuard, { key: options.serviceKey, failures: options.failedKeys });
  await app.register(flatJson);

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

  app.get(
    "/customers/:customer_id/schedule",
    { schema: { params: ofCustomer, response: { 200: schedule } } },
    ({ params }) => schedules.find(params.customer_id),
  );

  // The body has no schema here: the service names every problem, a schema only those of the shape.
  app.put(
    "/customers/:customer_id/schedule",
    { bodyLimit: scheduleBodyLimit, schema: { params: ofCustomer, response: { 200: schedule } } },
    ({ params, body }) => schedules.replace(params.customer_id, body),
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

  await app.register(agentKeyRoutes, { agentKeys: options.agentKeys });
  const { attendees, removeCustomer } = options;
  await app.register(personalDataRoutes, { attendees, removeCustomer });
};
