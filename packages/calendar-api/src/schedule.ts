import { languages, type Weekday } from "@cita/scheduling";
import { z } from "zod";
import { openingWindows } from "./opening-windows.ts";
import { date, instant, oneLine, timeZone, wholeNumber, yesOrNo } from "./schedule-fields.ts";
import { findBrokenRules, maxDateOverrides } from "./schedule-rules.ts";

const dayWindows = openingWindows.default([]);
const officeHours = [{ start: "09:00", end: "17:00" }];

const weeklyHours = z
  .strictObject(
    {
      monday: dayWindows,
      tuesday: dayWindows,
      wednesday: dayWindows,
      thursday: dayWindows,
      friday: dayWindows,
      saturday: dayWindows,
      sunday: dayWindows,
    } satisfies Record<Weekday, z.ZodType>,
    "must be an object with a list of windows for each day",
  )
  .default({
    monday: officeHours,
    tuesday: officeHours,
    wednesday: officeHours,
    thursday: officeHours,
    friday: officeHours,
    saturday: [],
    sunday: [],
  })
  .meta({
    description:
      "A day that is left out is closed. A window whose end is before its start ends the next day.",
  });

export const dateOverride = z.strictObject(
  {
    date: date.meta({ example: "2027-12-24" }),
    windows: openingWindows.meta({ description: "Instead of that day's hours; [] is closed." }),
  },
  "must be an object with date and windows",
);

const mustBeCountry = "must be null or two capital letters such as CO (ISO 3166)";
const mustBeRegion = "must be a region's code such as BY";

/** The country, and the part of it, whose public holidays are closed days. */
export const scheduleHolidays = z.strictObject(
  {
    country: z
      .string(mustBeCountry)
      .regex(/^[A-Z]{2}$/, mustBeCountry)
      .nullable()
      .default(null)
      .meta({ description: "ISO 3166 code of the country; null: no day is closed as a holiday." }),
    region: z
      .string(mustBeRegion)
      .regex(/^[A-Za-z0-9-]{1,20}$/, mustBeRegion)
      .optional()
      .meta({ description: "ISO 3166-2 code of a state or region, without the country.", example: "BY" }),
  },
  "must be an object such as {country: null}",
);

/** The service of a schedule that sets none. Agents and calendars get its name in the business's language. */
export const defaultService = { id: "appointment", name: "Appointment" } as const;

const mustBeServiceId = "must be 1 to 64 of A-Z a-z 0-9 . _ -";
const service = z.strictObject(
  {
    id: z
      .string(mustBeServiceId)
      .regex(/^[A-Za-z0-9._-]{1,64}$/, mustBeServiceId)
      .meta({ description: "How agents name the service.", example: "haircut" }),
    name: oneLine(200).meta({ example: "Corte de cabello" }),
    duration_minutes: wholeNumber(5, 720),
    buffer_before_minutes: wholeNumber(0, 720).default(0),
    buffer_after_minutes: wholeNumber(0, 720).default(0),
    capacity: wholeNumber(1, 100).default(1).meta({ description: "How many people can book the same time." }),
    price_text: oneLine(100)
      .optional()
      .meta({ description: "As it is told to people.", example: "$ 35.000" }),
  },
  "must be an object with id, name and duration_minutes",
);

/** How many services a schedule may have. */
export const maxServices = 100;
const oneService = "must have at least one service";
const services = z
  .array(service, "must be a list of services")
  .min(1, oneService)
  .max(maxServices, `must have at most ${maxServices} services`)
  // A type guard: the first service always exists.
  .refine(
    (list): list is [z.output<typeof service>, ...z.output<typeof service>[]] => list.length > 0,
    oneService,
  )
  .default([
    {
      ...defaultService,
      duration_minutes: 30,
      buffer_before_minutes: 0,
      buffer_after_minutes: 0,
      capacity: 1,
    },
  ])
  .meta({ description: "The first one is booked when an agent names none." });

export const tooManyDates = "must have at most 1,000 dates: remove those that have passed";
const dateOverrides = z
  .array(dateOverride, "must be a list of dates")
  .max(maxDateOverrides, tooManyDates)
  .default([]);

/** How many calendars a schedule may name. Each is one more request in every reading. */
export const maxCalendars = 10;
const mustBeCalendarId = "must be a calendar's id, such as its e-mail address";
/** The calendars whose events block a time, by the provider's ids. */
export const scheduleCalendars = z
  .array(z.string(mustBeCalendarId).regex(/^\S{1,254}$/, mustBeCalendarId), "must be a list of calendar ids")
  .max(maxCalendars, `must have at most ${maxCalendars} calendars`)
  .default(["primary"])
  .meta({ description: "Calendars whose events block a time." });

const shape = z.strictObject(
  {
    time_zone: timeZone
      .nullable()
      .default(null)
      .meta({ description: "IANA name; null: the calendar's own.", example: "America/Bogota" }),
    language: z
      .enum(languages, `must be null or one of ${languages.join(", ")}`)
      .nullable()
      .default(null)
      .meta({
        description:
          "In which people are told of times and refusals, and calendar events are written; null: that of the " +
          "holidays' country, else of the time zone, else English.",
      }),
    weekly_hours: weeklyHours,
    date_overrides: dateOverrides,
    holidays: scheduleHolidays.default({ country: null }),
    services,
    slot_interval_minutes: wholeNumber(5, 1_440).default(30).meta({
      description: "Distance between the times offered, counted from the start of each window.",
    }),
    minimum_notice_minutes: wholeNumber(0, 525_600).default(60),
    horizon_days: wholeNumber(1, 730).default(365),
    paused_until: instant.nullable().default(null).meta({
      description: "Nothing that starts before is offered or can be booked; null: no pause.",
      example: "2027-02-01T09:00:00-05:00",
    }),
    max_bookings_per_day: wholeNumber(1, 10_000, "must be null or").nullable().default(null),
    max_bookings_per_week: wholeNumber(1, 10_000, "must be null or").nullable().default(null),
    max_open_bookings_per_attendee: wholeNumber(1, 1_000, "must be null or")
      .nullable()
      .default(null)
      .meta({
        description:
          "How many appointments ahead one person may hold by calls that name the person (X-Attendee-Phone, " +
          "X-Attendee-Ref); null: 5.",
      }),
    busy_calendars: scheduleCalendars,
    tentative_is_busy: yesOrNo.default(true).meta({
      description:
        "Whether what isn't settled blocks a time: tentative events, and invitations by others that are " +
        "answered with maybe or not yet.",
    }),
    invite_attendees: yesOrNo
      .default(false)
      .meta({ description: "The calendar's provider sends an invitation." }),
    add_meet_link: yesOrNo.default(false),
  },
  "must be an object",
);

type Shape = z.output<typeof shape>;
type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;

/** A service that can be booked. */
export type ScheduleService = DeepReadonly<z.output<typeof service>>;

/** A complete schedule, with defaults for what wasn't set. */
export type Schedule = DeepReadonly<Omit<Shape, "services">> & {
  readonly services: readonly [ScheduleService, ...ScheduleService[]];
};

/**
 * `GET | PUT /customers/:customer_id/schedule`: when a business can be booked, and for what. Members that are left out
 * get their defaults. Whether a country's holidays are known is checked by the calendar service.
 */
export const schedule: z.ZodType<Schedule> = shape.superRefine((value, context) => {
  for (const { path, message } of findBrokenRules(value)) {
    context.addIssue({ code: "custom", path: [...path], message });
  }
});

/** The schedule of a customer that has set none. */
export const defaultSchedule: Schedule = schedule.parse({});
