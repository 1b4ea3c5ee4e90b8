import { type LocalDate, type LocalTime, toLocalDate } from "./zone-clock.ts";

const dateInAnyMonth = /^(19[7-9]|20\d|21\d)\d-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])$/;

/** A real calendar date written `YYYY-MM-DD`, from 1970 to 2199; undefined for anything else (`2027-02-30`). */
export function parseDate(text: string): LocalDate | undefined {
  // Every month has 28 days: only later ones have to be looked up.
  if (dateInAnyMonth.test(text)) return text;
  if (!/^(19[7-9]|20\d|21\d)\d-\d{2}-\d{2}$/.test(text)) return undefined;
  const time = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(time) || toLocalDate(time) !== text ? undefined : text;
}

export type ParsedTime =
  | { readonly kind: "instant"; readonly instant: number }
  /** No offset was written: a wall time, to be read in the business's zone. */
  | { readonly kind: "local"; readonly local: LocalTime };

const isoTime = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?$/;

/** An ISO 8601 date and time to the minute or second; undefined when the text isn't one or can't exist. */
export function parseTime(text: string): ParsedTime | undefined {
  const [, date = "", hours, minutes, seconds = "00", offset] = isoTime.exec(text) ?? [];
  if (parseDate(date) === undefined || Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) {
    return undefined;
  }
  const time = Date.parse(`${date}T${hours}:${minutes}:${seconds}${offset ?? "Z"}`);
  if (Number.isNaN(time)) return undefined;
  return offset === undefined ? { kind: "local", local: time } : { kind: "instant", instant: time };
}
