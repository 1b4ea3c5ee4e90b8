import { dayMs, minuteMs } from "./durations.ts";
import { dayFormatter, type FormattedDay, type Language } from "./format-day.ts";
import { twoDigits, type ZoneClock } from "./zone-clock.ts";

/** An instant with its weekday and date written out in a language, so that nobody mistakes the day. */
export type FormattedTime = {
  /** ISO 8601 with the business's offset: `2027-01-18T09:00:00-05:00`. */
  readonly iso: string;
  /** `Monday` */
  readonly weekday: string;
  /** `Monday 18 January 2027, 09:00` */
  readonly label: string;
};

export type TimeFormatter = (instant: number) => FormattedTime;

/** Formats instants of one zone. Neighbouring instants share their date and offset, which are formatted once. */
export function createTimeFormatter(clock: ZoneClock, language: Language = "en"): TimeFormatter {
  const formatDay = dayFormatter(language);
  let last: { midnight: number; offset: number; offsetText: string; day: FormattedDay } | undefined;
  return (instant) => {
    const offset = clock.offsetAt(instant);
    const local = instant + offset;
    const midnight = Math.floor(local / dayMs) * dayMs;
    if (last?.midnight !== midnight || last.offset !== offset) {
      last = { midnight, offset, offsetText: formatOffset(offset), day: formatDay(midnight) };
    }
    const { offsetText } = last;
    const { date, weekday, dayLabel } = last.day;
    const seconds = Math.floor((local - midnight) / 1_000);
    const clockTime = `${twoDigits(Math.floor(seconds / 3_600))}:${twoDigits(Math.floor(seconds / 60) % 60)}`;
    return {
      iso: `${date}T${clockTime}:${twoDigits(seconds % 60)}${offsetText}`,
      weekday,
      label: `${dayLabel}, ${clockTime}`,
    };
  };
}

export function formatTime(clock: ZoneClock, instant: number, language: Language = "en"): FormattedTime {
  return createTimeFormatter(clock, language)(instant);
}

function formatOffset(offset: number): string {
  const minutes = Math.round(Math.abs(offset) / minuteMs);
  return `${offset < 0 ? "-" : "+"}${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
}
