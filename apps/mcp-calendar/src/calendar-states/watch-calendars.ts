import { setTimeout as sleep } from "node:timers/promises";
import type { CalendarStateStore, DueCalendar } from "@cita/token-store";
import type { FastifyBaseLogger } from "fastify";
import { type Calendar, CalendarError, shortSpan } from "../calendars/calendar.ts";
import { defaultStateTiming, nextCheck, type StateTiming } from "./judge-reading.ts";

/** Reads calendars that nobody has asked about for a while. */
export type CalendarWatch = {
  start(): void;
  /** Resolves when the readings under way have ended. */
  stop(): Promise<void>;
};

export type WatchTiming = StateTiming & {
  /** How often it is looked whether any calendar is due. */
  readonly roundMs: number;
};

export const defaultWatchTiming: WatchTiming = { ...defaultStateTiming, roundMs: 5_000 };

export type CalendarWatchDeps = {
  /** Its readings are noted, as everybody's. */
  calendar: Pick<Calendar, "readBusy">;
  store: Pick<CalendarStateStore, "takeDue" | "makeDue">;
  findBusyCalendars: (customerId: string) => Promise<readonly string[]>;
  /** How many requests it may send. */
  perMinute: number;
  logger: FastifyBaseLogger;
  timing: WatchTiming;
  now: () => number;
};

const provider = "google";
const minute = 60_000;

/** Of intervals until the next look: more than the clocks of several processes can differ by. */
const maxIntervals = 1.5;

const hour = 3_600_000;

/**
 * Notices a lost connection, and a calendar that doesn't answer any more, also where nobody calls. Several
 * processes share the work: what one has claimed is due for another only later. Where more are due than may be
 * asked for, the interval grows, and the log says so.
 */
export function createCalendarWatch(deps: CalendarWatchDeps): CalendarWatch {
  const { calendar, store, findBusyCalendars, perMinute, logger, timing, now } = deps;
  const stopping = new AbortController();
  const readings = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> = Promise.resolve();
  const budget = createAllowance(perMinute, timing.roundMs);
  const noteClaim = createFallingBehind(timing.checkAfterMs, logger);

  async function read({ customerId, state }: DueCalendar): Promise<void> {
    try {
      const calendars = await findBusyCalendars(customerId);
      budget.spend(calendars.length);
      const start = now();
      // The times that couldn't be read are read again; for a calendar without such times a minute will do.
      const isPast = state.span === null || state.span.end <= start;
      const span = isPast ? shortSpan(start) : state.span;
      await calendar.readBusy({ customerId, span, calendars });
    } catch (err) {
      // What Google says has been noted.
      if (err instanceof CalendarError) return;
      logger.warn({ err, customer_id: customerId }, "a calendar that nobody asks about couldn't be read");
    }
  }

  async function readDue(): Promise<void> {
    const limit = budget.left();
    if (limit < 1) return;
    const dueAgain = nextCheck({ now: now(), timing });
    const latestDue = new Date(now() + maxIntervals * timing.checkAfterMs);
    const claimed = await store.takeDue(provider, { limit, dueAgain, latestDue });
    noteClaim(claimed.length === limit);
    for (const one of claimed) {
      // Another process reads it then, or this one after its restart.
      if (stopping.signal.aborted) {
        await store.makeDue(one);
        continue;
      }
      const reading = read(one).finally(() => readings.delete(reading));
      readings.add(reading);
      // Spread over the round; stopping ends the wait.
      await sleep(timing.roundMs / claimed.length, undefined, { signal: stopping.signal }).catch(
        () => undefined,
      );
    }
  }

  return {
    start() {
      const next = async () => {
        round = readDue().catch((err: unknown) => logger.error({ err }, "no calendar could be watched"));
        await round;
        if (!stopping.signal.aborted) timer = setTimeout(next, timing.roundMs).unref();
      };
      // Not all processes in the same second.
      timer = setTimeout(next, Math.random() * timing.roundMs).unref();
    },
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      await round;
      await Promise.all(readings);
    },
  };
}

/** Requests, as they become allowed minute by minute; what wasn't used in a round is gone. */
function createAllowance(perMinute: number, roundMs: number) {
  const perRound = Math.max(1, (perMinute * roundMs) / minute);
  let allowed = perRound;
  let countedAt = performance.now();
  return {
    left(): number {
      const at = performance.now();
      allowed = Math.min(perRound, allowed + ((at - countedAt) / minute) * perMinute);
      countedAt = at;
      return Math.floor(allowed);
    },
    spend(requests: number): void {
      allowed -= requests;
    },
  };
}

/** Says now and then that more calendars are due than may be asked for, once it has been so for a whole interval. */
function createFallingBehind(intervalMs: number, logger: FastifyBaseLogger) {
  let since: number | undefined;
  let saidAt = Number.NEGATIVE_INFINITY;
  return (isFull: boolean) => {
    const at = performance.now();
    since = isFull ? (since ?? at) : undefined;
    if (since === undefined || at - since < intervalMs || at - saidAt < hour) return;
    saidAt = at;
    logger.warn(
      "more calendars are connected than a tenth of GOOGLE_PROJECT_QUOTA lets us look after: those that nobody asks about are read less often",
    );
  };
}
