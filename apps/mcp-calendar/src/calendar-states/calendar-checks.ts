import type { CalendarStateStore } from "@cita/token-store";
import type { FastifyBaseLogger } from "fastify";
import type { Calendar } from "../calendars/calendar.ts";
import { createFirstReading, type ReadFirst } from "./first-reading.ts";
import { createFindCalendarProblems, type FindCalendarProblems } from "./named-calendars.ts";
import { type CalendarWatch, createCalendarWatch, type WatchTiming } from "./watch-calendars.ts";

/** Whoever finds out whether calendars answer, where no agent has asked. */
export type CalendarChecks = {
  readonly readFirst: ReadFirst;
  readonly findCalendarProblems: FindCalendarProblems;
  /** A schedule names other calendars than before: what was wrong with one may be over. */
  onCalendarsChanged(customerId: string): Promise<void>;
  /** Undefined where nobody watches. */
  readonly watch: CalendarWatch | undefined;
};

export type CalendarChecksDeps = {
  calendar: Calendar;
  store: CalendarStateStore;
  findBusyCalendars: (customerId: string) => Promise<readonly string[]>;
  /** How many requests a minute the watch may send. */
  perMinute: number;
  watch: WatchTiming | undefined;
  logger: FastifyBaseLogger;
  now: () => number;
};

export function createCalendarChecks({ watch, ...deps }: CalendarChecksDeps): CalendarChecks {
  return {
    readFirst: createFirstReading(deps),
    findCalendarProblems: createFindCalendarProblems(deps),
    onCalendarsChanged: (customerId) => deps.store.makeDue({ customerId, provider: "google" }),
    watch: watch && createCalendarWatch({ ...deps, timing: watch }),
  };
}
