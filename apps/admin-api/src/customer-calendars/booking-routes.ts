import { bookingsQuery, type CalendarApiClient, rescheduleRequest } from "@cita/calendar-api";
import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import { type CustomerStore, findExisting } from "../customers/customer-store.ts";
import { conflictResponse, errorResponsesOfOne } from "../openapi/error-responses.ts";
import { bookingsResponse, changedBooking, ofBooking } from "./booking-schemas.ts";
import { ofCustomer } from "./schemas.ts";

export type CustomerBookingRoutesOptions = {
  customers: Pick<CustomerStore, "find">;
  calendarApi: CalendarApiClient;
};

const ofAll = "/v1/customer-calendars/:customer_id/bookings";
const described = { tags: ["Customer calendars"], security: [{ adminKey: [] }] };

/** Listing, cancelling and moving a customer's bookings. */
export const customerBookingRoutes: FastifyPluginAsyncZod<CustomerBookingRoutesOptions> = async (
  app,
  options,
) => {
  await app.register(readRoutes, options);
  await app.register(changeRoutes, options);
};

const readRoutes: FastifyPluginAsyncZod<CustomerBookingRoutesOptions> = async (
  app,
  { customers, calendarApi },
) => {
  app.get(
    ofAll,
    {
      config: { access: { action: "read_customer", customer: "params" } },
      schema: {
        ...described,
        operationId: "listBookings",
        summary: "What was booked with a customer",
        description:
          "Whatever is booked, moved or cancelled between two pages, the others are neither skipped nor repeated. " +
          "One that is moved itself stands where it is when that page is read: know it by `booking_id`. " +
          "`status=stranded` lists those ahead that wait for you: the business has connected another account since. " +
          "A change made by hand in the calendar shows once the calendar has been read again, " +
          "for free slots, a booking or an agent's list.",
        params: ofCustomer,
        querystring: bookingsQuery,
        response: { 200: bookingsResponse, ...errorResponsesOfOne },
      },
    },
    async ({ id, params: { customer_id }, query }) => {
      await findExisting(customers, customer_id);
      return calendarApi.forRequest(id).bookings(customer_id, query);
    },
  );

  app.get(
    `${ofAll}/:booking_id`,
    {
      config: { access: { action: "read_customer", customer: "params" } },
      schema: {
        ...described,
        operationId: "getBooking",
        summary: "One booking",
        params: ofBooking,
        response: { 200: changedBooking, ...errorResponsesOfOne },
      },
    },
    async ({ id, params: { customer_id, booking_id } }) => {
      await findExisting(customers, customer_id);
      return calendarApi.forRequest(id).booking(customer_id, booking_id);
    },
  );
};

const changeRoutes: FastifyPluginAsyncZod<CustomerBookingRoutesOptions> = async (
  app,
  { customers, calendarApi },
) => {
  app.post(
    `${ofAll}/:booking_id/cancel`,
    {
      config: { access: { action: "change_customer", customer: "params" } },
      schema: {
        ...described,
        operationId: "cancelBooking",
        summary: "Cancel a booking",
        description:
          "Takes its event out of the calendar, whose provider tells those it has invited. A stranded one is only " +
          "cancelled here: the event stays in the calendar of the account before. Safe to repeat. No body is needed.",
        params: ofBooking,
        response: { 200: changedBooking, ...errorResponsesOfOne, ...conflictResponse },
      },
    },
    async ({ id, params: { customer_id, booking_id } }) => {
      await findExisting(customers, customer_id);
      return calendarApi.forRequest(id).cancelBooking(customer_id, booking_id);
    },
  );

  app.post(
    `${ofAll}/:booking_id/reschedule`,
    {
      config: { access: { action: "change_customer", customer: "params" } },
      schema: {
        ...described,
        operationId: "rescheduleBooking",
        summary: "Move a booking, or write a stranded one anew",
        description:
          "To another free time of the same length; a 409 with `slot_taken` names the nearest as `alternatives`. " +
          "A stranded booking is written into the calendar that is connected now: send its own start to leave it " +
          "where it is. Safe to repeat.",
        params: ofBooking,
        body: rescheduleRequest,
        response: { 200: changedBooking, ...errorResponsesOfOne, ...conflictResponse },
      },
    },
    async ({ id, params: { customer_id, booking_id }, body }) => {
      await findExisting(customers, customer_id);
      return calendarApi.forRequest(id).rescheduleBooking(customer_id, booking_id, body);
    },
  );
};
