import { z } from "zod";
import { pageLimit } from "./url-values.ts";

const instant = z.iso.datetime({
  offset: true,
  error: "must be a date and time with its offset, such as 2027-01-18T09:00:00Z; in a URL a + is written %2B",
});

/** `GET /customers/:customer_id/bookings`: confirmed and cancelled bookings, soonest first. Holds are never listed. */
export const bookingsQuery = z
  .strictObject({
    from: instant.optional().meta({
      description: "Bookings that start at this time or later. Default: now.",
      example: "2027-01-18T00:00:00-05:00",
    }),
    to: instant.optional().meta({
      description: "Bookings that start before this time. Default: no end.",
      example: "2027-01-25T00:00:00-05:00",
    }),
    status: z.enum(["confirmed", "cancelled", "all", "stranded"]).default("confirmed").meta({
      description:
        "`stranded`: only those ahead that were written into the calendar of an account that isn't connected any more.",
    }),
    limit: pageLimit(50),
    cursor: z.string().optional().meta({
      description: "next_cursor of the page before; the other parameters as they were.",
    }),
  })
  .refine(({ from = "", to = "" }) => !(Date.parse(to) < Date.parse(from)), {
    path: ["to"],
    message: "must not be before from: were they swapped?",
  });
export type BookingsQuery = z.infer<typeof bookingsQuery>;

/** A booking as admins see it. `POST …/:booking_id/cancel` and `…/reschedule` return it after the change. */
export const bookingView = z.object({
  booking_id: z.string(),
  status: z.enum(["confirmed", "cancelled"]),
  start: z.iso.datetime({ offset: true }).meta({ description: "With the offset of time_zone." }),
  end: z.iso.datetime({ offset: true }),
  time_zone: z.string().meta({ description: "The business's when it was booked." }),
  service: z.string().meta({ description: "The id of the service in the schedule." }),
  attendee_name: z.string().meta({ description: "Empty: what was kept of the person has been erased." }),
  attendee_phone: z
    .string()
    .nullable()
    .meta({ description: "E.164: one form for all spellings of a number." }),
  attendee_phone_written: z.string().nullable().meta({ description: "As the agent or the person wrote it." }),
  attendee_email: z.string().nullable(),
  attendee_ref: z.string().nullable().meta({
    description: "The channel's own id of the person, as X-Attendee-Ref named it.",
  }),
  notes: z.string().nullable(),
  event_id: z.string().meta({ description: "The event in the business's calendar." }),
  meet_link: z.string().nullable(),
  invitation: z.enum(["pending", "sent", "refused"]).nullable().meta({
    description:
      "The attendee is invited once the booking is confirmed. `pending`: the calendar hasn't answered yet, and it is tried again. `refused`: the event stands and the attendee isn't invited, so somebody else has to tell them. null: nobody was to be invited.",
  }),
  stranded: z.boolean().meta({
    description:
      "True: it lies ahead, and its event is in the calendar of an account that isn't connected any more. It keeps its time taken until it is written anew (`reschedule`, with its own start too) or cancelled.",
  }),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime().meta({ description: "When it was last moved, confirmed or cancelled." }),
});
export type BookingView = z.infer<typeof bookingView>;

/** `POST /customers/:customer_id/bookings/:booking_id/reschedule`: to another time of the same length. */
export const rescheduleRequest = z.strictObject({
  start_iso: z.string("must be a date and time").max(40, "must be a date and time").meta({
    description: "Without an offset it is the business's wall time.",
    example: "2027-01-19T16:00:00-05:00",
  }),
});
export type RescheduleRequest = z.infer<typeof rescheduleRequest>;

/** The id of a booking, in a path. */
export const bookingId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,100}$/, "must be the booking_id of a booking")
  .meta({ example: "5f0c2a9d4be14c0f8d3a7b61e2c94d08" });

/** A page of bookings, soonest first. */
export const bookingsPage = z.object({
  bookings: z.array(bookingView),
  next_cursor: z.string().nullable().meta({ description: "null: this was the last page." }),
});
export type BookingsPage = z.infer<typeof bookingsPage>;
