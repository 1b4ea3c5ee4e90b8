import { setTimeout as sleep } from "node:timers/promises";
import { type BackgroundLoop, createBackgroundLoop, type Logger } from "@cita/process";
import { hourMs, minuteMs } from "@cita/scheduling";
import type { CalendarStateStore, DueCalendar } from "@cita/token-store";
import { type Calendar, CalendarError, shortSpan } from "../calendars/calendar.ts";
import type { ChecksLimit } from "../calendars/provider-calendar.ts";
import { defaultStateTiming, nextCheck, type StateTiming } from "./apply-reading.ts";

export type WatchTiming = StateTiming & {
  /** The time between two rounds, each of which reads the calendars that are due. */
  readonly roundMs: number;
};

export const defaultWatchTiming: WatchTiming = { ...defaultStateTiming, roundMs: 5_000 };

export type CalendarWatchDeps = {
  /** Whose calendars are watched. */
  provider: string;
  /** Readings through it update the states. */
  calendar: Pick<Calendar, "readBusy">;
  store: Pick<CalendarStateStore, "takeDue" | "makeDue">;
  findBusyCalendars: (customerId: string) => Promise<readonly string[]>;
  /** How many requests it may send, with the watches of all other instances. */
  limit: ChecksLimit;
  countInstances: () => number;
  logger: Logger;
  timing: WatchTiming;
  now: () => number;
};

/** A check due later than this many intervals from now was scheduled by a clock that was ahead. */
const maxIntervals = 1.5;

/**
 * Detects lost connections and calendars that don't answer, where no agent calls. Processes share the work: a calendar
 * that one has taken isn't due for the others. Where more calendars are due than requests are allowed, the interval
 * grows, and a warning is logged.
 */
export function createCalendarWatch(deps: CalendarWatchDeps): BackgroundLoop {
  const { provider, calendar, store, findBusyCalendars, limit, countInstances, logger, timing, now } = deps;
  const readings = new Set<Promise<void>>();
  const budget = createRoundBudget(() => limit.perMinute / countInstances(), timing.roundMs);
  const warnOfLag = createLagWarning(timing.checkAfterMs, deps);

  async function read({ customerId, state }: DueCalendar): Promise<void> {
    try {
      const calendars = await findBusyCalendars(customerId);
      budget.spend(calendars.length);
      const start = now();
      // The span that couldn't be read is read again. Without such a span one minute is enough.
      const isPast = state.span === null || state.span.end <= start;
      const span = isPast ? shortSpan(start) : state.span;
      await calendar.readBusy({ customerId, span, calendars });
    } catch (err) {
      // The failed reading has updated the state.
      if (err instanceof CalendarError) return;
      logger.warn({ err, customer_id: customerId }, "a calendar that nobody asks about couldn't be read");
    }
  }

  async function readDue(stopping: AbortSignal): Promise<void> {
    const left = budget.left();
    if (left < 1) return;
    const dueAgain = nextCheck({ now: now(), timing });
    const latestDue = new Date(now() + maxIntervals * timing.checkAfterMs);
    const due = await store.takeDue(provider, { limit: left, dueAgain, latestDue });
    warnOfLag(due.length === left);
    for (const one of due) {
      // Left to another process, or to this one after its restart.
      if (stopping.aborted) {
        await store.makeDue(one);
        continue;
      }
      const reading = read(one).finally(() => readings.delete(reading));
      readings.add(reading);
      // Spread over the round; stopping ends the wait.
      await sleep(timing.roundMs / due.length, undefined, { signal: stopping }).catch(() => undefined);
    }
  }

  // The first round is at a random moment: not all processes in the same second.
  const loop = createBackgroundLoop(async (stopping) => {
    await readDue(stopping).catch((err: unknown) => logger.error({ err }, "no calendar could be watched"));
    return timing.roundMs;
  }, Math.random() * timing.roundMs);

  return {
    start: loop.start,
    async stop() {
      await loop.stop();
      await Promise.all(readings);
    },
  };
}

/** The requests that a round may send. What a round doesn't use is not carried over. */
function createRoundBudget(perMinute: () => number, roundMs: number) {
  const perRound = () => Math.max(1, (perMinute() * roundMs) / minuteMs);
  let allowed = perRound();
  let countedAt = performance.now();
  return {
    left(): number {
      const at = performance.now();
      allowed = Math.min(perRound(), allowed + ((at - countedAt) / minuteMs) * perMinute());
      countedAt = at;
      return Math.floor(allowed);
    },
    spend(requests: number): void {
      allowed -= requests;
    },
  };
}

/** Warns at most once an hour that every round of the last interval was full, so that more is due than allowed. */
function createLagWarning(
  intervalMs: number,
  { limit, logger }: Pick<CalendarWatchDeps, "limit" | "logger">,
) {
  let since: number | undefined;
  let warnedAt = Number.NEGATIVE_INFINITY;
  return (isFull: boolean) => {
    const at = performance.now();
    since = isFull ? (since ?? at) : undefined;
    if (since === undefined || at - since < intervalMs || at - warnedAt < hourMs) return;
    warnedAt = at;
    logger.warn(
      `more calendars are connected than a tenth of ${limit.variable} lets us look after: those that nobody asks about are read less often`,
    );
  };
}
