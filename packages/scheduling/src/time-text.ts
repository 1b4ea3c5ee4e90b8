import { type LocalDate, type LocalTime, toLocalDate, twoDigits, type ZoneClock } from "./zone-clock.ts";

/** An instant said so that nobody can get the day wrong. */
export type SpokenTime = {
  /** ISO 8601 with the business's offset: `2027-01-18T09:00:00-05:00`. */
  readonly iso: string;
  /** `Monday` */
  readonly weekday: string;
  /** `Monday 18 January 2027, 09:00` */
  readonly label: string;
};

const weekdayNames = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const monthNames = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

/** Says instants of one zone. What neighbours have in common, the date and the offset, is put into words once. */
export type TimeTeller = (instant: number) => SpokenTime;

export function createTimeTeller(clock: ZoneClock): TimeTeller {
  let told: { midnight: number; offset: number; offsetText: string; words: DayInWords } | undefined;
  return (instant) => {
    const offset = clock.offsetAt(instant);
    const local = instant + offset;
    const midnight = Math.floor(local / day) * day;
    if (told?.midnight !== midnight || told.offset !== offset) {
      told = { midnight, offset, offsetText: sayOffset(offset), words: sayDay(midnight) };
    }
    const { offsetText } = told;
    const { date, weekday, dayLabel } = told.words;
    const seconds = Math.floor((local - midnight) / 1_000);
    const clockTime = `${twoDigits(Math.floor(seconds / 3_600))}:${twoDigits(Math.floor(seconds / 60) % 60)}`;
    return {
      iso: `${date}T${clockTime}:${twoDigits(seconds % 60)}${offsetText}`,
      weekday,
      label: `${dayLabel}, ${clockTime}`,
    };
  };
}

export function sayTime(clock: ZoneClock, instant: number): SpokenTime {
  return createTimeTeller(clock)(instant);
}

type DayInWords = { readonly date: LocalDate; readonly weekday: string; readonly dayLabel: string };

/** Everybody asks about the same few days. */
const days = new Map<LocalTime, DayInWords>();
const mostDays = 500;

function sayDay(midnight: LocalTime): DayInWords {
  const known = days.get(midnight);
  if (known !== undefined) return known;
  if (days.size >= mostDays) days.clear();
  const words = writeDay(midnight);
  days.set(midnight, words);
  return words;
}

function writeDay(midnight: LocalTime): DayInWords {
  const local = new Date(midnight);
  const weekday = weekdayNames[local.getUTCDay()] ?? "";
  const month = monthNames[local.getUTCMonth()] ?? "";
  return {
    date: toLocalDate(midnight),
    weekday,
    dayLabel: `${weekday} ${local.getUTCDate()} ${month} ${local.getUTCFullYear()}`,
  };
}

function sayOffset(offset: number): string {
  const minutes = Math.round(Math.abs(offset) / 60_000);
  return `${offset < 0 ? "-" : "+"}${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
}

const day = 86_400_000;

const dateInAnyMonth = /^(19[7-9]|20\d|21\d)\d-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])$/;

/** A real calendar date written `YYYY-MM-DD`, or undefined (`2027-02-30`). Years that no appointment lies in are none. */
export function readDate(text: string): LocalDate | undefined {
  // Every month has 28 days: only later ones have to be looked up.
  if (dateInAnyMonth.test(text)) return text;
  if (!/^(19[7-9]|20\d|21\d)\d-\d{2}-\d{2}$/.test(text)) return undefined;
  const time = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(time) || toLocalDate(time) !== text ? undefined : text;
}

export type ReadTime =
  | { readonly kind: "instant"; readonly instant: number }
  /** No offset was written: a wall time, to be read in the business's zone. */
  | { readonly kind: "local"; readonly local: LocalTime };

const isoTime = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?$/;

/** An ISO 8601 date and time to the minute or second, or undefined when it isn't one or can't exist. */
export function readTime(text: string): ReadTime | undefined {
  const [, date = "", hours, minutes, seconds = "00", offset] = isoTime.exec(text) ?? [];
  if (readDate(date) === undefined || Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) {
    return undefined;
  }
  const time = Date.parse(`${date}T${hours}:${minutes}:${seconds}${offset ?? "Z"}`);
  if (Number.isNaN(time)) return undefined;
  return offset === undefined ? { kind: "local", local: time } : { kind: "instant", instant: time };
}
