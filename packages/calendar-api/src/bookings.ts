import { z } from "zod";

/**
 * `GET /customers/:customer_id/bookings`: what was booked, soonest first. Bookings that were confirmed
 * once, cancelled ones too; never what is only held.
 */

const instant = z.iso.datetime({
  offset: true,
  error: "must be a date and time with its offset, such as 2027-01-18T09:00:00Z; in a URL a + is written %2B",
});

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
    status: z.enum(["confirmed", "cancelled", "all"]).default("confirmed"),
    limit: z.coerce.number().int().min(1).max(200).default(50),
    cursor: z.string().optional().meta({
      description: "next_cursor of the page before; the other parameters as they were.",
    }),
  })
  .refine(({ from = "", to = "" }) => !(Date.parse(to) < Date.parse(from)), {
    path: ["to"],
    message: "must not be before from: were they swapped?",
  });
export type BookingsQuery = z.infer<typeof bookingsQuery>;

const bookingView = z.object({
  booking_id: z.string(),
  status: z.enum(["confirmed", "cancelled"]),
  start: z.iso.datetime({ offset: true }).meta({ description: "With the offset of time_zone." }),
  end: z.iso.datetime({ offset: true }),
  time_zone: z.string().meta({ description: "The business's when it was booked." }),
  service: z.string().meta({ description: "The id of the service in the schedule." }),
  attendee_name: z.string(),
  attendee_phone: z.string().nullable(),
  attendee_email: z.string().nullable(),
  attendee_ref: z.string().nullable().meta({
    description: "The channel's own id of the person, as X-Attendee-Ref named it.",
  }),
  notes: z.string().nullable(),
  event_id: z.string().meta({ description: "The event in the business's calendar." }),
  meet_link: z.string().nullable(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime().meta({ description: "When it was last moved, confirmed or cancelled." }),
});
export type BookingView = z.infer<typeof bookingView>;

export const bookingsPage = z.object({
  bookings: z.array(bookingView),
  next_cursor: z.string().nullable().meta({ description: "null: this was the last page." }),
});
export type BookingsPage = z.infer<typeof bookingsPage>;
