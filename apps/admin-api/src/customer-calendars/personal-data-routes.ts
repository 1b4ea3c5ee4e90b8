import { attendeeExportQuery, attendeeIdentifiers, type CalendarApiClient } from "@cita/calendar-api";
import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import { type CustomerStore, findExisting } from "../customers/customer-store.ts";
import type { Removals } from "../customers/removals.ts";
import { conflictResponse, errorResponsesOfOne } from "../openapi/error-responses.ts";
import { erasedAttendee, exportedAttendee } from "./booking-schemas.ts";
import { ofCustomer, removedCustomer } from "./schemas.ts";

export type PersonalDataRoutesOptions = {
  customers: Pick<CustomerStore, "find">;
  calendarApi: CalendarApiClient;
  removals: Pick<Removals, "remove">;
};

const ofAttendees = "/v1/customer-calendars/:customer_id/attendees";
const described = { tags: ["Personal data"], security: [{ adminKey: [] }] };

/** Export and erasure of one attendee's data, and removal of everything about a customer. */
export const personalDataRoutes: FastifyPluginAsyncZod<PersonalDataRoutesOptions> = async (
  app,
  { customers, calendarApi, removals },
) => {
  app.post(
    `${ofAttendees}/export`,
    {
      config: { access: { action: "administer", customer: "params" } },
      schema: {
        ...described,
        operationId: "exportAttendee",
        summary: "What is kept of one person's appointments",
        description:
          "Name the person by `phone`, `email` or `ref`; a booking that has any of them is the person's. " +
          "Bookings in every state, cancelled ones and moves too, soonest first.",
        params: ofCustomer,
        querystring: attendeeExportQuery,
        body: attendeeIdentifiers,
        response: { 200: exportedAttendee, ...errorResponsesOfOne },
      },
    },
    async ({ id, params: { customer_id }, body, query }) => {
      await findExisting(customers, customer_id);
      return calendarApi.forRequest(id).exportAttendee(customer_id, body, query);
    },
  );

  app.post(
    `${ofAttendees}/erase`,
    {
      config: { access: { action: "administer", customer: "params" } },
      schema: {
        ...described,
        operationId: "eraseAttendee",
        summary: "Erase what is kept of one person",
        description:
          "Takes name, phone, e-mail, ref, notes and what is made of them out of every booking with any of the " +
          "identifiers; the bookings stay, with an empty `attendee_name`. Refused whole with 409 `bookings_ahead` " +
          "while one lies ahead: cancel it first. Safe to repeat. Events of past appointments stay in the " +
          "business's own calendar: `calendar_events` names them, this once.",
        params: ofCustomer,
        body: attendeeIdentifiers,
        response: { 200: erasedAttendee, ...errorResponsesOfOne, ...conflictResponse },
      },
    },
    async ({ id, params: { customer_id }, body }) => {
      await findExisting(customers, customer_id);
      return calendarApi.forRequest(id).eraseAttendee(customer_id, body);
    },
  );

  app.delete(
    "/v1/customers/:customer_id",
    {
      config: { access: { action: "administer", customer: "params" } },
      schema: {
        ...described,
        operationId: "removeCustomer",
        summary: "Remove everything about a customer",
        description:
          "The access is revoked at its provider (`note` says why not, where it wasn't), then every row goes: links, " +
          "agent keys, schedule, bookings, activity, integrations. What was booked stays in the business's own calendar. After 409 " +
          "`booking_in_progress`, 502 and 503 it is repeated until it is done, whether you repeat it or not; until " +
          "then `connect` answers 409 `customer_leaving`. 404: nothing is left.",
        params: ofCustomer,
        response: { 200: removedCustomer, ...errorResponsesOfOne, ...conflictResponse },
      },
    },
    async ({ id, params: { customer_id } }) => {
      const { wasOurs, removed, revoked_at_provider, note } = await removals.remove(customer_id, id);
      return {
        ...{ customer_id, revoked_at_provider, note },
        removed: { customers: wasOurs ? 1 : 0, ...removed },
      };
    },
  );
};
