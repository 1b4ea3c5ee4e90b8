import type { OpeningWindow } from "@cita/scheduling";
import { toInstant } from "../../parts/wall-times.ts";
import {
  byWeekday,
  fromNames,
  numberNames,
  type ScheduleForm,
  type ServiceForm,
  serviceNumbers,
  serviceTexts,
  switchNames,
} from "./form.ts";

/** The fields of a form by name, the last of each. Fields are named as the API names what is wrong: `services.0.name`. */
export type Fields = ReadonlyMap<string, string>;

export function readFields(body: unknown): Fields {
  const fields = typeof body === "object" && body !== null ? Object.entries(body) : [];
  return new Map(fields.map(([name, value]) => [name, String([value].flat().at(-1) ?? "")]));
}

/** What was typed, as it was typed. Rows are numbered anew, since some may have been removed. */
export function readForm(fields: Fields): ScheduleForm {
  const text = (name: string) => fields.get(name) ?? "";
  return {
    ...{ time_zone: text("time_zone"), language: text("language"), paused_until: text("paused_until") },
    weekly_hours: byWeekday((day) => readWindows(fields, `weekly_hours.${day}`)),
    date_overrides: rowsOf(fields, "date_overrides").map((row) => ({
      date: text(`${row}.date`),
      windows: readWindows(fields, `${row}.windows`),
    })),
    holidays: { country: text("holidays.country"), region: text("holidays.region") },
    services: rowsOf(fields, "services").map((row) =>
      fromNames([...serviceTexts, ...serviceNumbers], (name) => text(`${row}.${name}`)),
    ),
    numbers: fromNames(numberNames, text),
    busy_calendars: text("busy_calendars"),
    switches: fromNames(switchNames, (name) => fields.has(name)),
  };
}

function readWindows(fields: Fields, list: string): OpeningWindow[] {
  return rowsOf(fields, list).map((row) => ({
    start: fields.get(`${row}.start`) ?? "",
    end: fields.get(`${row}.end`) ?? "",
  }));
}

/** The rows of a list, in order: `services.0`, `services.3`. */
function rowsOf(fields: Fields, list: string): string[] {
  const indexes = new Set<number>();
  for (const name of fields.keys()) {
    if (!name.startsWith(`${list}.`)) continue;
    const [index = ""] = name.slice(list.length + 1).split(".");
    if (/^\d{1,4}$/.test(index)) indexes.add(Number(index));
  }
  return [...indexes].sort((a, b) => a - b).map((index) => `${list}.${index}`);
}

/**
 * The form as the body of a request. What can't be read stays as it was typed, so that the API says what is wrong with it.
 * @param timeZone the business's where the form names none.
 */
export function toBody(form: ScheduleForm, timeZone: string): Record<string, unknown> {
  const { holidays, time_zone, language, busy_calendars } = form;
  return {
    ...{ time_zone: orNull(time_zone), language: orNull(language) },
    weekly_hours: byWeekday((day) => form.weekly_hours[day].map(toWindow)),
    date_overrides: form.date_overrides.map(({ date, windows }) => ({
      date,
      windows: windows.map(toWindow),
    })),
    holidays: {
      country: orNull(holidays.country.toUpperCase()),
      ...(holidays.region.trim() !== "" && { region: holidays.region.trim() }),
    },
    services: form.services.map(toService),
    ...fromNames(numberNames, (name) => toNumber(form.numbers[name], name.startsWith("max_") ? null : "")),
    paused_until: toPause(form.paused_until.trim(), orNull(time_zone) ?? timeZone),
    busy_calendars: busy_calendars.split(/[\r\n]+/).flatMap((line) => orNull(line) ?? []),
    ...form.switches,
  };
}

function orNull(text: string): string | null {
  return text.trim() === "" ? null : text.trim();
}

/** Midnight as an end is the end of the day. */
function toWindow({ start, end }: OpeningWindow): OpeningWindow {
  return { start: start.slice(0, 5), end: end.startsWith("00:00") ? "24:00" : end.slice(0, 5) };
}

function toService(service: ServiceForm): Record<string, unknown> {
  const { id, name, price_text } = service;
  return {
    ...{ id: id.trim(), name },
    ...(price_text.trim() !== "" && { price_text }),
    ...fromNames(serviceNumbers, (number) => toNumber(service[number], "")),
  };
}

function toNumber<Empty>(text: string, empty: Empty): number | string | Empty {
  if (text.trim() === "") return empty;
  return /^-?\d{1,9}$/.test(text.trim()) ? Number(text) : text;
}

/** What isn't a time is sent as it was typed: the service says what is wrong with it. */
function toPause(text: string, timeZone: string): string | null {
  return text === "" ? null : (toInstant(text, timeZone) ?? text);
}
