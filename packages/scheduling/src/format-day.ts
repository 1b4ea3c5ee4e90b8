import { type Weekday, weekdays } from "./opening-hours.ts";
import { type LocalDate, type LocalTime, localMidnight, toLocalDate } from "./zone-clock.ts";

/** The languages of dates. Each needs a pattern below. */
export const languages = ["es", "en", "pt"] as const;
export type Language = (typeof languages)[number];

/** A date, and how it is written out. */
export type FormattedDay = {
  readonly date: LocalDate;
  /** `Monday` */
  readonly weekday: string;
  /** `Monday 18 January 2027` */
  readonly dayLabel: string;
};

export type DayFormatter = (midnight: LocalTime) => FormattedDay;

type DateParts = {
  readonly weekday: string;
  readonly day: number;
  readonly month: string;
  readonly year: number;
};

/** Our own patterns, because ICU's commas differ from one release to the next. */
const patterns = {
  es: ({ weekday, day, month, year }) => `${weekday} ${day} de ${month} de ${year}`,
  en: ({ weekday, day, month, year }) => `${weekday} ${day} ${month} ${year}`,
  pt: ({ weekday, day, month, year }) => `${weekday}, ${day} de ${month} de ${year}`,
} satisfies Record<Language, (date: DateParts) => string>;

/** Cached days of each language. */
const maxDays = 500;

/** A cache by language. It is no state, since a formatter depends on the language only. */
const formatters = new Map<Language, DayFormatter>();

/** The shared formatter of a language. */
export function dayFormatter(language: Language): DayFormatter {
  const known = formatters.get(language);
  if (known !== undefined) return known;
  const formatter = createDayFormatter(language);
  formatters.set(language, formatter);
  return formatter;
}

/** `Monday 18 January 2027`. @param date must be valid. */
export function formatDate(date: LocalDate, language: Language = "en"): string {
  return dayFormatter(language)(localMidnight(date)).dayLabel;
}

/** `Monday` */
export function formatWeekday(weekday: Weekday, language: Language = "en"): string {
  // 1 January 2024 was a Monday.
  return dayFormatter(language)(Date.UTC(2024, 0, 1 + weekdays.indexOf(weekday))).weekday;
}

function createDayFormatter(language: Language): DayFormatter {
  const namesOf = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language, { ...options, timeZone: "UTC" });
  const weekdayNames = namesOf({ weekday: "long" });
  const monthNames = namesOf({ month: "long" });
  const days = new Map<LocalTime, FormattedDay>();

  return (midnight) => {
    const known = days.get(midnight);
    if (known !== undefined) return known;
    const local = new Date(midnight);
    const weekday = weekdayNames.format(local);
    const dayLabel = patterns[language]({
      weekday,
      day: local.getUTCDate(),
      month: monthNames.format(local),
      year: local.getUTCFullYear(),
    });
    const formatted = { date: toLocalDate(midnight), weekday, dayLabel };
    if (days.size >= maxDays) days.clear();
    days.set(midnight, formatted);
    return formatted;
  };
}
