import {
  attendeeErasure,
  attendeeExport,
  attendeeExportQuery,
  attendeeIdentifiers,
  customerId,
  customerRemoval,
} from "@cita/calendar-api";
import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import { z } from "zod";
import type { RemoveCustomer } from "../retention/remove-customer.ts";
import type { ManagedAttendees } from "./attendees.ts";

export type PersonalDataRoutesOptions = { attendees: ManagedAttendees; removeCustomer: RemoveCustomer };

const ofCustomer = z.object({ customer_id: customerId });

/** What is kept of a person, and the end of it: of one attendee, or of everything about a customer. */
export const personalDataRoutes: FastifyPluginAsyncZod<PersonalDataRoutesOptions> = async (app, options) => {
  const { attendees, removeCustomer } = options;

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
    ({ params }) => removeCustomer(params.customer_id),
  );
};
