import { type CalendarApiClient, scheduleBodyLimit } from "@cita/calendar-api";
import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import { type CustomerStore, findExisting } from "../customers/customer-store.ts";
import { conflictResponse, errorResponsesOfOne } from "../openapi/error-responses.ts";
import { scheduleBody, scheduleResponse } from "./schedule-schemas.ts";
import { ofCustomer } from "./schemas.ts";

export type ScheduleRoutesOptions = {
  customers: Pick<CustomerStore, "find">;
  calendarApi: CalendarApiClient;
};

const path = "/v1/customer-calendars/:customer_id/schedule";
const described = { tags: ["Customer calendars"], security: [{ adminKey: [] }] };

/** Reading and replacing a customer's schedule. */
export const scheduleRoutes: FastifyPluginAsyncZod<ScheduleRoutesOptions> = async (
  app,
  { customers, calendarApi },
) => {
  app.get(
    path,
    {
      schema: {
        ...described,
        operationId: "getSchedule",
        summary: "When a customer can be booked, and for what",
        params: ofCustomer,
        response: { 200: scheduleResponse, ...errorResponsesOfOne },
      },
    },
    async ({ id, params: { customer_id } }) => {
      await findExisting(customers, customer_id);
      return calendarApi.forRequest(id).schedule(customer_id);
    },
  );

  app.put(
    path,
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
        response: { 200: scheduleResponse, ...errorResponsesOfOne, ...conflictResponse },
      },
    },
    async ({ id, params: { customer_id }, body }) => {
      const customer = await findExisting(customers, customer_id);
      return calendarApi.forRequest(id).forCustomer(customer).replaceSchedule(customer_id, body);
    },
  );
};
