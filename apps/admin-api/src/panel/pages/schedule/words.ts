import type { InAllLanguages } from "../../language.ts";
import type { NumberName, SwitchName } from "./form.ts";
import { english } from "./words-en.ts";
import { spanish } from "./words-es.ts";
import { portuguese } from "./words-pt.ts";

type FieldWords = { readonly label: string; readonly hint: string };

/** The texts of the schedule's editor: the type here, a table for each language beside it. */
export type ScheduleWords = {
  readonly sections: {
    readonly hours: FieldWords;
    readonly dates: FieldWords;
    readonly services: FieldWords;
    readonly limits: FieldWords;
    readonly pause: FieldWords;
    readonly calendar: FieldWords;
  };
  readonly numbers: Readonly<Record<NumberName, FieldWords>>;
  readonly switches: Readonly<Record<SwitchName, FieldWords>>;
  readonly timeZone: FieldWords;
  readonly language: FieldWords;
  readonly busyCalendars: FieldWords;
  readonly pausedUntil: FieldWords;
  readonly country: FieldWords;
  readonly region: FieldWords;
  readonly automatic: string;
  readonly noCountry: string;
  readonly languages: Readonly<Record<"es" | "en" | "pt", string>>;
  readonly closed: string;
  readonly opens: (place: string) => string;
  readonly closes: (place: string) => string;
  readonly addWindow: string;
  readonly removeWindow: (place: string) => string;
  readonly copyDay: string;
  readonly addDate: string;
  readonly date: string;
  readonly removeDate: string;
  readonly closedAllDay: string;
  readonly noDates: string;
  readonly service: {
    readonly id: FieldWords;
    readonly name: FieldWords;
    readonly price_text: FieldWords;
    readonly duration_minutes: FieldWords;
    readonly buffer_before_minutes: FieldWords;
    readonly buffer_after_minutes: FieldWords;
    readonly capacity: FieldWords;
  };
  readonly serviceNumber: (number: number) => string;
  readonly byDefault: string;
  readonly moreOfService: string;
  readonly addService: string;
  readonly removeService: string;
  readonly moveUp: string;
  readonly save: string;
  readonly saved: string;
  readonly notSaved: (count: number) => string;
  readonly unavailable: string;
  /** The answer is lost. */
  readonly mayBeSaved: string;
  readonly readOnly: string;
  readonly conflict: {
    readonly title: string;
    readonly text: string;
    readonly theirs: string;
    readonly yours: string;
    readonly what: string;
    readonly takenIn: string;
    readonly discard: string;
    readonly same: string;
  };
  readonly preview: {
    readonly title: string;
    readonly intro: string;
    /** Leads there on a phone. */
    readonly see: string;
    readonly update: string;
    readonly service: string;
    readonly waiting: string;
    readonly offered: (service: string, minutes: string) => string;
    readonly zone: string;
    readonly fix: string;
    readonly none: string;
    readonly more: (count: string) => string;
    readonly reasons: Readonly<Record<"closed" | "fully_booked" | "too_soon" | "too_far", string>>;
    readonly calendarErrors: Readonly<Record<string, string>>;
    readonly unavailable: string;
  };
};

export const scheduleWords: InAllLanguages<ScheduleWords> = { es: spanish, en: english, pt: portuguese };
