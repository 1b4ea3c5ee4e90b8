import { scheduleBodyLimit } from "@cita/calendar-api";
import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import type { FastifyRequest } from "fastify";
import { errorResponses, errorResponsesOfOne } from "../openapi/error-responses.ts";
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

export type CustomerCalendarRoutesOptions = {
  /** Makes a `CustomerCalendars` whose requests have the id of this request. */
  customerCalendarsFor: (request: FastifyRequest) => CustomerCalendars;
};

const prefix = "/v1/customer-calendars";
const described = { tags: ["Customer calendars"], security: [{ adminKey: [] }] };

/** Connecting customers, reading their state, and disconnecting them. */
export const customerCalendarRoutes: FastifyPluginAsyncZod<CustomerCalendarRoutesOptions> = async (
  app,
  { customerCalendarsFor },
) => {
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
        response: { 200: connectResponse, ...errorResponses },
      },
    },
    (request) => customerCalendarsFor(request).connect(request.body),
  );

  app.get(
    prefix,
    {
      schema: {
        ...described,
        operationId: "listCustomers",
        summary: "List customers and the state of their calendars",
        querystring: listQuery,
        response: { 200: listResponse, ...errorResponses },
      },
    },
    (request) => customerCalendarsFor(request).list(request.query.cursor, request.query.limit),
  );

  app.get(
    `${prefix}/:customer_id`,
    {
      schema: {
        ...described,
        operationId: "getCustomer",
        summary: "The state of one customer's calendar, its link and how the last attempt ended",
        params: ofCustomer,
        response: { 200: customerDetails, ...errorResponsesOfOne },
      },
    },
    (request) => customerCalendarsFor(request).details(request.params.customer_id),
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
        response: { 200: disconnectedResponse, ...errorResponsesOfOne },
      },
    },
    (request) => customerCalendarsFor(request).disconnect(request.params.customer_id),
  );
};

/** Reading and replacing a customer's schedule. */
export const scheduleRoutes: FastifyPluginAsyncZod<CustomerCalendarRoutesOptions> = async (
  app,
  { customerCalendarsFor },
) => {
  app.get(
    `${prefix}/:customer_id/schedule`,
    {
      schema: {
        ...described,
        operationId: "getSchedule",
        summary: "When a customer can be booked, and for what",
        params: ofCustomer,
        response: { 200: scheduleResponse, ...errorResponsesOfOne },
      },
    },
    (request) => customerCalendarsFor(request).schedule(request.params.customer_id),
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
          "If anything is wrong nothing is saved, and `problems` names it, up to the fiftieth problem. " +
          "A body has 256 kB at most: a thousand dates with hours of their own fit in.",
        params: ofCustomer,
        body: scheduleBody,
        response: { 200: scheduleResponse, ...errorResponsesOfOne },
      },
    },
    (request) => customerCalendarsFor(request).replaceSchedule(request.params.customer_id, request.body),
  );
};
