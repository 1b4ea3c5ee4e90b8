import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@cita/process";
import type { CalendarStateStore } from "@cita/token-store";
import { type Calendar, CalendarError, type CalendarTrouble, shortSpan } from "../calendars/calendar.ts";
import { type CalendarWatch, createCalendarWatch, type WatchTiming } from "./calendar-watch.ts";

/** Finds out whether calendars answer, where no agent has asked. */
export type CalendarChecks = {
  /**
   * Reads a calendar that has just been connected. Never rejects, and ends within 4 seconds.
   * @returns what keeps it from being used, where that won't pass by itself.
   */
  readFirst(customerId: string): Promise<CalendarTrouble | undefined>;
  /**
   * What is wrong with calendars that a schedule is to name: each is asked once. Where nothing is connected, or the
   * provider doesn't answer within 4 seconds, nothing is: later readings show whether they answer. Never rejects.
   */
  findCalendarProblems(customerId: string, calendars: readonly string[]): Promise<string[]>;
  /** To be called where a schedule names other calendars than before: the trouble of one may be over. */
  onCalendarsChanged(customerId: string): Promise<void>;
  /** Undefined where calendars aren't watched. */
  readonly watch: CalendarWatch | undefined;
};

export type CalendarChecksDeps = {
  calendar: Calendar;
  store: CalendarStateStore;
  findBusyCalendars: (customerId: string) => Promise<readonly string[]>;
  /** How many requests the watch may send a minute. */
  perMinute: number;
  watch: WatchTiming | undefined;
  logger: Logger;
  now: () => number;
};

/** A person waits at a page, or an admin's system for its answer. */
const maxWaitMs = 4_000;

export function createCalendarChecks({ watch, ...deps }: CalendarChecksDeps): CalendarChecks {
  return {
    readFirst: (customerId) => Promise.race([readFirst(deps, customerId), late(undefined)]),
    findCalendarProblems: async (customerId, calendars) =>
      calendars.length === 0 ? [] : Promise.race([findProblems(deps, customerId, calendars), late([])]),
    onCalendarsChanged: (customerId) => deps.store.makeDue({ customerId, provider: "google" }),
    watch: watch && createCalendarWatch({ ...deps, timing: watch }),
  };
}

function late<T>(answer: T): Promise<T> {
  return sleep(maxWaitMs, answer, { ref: false });
}

type CheckDeps = Omit<CalendarChecksDeps, "watch">;

async function readFirst(
  { calendar, findBusyCalendars, logger, now }: CheckDeps,
  customerId: string,
): Promise<CalendarTrouble | undefined> {
  try {
    const calendars = await findBusyCalendars(customerId);
    await calendar.readBusy({ customerId, span: shortSpan(now()), calendars });
  } catch (err) {
    const trouble = err instanceof CalendarError ? err.trouble : undefined;
    if (trouble?.lasts) return trouble;
    logger.warn({ err, customer_id: customerId }, "a calendar couldn't be read right after its consent");
  }
  return undefined;
}

async function findProblems(
  { calendar, logger }: CheckDeps,
  customerId: string,
  calendars: readonly string[],
): Promise<string[]> {
  try {
    const troubles = await calendar.findTroubles(customerId, calendars);
    return calendars
      .filter((id) => isAbsent(id, troubles.get(id)))
      .map((id) => `busy_calendars: there is no calendar ${id} that this account may read`);
  } catch (err) {
    logger.warn({ err, customer_id: customerId }, "the calendars of a schedule couldn't be looked at");
    return [];
  }
}

/** A trouble of the whole account, or one that may pass, says nothing about the calendar's name. */
function isAbsent(calendar: string, error: CalendarError | undefined): boolean {
  const trouble = error?.trouble;
  if (trouble?.lasts !== true || trouble.calendar !== calendar) return false;
  return trouble.name === "not_found" || trouble.name === "refused";
}
