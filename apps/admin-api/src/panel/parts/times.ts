import { type Html, html } from "@cita/http";
import type { Language } from "../language.ts";

const locales: Readonly<Record<Language, string>> = { es: "es-419", en: "en-GB", pt: "pt-BR" };

const units = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;

/** Since when, as people say it: "hace 3 horas". The exact time is the element's title. */
export function timeAgo(at: string, language: Language, now: number): Html {
  const seconds = Math.round((Date.parse(at) - now) / 1_000);
  const format = new Intl.RelativeTimeFormat(locales[language], { numeric: "auto" });
  const [unit, length] = units.find(([, length]) => Math.abs(seconds) >= length) ?? (["second", 1] as const);
  const text =
    unit === "second" ? format.format(0, "second") : format.format(Math.trunc(seconds / length), unit);
  return html`<time datetime="${at}" title="${formatTime(at, language, "UTC")} UTC">${text}</time>`;
}

/** A day and a time in a time zone: "lun, 18 ene 2027, 09:00". */
export function formatTime(at: string, language: Language, timeZone: string): string {
  return new Intl.DateTimeFormat(locales[language], {
    ...{ weekday: "short", day: "numeric", month: "short", year: "numeric" },
    ...{ hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone },
  }).format(new Date(at));
}

/** A moment as whoever looks at the page has it on their clock. */
export function formatForViewer(
  at: string,
  { language, timeZone }: { readonly language: Language; readonly timeZone: string | null },
): string {
  return timeZone === null ? `${formatTime(at, language, "UTC")} UTC` : formatTime(at, language, timeZone);
}

export function formatDay(at: string, language: Language, timeZone: string): string {
  return new Intl.DateTimeFormat(locales[language], {
    ...{ weekday: "long", day: "numeric", month: "long", timeZone },
  }).format(new Date(at));
}

export function formatNumber(value: number, language: Language): string {
  return new Intl.NumberFormat(locales[language]).format(value);
}

/** @param day in UTC, as `2027-01-18`. */
export function formatWeekday(day: string, language: Language): string {
  return new Intl.DateTimeFormat(locales[language], {
    weekday: "short",
    day: "numeric",
    timeZone: "UTC",
  }).format(new Date(day));
}
