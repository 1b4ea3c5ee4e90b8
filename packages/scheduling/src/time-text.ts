import { type DayInWords, daySayer, type Language } from "./day-words.ts";
import { type LocalDate, type LocalTime, toLocalDate, twoDigits, type ZoneClock } from "./zone-clock.ts";

/** An instant said so that nobody can get the day wrong, in the words of a language. */
export type SpokenTime = {
  /** ISO 8601 with the business's offset: `2027-01-18T09:00:00-05:00`. */
  readonly iso: string;
  /** `Monday` */
  readonly weekday: string;
  /** `Monday 18 January 2027, 09:00` */
  readonly label: string;
};

/** Says instants of one zone. What neighbours have in common, the date and the offset, is put into words once. */
export type TimeTeller = (instant: number) => SpokenTime;

export function createTimeTeller(clock: ZoneClock, language: Language = "en"): TimeTeller {
  const sayDay = daySayer(language);
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

export function sayTime(clock: ZoneClock, instant: number, language: Language = "en"): SpokenTime {
  return createTimeTeller(clock, language)(instant);
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
