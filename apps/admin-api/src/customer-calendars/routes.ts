import { errorResponse } from "@cita/calendar-api";
import { unauthorized } from "@cita/service";
import bearerAuth from "@fastify/bearer-auth";
import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import type { CustomerCalendars } from "./customer-calendars.ts";
import { scheduleBody, scheduleResponse } from "./schedule-schemas.ts";
import {
  connectRequest,
  connectResponse,
  customerDetails,
  disconnectedResponse,
  listQuery,
  listResponse,
  ofCustomer,
} from "./schemas.ts";

export type CustomerCalendarRoutesOptions = { customerCalendars: CustomerCalendars; adminKey: string };

const prefix = "/v1/customer-calendars";
const refusals = { 400: errorResponse, 401: errorResponse, 502: errorResponse };
const refusalsOfOne = { ...refusals, 404: errorResponse };
/** A thousand dates with hours of their own fit in. */
const scheduleBodyLimit = 1024 * 1024;
const described = { tags: ["Customer calendars"], security: [{ adminKey: [] }] };

/** What an admin's own system calls. */
export const customerCalendarRoutes: FastifyPluginAsyncZod<CustomerCalendarRoutesOptions> = async (
  app,
  options,
) => {
  const { customerCalendars, adminKey } = options;
  await app.register(bearerAuth, {
    keys: new Set([adminKey]),
    errorResponse: () => unauthorized,
    verifyErrorLogLevel: "info",
  });

  app.post(
    `${prefix}/connect`,
    {
      schema: {
        ...described,
        operationId: "connect",
        summary: "Add a customer and get its consent link",
        description:
          "Safe to repeat: as long as the link hasn't been used, expired or been renewed, the same one comes back.",
        body: connectRequest,
        response: { 200: connectResponse, ...refusals },
      },
    },
    ({ body }) => customerCalendars.connect(body),
  );

  app.get(
    prefix,
    {
      schema: {
        ...described,
        operationId: "listCustomers",
        summary: "List customers and the state of their calendars",
        querystring: listQuery,
        response: { 200: listResponse, ...refusals },
      },
    },
    ({ query }) => customerCalendars.list(query.cursor, query.limit),
  );

  app.get(
    `${prefix}/:customer_id`,
    {
      schema: {
        ...described,
        operationId: "getCustomer",
        summary: "The state of one customer's calendar, its link and how the last attempt ended",
        params: ofCustomer,
        response: { 200: customerDetails, ...refusalsOfOne },
      },
    },
    ({ params }) => customerCalendars.details(params.customer_id),
  );

  app.delete(
    `${prefix}/:customer_id`,
    {
      schema: {
        ...described,
        operationId: "disconnect",
        summary: "Disconnect a calendar",
        description:
          "The access is revoked at Google, then the tokens are deleted and the live link is revoked.",
        params: ofCustomer,
        response: { 200: disconnectedResponse, ...refusalsOfOne },
      },
    },
    ({ params }) => customerCalendars.disconnect(params.customer_id),
  );

  app.get(
    `${prefix}/:customer_id/schedule`,
    {
      schema: {
        ...described,
        operationId: "getSchedule",
        summary: "When a customer can be booked, and for what",
        params: ofCustomer,
        response: { 200: scheduleResponse, ...refusalsOfOne },
      },
    },
    ({ params }) => customerCalendars.schedule(params.customer_id),
  );

  app.put(
    `${prefix}/:customer_id/schedule`,
    {
      bodyLimit: scheduleBodyLimit,
      schema: {
        ...described,
        operationId: "replaceSchedule",
        summary: "Set when a customer can be booked, and for what",
        description:
          "The schedule is replaced whole: what you leave out takes its default, so `{}` brings the default back. " +
          "If anything is wrong nothing is saved, and `problems` names everything that is.",
        params: ofCustomer,
        body: scheduleBody,
        response: { 200: scheduleResponse, ...refusalsOfOne },
      },
    },
    ({ params, body }) => customerCalendars.replaceSchedule(params.customer_id, body),
  );
};
