import { type ActivityPage, activityPage, activityQuery, type CalendarApiClient } from "@cita/calendar-api";
import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import { ofCustomer } from "../customer-calendars/schemas.ts";
import { type CustomerStore, findExisting } from "../customers/customer-store.ts";
import { errorResponses, errorResponsesOfOne } from "../openapi/error-responses.ts";

export type ActivityRoutesOptions = {
  customers: Pick<CustomerStore, "find">;
  calendarApi: CalendarApiClient;
};

/** The activity of one customer or of all, which the calendar service stores. */
export const activityRoutes: FastifyPluginAsyncZod<ActivityRoutesOptions> = async (app, options) => {
  const { customers, calendarApi } = options;

  app.get(
    "/v1/activity",
    {
      schema: {
        tags: ["Activity"],
        security: [{ adminKey: [] }],
        operationId: "listActivity",
        summary: "What has happened to all customers, newest first",
        description:
          "Entries are never changed, and removed with their customer only, so pages neither skip nor repeat.",
        querystring: activityQuery,
        response: { 200: activityResponse, ...errorResponses },
      },
    },
    ({ id, query }) => calendarApi.forRequest(id).activity(query),
  );

  app.get(
    "/v1/customer-calendars/:customer_id/activity",
    {
      schema: {
        tags: ["Customer calendars"],
        security: [{ adminKey: [] }],
        operationId: "listCustomerActivity",
        summary: "What has happened to a customer, newest first",
        description:
          "Links, consents, the connection, whether the calendar answers, bookings and changes of the schedule. " +
          "`provider` says where the connected account is or was. " +
          "`by` says who changed a booking: an `agent`, an `admin`, or a person in the `calendar` itself.",
        params: ofCustomer,
        querystring: activityQuery,
        response: { 200: activityResponse, ...errorResponsesOfOne },
      },
    },
    async ({ id, params, query }) => {
      await findExisting(customers, params.customer_id);
      return calendarApi.forRequest(id).activity(query, params.customer_id);
    },
  );
};

const example: ActivityPage = {
  activity: [
    {
      id: 42,
      at: "2027-01-18T14:03:07.000Z",
      customer_id: "barberia-luna",
      kind: "booked",
      detail: {
        booking_id: "5f0c2a9d4be14c0f8d3a7b61e2c94d08",
        service: "haircut",
        start: "2027-01-19T16:00:00-05:00",
        end: "2027-01-19T16:45:00-05:00",
      },
    },
    {
      id: 41,
      at: "2027-01-18T13:58:31.000Z",
      customer_id: "barberia-luna",
      kind: "connected",
      detail: { link_id: 7, provider: "google", account_email: "luna@example.com" },
    },
  ],
  next_cursor: "NDE",
};

const activityResponse = activityPage.meta({ examples: [example] });
