import { type Weekday, weekdays } from "./opening-hours.ts";
import { type LocalDate, type LocalTime, localMidnight, toLocalDate } from "./zone-clock.ts";

/** The languages in which dates are said. One more needs its pattern below. */
export const languages = ["es", "en", "pt"] as const;
export type Language = (typeof languages)[number];

/** A date, and how it is said. */
export type DayInWords = {
  readonly date: LocalDate;
  /** `Monday` */
  readonly weekday: string;
  /** `Monday 18 January 2027` */
  readonly dayLabel: string;
};

export type SayDay = (midnight: LocalTime) => DayInWords;

type DateParts = {
  readonly weekday: string;
  readonly day: number;
  readonly month: string;
  readonly year: number;
};

/** Patterns of our own, because ICU moves its commas from one release to the next. */
const patterns = {
  es: ({ weekday, day, month, year }) => `${weekday} ${day} de ${month} de ${year}`,
  en: ({ weekday, day, month, year }) => `${weekday} ${day} ${month} ${year}`,
  pt: ({ weekday, day, month, year }) => `${weekday}, ${day} de ${month} de ${year}`,
} satisfies Record<Language, (date: DateParts) => string>;

/** Days that are remembered in each language. */
const maxDays = 500;

/** One a language, made when somebody asks for it. A cache, not state: it follows from the language alone. */
const sayers = new Map<Language, SayDay>();

/** Says days in a language. */
export function daySayer(language: Language): SayDay {
  const known = sayers.get(language);
  if (known !== undefined) return known;
  const sayer = createDaySayer(language);
  sayers.set(language, sayer);
  return sayer;
}

/** `Monday 18 January 2027`. @param date must be valid. */
export function sayDate(date: LocalDate, language: Language = "en"): string {
  return daySayer(language)(localMidnight(date)).dayLabel;
}

/** `Monday` */
export function sayWeekday(weekday: Weekday, language: Language = "en"): string {
  // 1 January 2024 was a Monday.
  return daySayer(language)(Date.UTC(2024, 0, 1 + weekdays.indexOf(weekday))).weekday;
}

function createDaySayer(language: Language): SayDay {
  const name = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language, { ...options, timeZone: "UTC" });
  const weekdayName = name({ weekday: "long" });
  const monthName = name({ month: "long" });
  const days = new Map<LocalTime, DayInWords>();

  return (midnight) => {
    const known = days.get(midnight);
    if (known !== undefined) return known;
    const local = new Date(midnight);
    const weekday = weekdayName.format(local);
    const month = monthName.format(local);
    const dayLabel = patterns[language]({
      weekday,
      day: local.getUTCDate(),
      month,
      year: local.getUTCFullYear(),
    });
    const words = { date: toLocalDate(midnight), weekday, dayLabel };
    if (days.size >= maxDays) days.clear();
    days.set(midnight, words);
    return words;
  };
}
