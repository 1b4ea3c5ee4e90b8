import { z } from "zod";
import { bookingId, bookingView } from "./bookings.ts";

/** `GET /customers/:customer_id/agenda`: what is in a customer's calendar on some dates, and what is free. */
export const agendaQuery = z
  .strictObject({
    from: z.iso.date("must be a date, such as 2027-01-18").optional().meta({
      description: "The first date, in the business's time zone. Default: today.",
      example: "2027-01-18",
    }),
    days: z.coerce.number().int().min(1).max(31).default(7).meta({ description: "How many dates." }),
    service: z.string().max(100).optional().meta({
      description: "The service that `free` is for, by its id in the schedule. Default: the first one.",
    }),
    moving: bookingId.optional().meta({
      description:
        "Instead of a service: `free` is where this booking could be moved to, as if it weren't there.",
    }),
  })
  .refine(({ service, moving }) => service === undefined || moving === undefined, {
    path: ["moving"],
    message: "has a service already: leave service out",
  });
export type AgendaQuery = z.infer<typeof agendaQuery>;

/** With the offset of the time zone. */
const time = z.iso.datetime({ offset: true });
const period = z.object({ start: time, end: time });
export type Period = z.infer<typeof period>;

export const agenda = z.object({
  timezone: z.string().meta({ description: "The business's." }),
  busy: z.array(period).meta({
    description:
      "When others have put something into the calendar, joined where they overlap: never what it is, or with whom.",
  }),
  bookings: z
    .array(bookingView)
    .meta({ description: "Confirmed ones that are on these dates at least in part." }),
  free: z.array(period).meta({ description: "What an agent would be offered. They may overlap." }),
});
export type Agenda = z.infer<typeof agenda>;
