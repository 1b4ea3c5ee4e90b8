import { setTimeout as sleep } from "node:timers/promises";
import type { BackgroundLoop, Logger } from "@cita/process";
import type { CalendarObstacle, CalendarStateStore } from "@cita/token-store";
import { type Calendar, CalendarError, type CalendarProblem, shortSpan } from "../calendars/calendar.ts";
import type { OpenCalendars } from "../calendars/open-calendars.ts";
import { createCalendarWatch, type WatchTiming } from "./calendar-watch.ts";
import type { FindObstacle } from "./explain-state.ts";

/** Reads calendars that no agent has asked for, to learn whether they answer. */
export type CalendarChecks = {
  /**
   * Reads a calendar that has just been connected. Never rejects, and ends within 4 seconds.
   * @returns what keeps it from being used, where that won't pass by itself.
   */
  readFirst(customerId: string): Promise<CalendarProblem | undefined>;
  /**
   * Reads each calendar that a schedule is to name, once. Never rejects.
   * @returns a problem for each calendar that the account can't read; none where nothing is connected or the provider
   * doesn't answer within 4 seconds, since later readings show it then.
   */
  findCalendarProblems(customerId: string, calendars: readonly string[]): Promise<string[]>;
  /** To be called where a schedule names other calendars than before: the calendar with the problem may be gone. */
  onCalendarsChanged(customerId: string): Promise<void>;
  /** One for each provider; none where calendars aren't watched. */
  readonly watches: readonly BackgroundLoop[];
};

export type CalendarChecksDeps = {
  calendars: Pick<OpenCalendars, "calendarForChecks" | "providers">;
  store: CalendarStateStore;
  /** The provider of a customer's connection; undefined: there is none. */
  findProvider: (customerId: string) => Promise<string | undefined>;
  findBusyCalendars: (customerId: string) => Promise<readonly string[]>;
  watch: WatchTiming | undefined;
  countInstances: () => number;
  logger: Logger;
  now: () => number;
};

/** A person waits for a page, or an admin's system for a response. */
const maxWaitMs = 4_000;

export function createCalendarChecks({ watch, ...options }: CalendarChecksDeps): CalendarChecks {
  const { calendars, store, findProvider } = options;
  const deps: CheckDeps = { ...options, calendar: calendars.calendarForChecks };
  return {
    readFirst: (customerId) => Promise.race([readFirst(deps, customerId), afterMaxWait(undefined)]),
    findCalendarProblems: async (customerId, ids) =>
      ids.length === 0 ? [] : Promise.race([findProblems(deps, customerId, ids), afterMaxWait([])]),
    async onCalendarsChanged(customerId) {
      const provider = await findProvider(customerId);
      if (provider !== undefined) await store.makeDue({ customerId, provider });
    },
    watches: watch === undefined ? [] : createWatches(options, watch),
  };
}

type TryingDeps = {
  checks: Pick<CalendarChecks, "readFirst">;
  findConnection: (customerId: string) => Promise<{ readonly provider: string } | undefined>;
  findObstacle: FindObstacle;
};

/** `readFirst`, in words that hold for every provider. */
export function createTryConnection({ checks, findConnection, findObstacle }: TryingDeps) {
  return async (customerId: string): Promise<CalendarObstacle | undefined> => {
    const problem = await checks.readFirst(customerId);
    return problem && findObstacle((await findConnection(customerId))?.provider ?? "", problem);
  };
}

function afterMaxWait<T>(result: T): Promise<T> {
  return sleep(maxWaitMs, result, { ref: false });
}

function createWatches(
  { calendars, ...deps }: Omit<CalendarChecksDeps, "watch">,
  timing: WatchTiming,
): BackgroundLoop[] {
  return [...calendars.providers].map(([provider, { calendarForChecks, checksLimit }]) =>
    createCalendarWatch({ ...deps, provider, calendar: calendarForChecks, limit: checksLimit, timing }),
  );
}

type CheckDeps = Pick<CalendarChecksDeps, "findBusyCalendars" | "logger" | "now"> & { calendar: Calendar };

async function readFirst(
  { calendar, findBusyCalendars, logger, now }: CheckDeps,
  customerId: string,
): Promise<CalendarProblem | undefined> {
  try {
    const calendars = await findBusyCalendars(customerId);
    await calendar.readBusy({ customerId, span: shortSpan(now()), calendars });
  } catch (err) {
    const problem = err instanceof CalendarError ? err.problem : undefined;
    if (problem?.lasts) return problem;
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
    const failures = await calendar.findFailures(customerId, calendars);
    return calendars
      .filter((id) => isAbsent(id, failures.get(id)))
      .map((id) => `busy_calendars: there is no calendar ${id} that this account may read`);
  } catch (err) {
    logger.warn({ err, customer_id: customerId }, "the calendars of a schedule couldn't be looked at");
    return [];
  }
}

/** Whether the account has no such calendar. Problems of the whole account, and those that may pass, don't show it. */
function isAbsent(calendar: string, error: CalendarError | undefined): boolean {
  const problem = error?.problem;
  if (problem?.lasts !== true || problem.calendar !== calendar) return false;
  return problem.name === "not_found" || problem.name === "refused";
}
