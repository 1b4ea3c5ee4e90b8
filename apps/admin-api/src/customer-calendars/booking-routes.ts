import { bookingsQuery, rescheduleRequest } from "@cita/calendar-api";
import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import { conflictResponse, errorResponsesOfOne } from "../openapi/error-responses.ts";
import { bookingsResponse, changedBooking, ofBooking } from "./booking-schemas.ts";
import type { CustomerCalendarRoutesOptions } from "./routes.ts";
import { ofCustomer } from "./schemas.ts";

const ofAll = "/v1/customer-calendars/:customer_id/bookings";
const described = { tags: ["Customer calendars"], security: [{ adminKey: [] }] };

/** Listing, cancelling and moving a customer's bookings. */
export const customerBookingRoutes: FastifyPluginAsyncZod<CustomerCalendarRoutesOptions> = async (
  app,
  { customerCalendarsFor },
) => {
  app.get(
    ofAll,
    {
      schema: {
        ...described,
        operationId: "listBookings",
        summary: "What was booked with a customer, soonest first",
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
    (request) => customerCalendarsFor(request).bookings(request.params.customer_id, request.query),
  );

  app.post(
    `${ofAll}/:booking_id/cancel`,
    {
      schema: {
        ...described,
        operationId: "cancelBooking",
        summary: "Cancel a booking",
        description:
          "Takes its event out of the calendar; Google tells those whom it has invited. A stranded one is only " +
          "cancelled here: the event stays in the calendar of the account before. Safe to repeat. No body is needed.",
        params: ofBooking,
        response: { 200: changedBooking, ...errorResponsesOfOne, ...conflictResponse },
      },
    },
    (request) => customerCalendarsFor(request).cancelBooking(request.params),
  );

  app.post(
    `${ofAll}/:booking_id/reschedule`,
    {
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
    (request) => customerCalendarsFor(request).rescheduleBooking(request.params, request.body),
  );
};
