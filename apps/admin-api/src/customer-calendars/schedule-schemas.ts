import { previewRequest, type SchedulePreview, schedule } from "@cita/calendar-api";
import { z } from "zod";

const barberShop = {
  time_zone: "America/Bogota",
  weekly_hours: {
    tuesday: [
      { start: "09:00", end: "13:00" },
      { start: "14:00", end: "19:00" },
    ],
    wednesday: [{ start: "09:00", end: "19:00" }],
    thursday: [{ start: "09:00", end: "19:00" }],
    friday: [{ start: "14:00", end: "01:00" }],
    saturday: [{ start: "09:00", end: "20:00" }],
  },
  date_overrides: [
    { date: "2027-12-24", windows: [{ start: "08:00", end: "13:00" }] },
    { date: "2027-12-31", windows: [] },
  ],
  holidays: { country: "CO" },
  services: [
    {
      id: "haircut",
      name: "Corte de cabello",
      duration_minutes: 45,
      buffer_after_minutes: 15,
      price_text: "$ 35.000",
    },
    {
      id: "beard-class",
      name: "Taller de barba",
      duration_minutes: 90,
      capacity: 6,
      price_text: "$ 60.000 por persona",
    },
  ],
  slot_interval_minutes: 15,
  minimum_notice_minutes: 120,
  horizon_days: 60,
  max_bookings_per_day: 20,
};

/** Documented here and validated by the calendar service, which returns every problem and not only those of the shape. */
export const scheduleBody = z
  .unknown()
  .meta({ ...z.toJSONSchema(schedule, { io: "input" }), examples: [barberShop] });

export const conditional = z.object({
  "if-match": z.string().max(1_000).optional().meta({
    description: "The `ETag` of the schedule that you change. Left out: whatever it is, it is replaced.",
  }),
});

export const previewBody = previewRequest
  .extend({ schedule: scheduleBody })
  .meta({ examples: [{ schedule: barberShop, service: "haircut", from: "2027-01-19", days: 1 }] });

export const previewExample: SchedulePreview = {
  time_zone: "America/Bogota",
  now: "2027-01-18T18:00:00-05:00",
  ...{ service: "haircut", duration_minutes: 45, from: "2027-01-19", to: "2027-01-19" },
  slots: [
    {
      start: "2027-01-19T09:00:00-05:00",
      end: "2027-01-19T09:45:00-05:00",
      weekday: "martes",
      label: "martes 19 de enero de 2027, 09:00",
    },
  ],
  reason: null,
  calendar_error: null,
};

export const scheduleResponse = schedule.meta({ examples: [schedule.parse(barberShop)] });
