import { z } from "zod";
import { bookingView } from "./bookings.ts";
import { disconnectResponse } from "./connections.ts";
import { customerId } from "./customer.ts";
import { pageLimit } from "./url-values.ts";

/** Characters of a phone number as it is written. The longest known form, an `api.whatsapp.com` link, has 55. */
export const maxPhoneLength = 100;

/**
 * The body of `POST /customers/:customer_id/attendees/export` and `…/attendees/erase`: one attendee's identifiers, which
 * must not be in a URL, since URLs are logged. A booking with any of them is this attendee's.
 */
export const attendeeIdentifiers = z
  .strictObject({
    phone: z.string().max(maxPhoneLength).optional().meta({
      description: "In any spelling, with its country code.",
      example: "+57 300 123 4567",
    }),
    email: z.email("must be an e-mail address").max(254).optional(),
    ref: z.string().trim().min(1).max(200).optional().meta({
      description: "The channel's own id of the person, as X-Attendee-Ref named it.",
    }),
  })
  .refine(({ phone, email, ref }) => phone !== undefined || email !== undefined || ref !== undefined, {
    message: "must name the person: by phone, email or ref",
  });
export type AttendeeIdentifiers = z.infer<typeof attendeeIdentifiers>;

/** `POST …/attendees/export?limit=&cursor=` */
export const attendeeExportQuery = z.strictObject({
  limit: pageLimit(200),
  cursor: z.string().max(200).optional().meta({ description: "next_cursor of the page before." }),
});
export type AttendeeExportQuery = z.infer<typeof attendeeExportQuery>;

const exportedBooking = bookingView.extend({
  status: z.enum(["held", "confirmed", "abandoned", "released", "cancelled"]).meta({
    description:
      "`held` and `abandoned`: it is being written into the calendar, or that is being settled. `released`: it came to nothing, or has moved its booking.",
  }),
  event_id: bookingView.shape.event_id.nullable().meta({
    description: "The event in the business's calendar; null: none was written, or nobody knows yet.",
  }),
  moves_booking_id: z.string().nullable().meta({
    description: "The booking that was to be moved here; null: it is a booking itself.",
  }),
  idempotency_key: z.string().nullable().meta({ description: "As the agent has sent it." }),
});
/** Everything that is stored of one booking, in any state. */
export type ExportedBooking = z.infer<typeof exportedBooking>;

/** A page of everything that is stored of one attendee, soonest first. */
export const attendeeExport = z.object({
  bookings: z.array(exportedBooking),
  next_cursor: z.string().nullable().meta({ description: "null: this was the last page." }),
});
export type AttendeeExport = z.infer<typeof attendeeExport>;

/** Event ids in one response. */
export const maxErasedEvents = 1_000;

/** What was erased of one attendee, and which events stay in the business's own calendar. */
export const attendeeErasure = z.object({
  erased: z.number().int().meta({ description: "How many rows no longer know the person, moves included." }),
  calendar_events: z.array(z.string()).max(maxErasedEvents).meta({
    description:
      "Past appointments' events: they stay in the business's own calendar, with what was written into them. Told once: afterwards nobody knows whose they were.",
  }),
  more_calendar_events: z.boolean().meta({ description: `True: there were more than ${maxErasedEvents}.` }),
});
export type AttendeeErasure = z.infer<typeof attendeeErasure>;

const rows = z.number().int();

/** `DELETE /customers/:customer_id`: how many rows of each kind were removed. */
export const customerRemoval = z.object({
  customer_id: customerId,
  revoked_at_provider: disconnectResponse.shape.revoked_at_provider,
  note: disconnectResponse.shape.note,
  removed: z.object({
    connections: rows,
    agent_keys: rows,
    consent_attempts: rows,
    links: rows,
    schedules: rows,
    counted_changes: rows,
    bookings: rows,
    activity: rows,
  }),
});
export type CustomerRemoval = z.infer<typeof customerRemoval>;
