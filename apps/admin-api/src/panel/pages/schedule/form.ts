import type { Schedule } from "@cita/calendar-api";
import { createClock, formatTime, type OpeningWindow, type Weekday, weekdays } from "@cita/scheduling";

/** A schedule as it stands in the form's fields: texts as they were typed. */
export type ScheduleForm = {
  readonly time_zone: string;
  readonly language: string;
  readonly weekly_hours: Readonly<Record<Weekday, readonly OpeningWindow[]>>;
  readonly date_overrides: readonly DateForm[];
  readonly holidays: { readonly country: string; readonly region: string };
  readonly services: readonly ServiceForm[];
  readonly numbers: Readonly<Record<NumberName, string>>;
  /** A wall time of the business, as `2027-02-01T09:00`. */
  readonly paused_until: string;
  /** One id a line. */
  readonly busy_calendars: string;
  readonly switches: Readonly<Record<SwitchName, boolean>>;
};

export type DateForm = { readonly date: string; readonly windows: readonly OpeningWindow[] };

export const serviceTexts = ["id", "name", "price_text"] as const;
export const serviceNumbers = [
  "duration_minutes",
  "buffer_before_minutes",
  "buffer_after_minutes",
  "capacity",
] as const;
export type ServiceForm = Readonly<
  Record<(typeof serviceTexts)[number] | (typeof serviceNumbers)[number], string>
>;

export const numberNames = [
  "slot_interval_minutes",
  "minimum_notice_minutes",
  "horizon_days",
  "max_bookings_per_day",
  "max_bookings_per_week",
  "max_open_bookings_per_attendee",
] as const;
export type NumberName = (typeof numberNames)[number];

export const switchNames = ["tentative_is_busy", "invite_attendees", "add_meet_link"] as const;
export type SwitchName = (typeof switchNames)[number];

/** @param timeZone the business's, in which a pause is written. */
export function toForm(schedule: Schedule, timeZone: string): ScheduleForm {
  const { paused_until } = schedule;
  const paused =
    paused_until === null ? "" : formatTime(createClock(timeZone), Date.parse(paused_until)).iso.slice(0, 16);
  return {
    ...{ time_zone: schedule.time_zone ?? "", language: schedule.language ?? "", paused_until: paused },
    weekly_hours: byWeekday((day) => schedule.weekly_hours[day].map(toFields)),
    date_overrides: schedule.date_overrides.map(({ date, windows }) => ({
      date,
      windows: windows.map(toFields),
    })),
    holidays: { country: schedule.holidays.country ?? "", region: schedule.holidays.region ?? "" },
    services: schedule.services.map((service) => ({
      ...{ id: service.id, name: service.name, price_text: service.price_text ?? "" },
      duration_minutes: `${service.duration_minutes}`,
      buffer_before_minutes: `${service.buffer_before_minutes}`,
      buffer_after_minutes: `${service.buffer_after_minutes}`,
      capacity: `${service.capacity}`,
    })),
    numbers: fromNames(numberNames, (name) => `${schedule[name] ?? ""}`),
    busy_calendars: schedule.busy_calendars.join("\n"),
    switches: fromNames(switchNames, (name) => schedule[name]),
  };
}

/** Fields for a time have no 24:00. */
function toFields({ start, end }: OpeningWindow): OpeningWindow {
  return { start, end: end === "24:00" ? "00:00" : end };
}

export function byWeekday<Value>(of: (day: Weekday) => Value): Record<Weekday, Value> {
  return fromNames(weekdays, of);
}

export function fromNames<Name extends string, Value>(
  names: readonly Name[],
  of: (name: Name) => Value,
): Record<Name, Value> {
  return Object.fromEntries(names.map((name) => [name, of(name)])) as Record<Name, Value>;
}
