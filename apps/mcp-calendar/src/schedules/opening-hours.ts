import type { Schedule } from "@cita/calendar-api";
import type { Interval, LocalDate, OpeningHours, OpeningWindow } from "@cita/scheduling";
import type { Holidays } from "./holidays.ts";

/** The hours of a schedule over a span. A public holiday closes its date unless the date has hours of its own. */
export async function readOpeningHours(
  schedule: Schedule,
  holidays: Holidays,
  span: Interval,
): Promise<OpeningHours> {
  const overrides = new Map<LocalDate, readonly OpeningWindow[]>();
  const { country, region } = schedule.holidays;
  if (country !== null) {
    const dates = await holidays.readDates({ country, region }, yearOf(span.start), yearOf(span.end));
    for (const date of dates) overrides.set(date, []);
  }
  for (const { date, windows } of schedule.date_overrides) overrides.set(date, windows);
  return { weekly: schedule.weekly_hours, overrides };
}

function yearOf(instant: number): number {
  return new Date(instant).getUTCFullYear();
}
