import { z } from "zod";
import { date, wholeNumber } from "./schedule-fields.ts";

/**
 * `POST /customers/:customer_id/schedule/preview`: what an agent would be offered under a schedule that isn't saved.
 * Nothing is stored.
 */
export const previewRequest = z.strictObject({
  // Checked by the calendar service, which names everything that is wrong with it.
  schedule: z.unknown(),
  service: z.string().max(64).optional().meta({
    description: "The id of one of the schedule's services. Left out: its first.",
    example: "haircut",
  }),
  from: date.optional().meta({ description: "First day, in the business's time zone. Left out: today." }),
  days: wholeNumber(1, 31).default(7),
});
export type PreviewRequest = z.input<typeof previewRequest>;

const slot = z.object({
  start: z.iso.datetime({ offset: true }),
  end: z.iso.datetime({ offset: true }),
  weekday: z.string(),
  label: z.string(),
});

/** What an agent would be offered. */
export const schedulePreview = z.object({
  time_zone: z.string().meta({ example: "America/Bogota" }),
  now: z.iso.datetime({ offset: true }),
  service: z.string(),
  duration_minutes: z.number().int(),
  from: date,
  to: date,
  slots: z.array(slot),
  reason: z
    .enum(["closed", "fully_booked", "too_soon", "too_far"])
    .nullable()
    .meta({ description: "Why there are none. null: there are some." }),
  calendar_error: z
    .object({ code: z.string(), message: z.string() })
    .nullable()
    .meta({
      description:
        "Why the calendar wasn't read: the times are those of the schedule alone, and some may be taken. " +
        "null: it was read.",
    }),
});
export type SchedulePreview = z.infer<typeof schedulePreview>;
