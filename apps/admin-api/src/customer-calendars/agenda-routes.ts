import { type Agenda, agenda, agendaQuery, type CalendarApiClient } from "@cita/calendar-api";
import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import { type CustomerStore, findExisting } from "../customers/customer-store.ts";
import { conflictResponse, errorResponsesOfOne } from "../openapi/error-responses.ts";
import { haircut } from "./booking-schemas.ts";
import { ofCustomer } from "./schemas.ts";

export type AgendaRoutesOptions = {
  customers: Pick<CustomerStore, "find">;
  calendarApi: CalendarApiClient;
};

/** What is in a customer's calendar, and what is free. */
export const agendaRoutes: FastifyPluginAsyncZod<AgendaRoutesOptions> = async (
  app,
  { customers, calendarApi },
) => {
  app.get(
    "/v1/customer-calendars/:customer_id/agenda",
    {
      config: { access: { action: "read_customer", customer: "params" } },
      schema: {
        tags: ["Customer calendars"],
        security: [{ adminKey: [] }],
        operationId: "getAgenda",
        summary: "A customer's days: busy times, bookings, and what is free",
        description:
          "Of what others have put into the calendar only the times are read, never titles or guests. " +
          "A calendar that can't be read is an error and never an empty week: 409 where it isn't connected, " +
          "503 where it doesn't answer. All times are the business's own.",
        params: ofCustomer,
        querystring: agendaQuery,
        response: { 200: agendaResponse, ...errorResponsesOfOne, ...conflictResponse },
      },
    },
    async ({ id, params: { customer_id }, query }) => {
      await findExisting(customers, customer_id);
      return calendarApi.forRequest(id).agenda(customer_id, query);
    },
  );
};

const week: Agenda = {
  timezone: "America/Bogota",
  busy: [{ start: "2027-01-19T09:00:00-05:00", end: "2027-01-19T11:30:00-05:00" }],
  bookings: [haircut],
  free: [
    { start: "2027-01-19T11:30:00-05:00", end: "2027-01-19T12:15:00-05:00" },
    { start: "2027-01-19T12:00:00-05:00", end: "2027-01-19T12:45:00-05:00" },
  ],
};

const agendaResponse = agenda.meta({ examples: [week] });
