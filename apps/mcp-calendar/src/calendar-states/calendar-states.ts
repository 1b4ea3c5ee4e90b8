import { setTimeout as sleep } from "node:timers/promises";
import {
  type CalendarRecord,
  type CalendarStateStore,
  isCalendarTrouble,
  unknownCalendarState,
} from "@cita/token-store";
import type { FastifyBaseLogger } from "fastify";
import type { RecordActivity } from "../activity/recorder.ts";
import type { Reading } from "../calendars/google-calendar.ts";
import { explainState } from "./explain-state.ts";
import { judgeReading, type StateTiming } from "./judge-reading.ts";

/**
 * Whether each connected calendar answers, as its readings show: judged by `judge-reading.ts`, kept by the
 * token store, said by `explain-state.ts`. `watch-calendars.ts` reads those that nobody asks about.
 */
export type CalendarStates = {
  /** Notes how a reading has ended; a change is recorded once. It never fails, nor takes long. */
  noteReading(reading: Reading): Promise<void>;
};

export type CalendarStatesDeps = {
  store: Pick<CalendarStateStore, "find" | "replace">;
  /** The calendars that a customer's schedule names. */
  findBusyCalendars: (customerId: string) => Promise<readonly string[]>;
  record: RecordActivity;
  logger: FastifyBaseLogger;
  timing: StateTiming;
  now: () => number;
};

const provider = "google";

/** Whoever asked waits for it no longer: another program may hold the database's lock. */
const maxWaitMs = 200;

export function createCalendarStates(deps: CalendarStatesDeps): CalendarStates {
  const { store, findBusyCalendars, record, logger, timing, now } = deps;

  async function note(reading: Reading): Promise<void> {
    const { customerId } = reading.question;
    const before = await store.find({ customerId, provider });
    if (before === undefined || isOlder(reading, before.connectedAt.getTime(), now())) return;
    const namedCalendars = await findBusyCalendars(customerId);
    const after = judgeReading(before, { reading, namedCalendars, timing, now: now() });
    if (after === before || !(await store.replace(before, after))) return;
    if (isNews(before, after)) {
      const { name: state, calendar } = after.state;
      const message = explainState(after.state);
      const detail = { state, ...(calendar !== null && { calendar }), message };
      await record({ customerId, kind: "calendar_state_changed", detail });
    }
  }

  async function tryToNote(reading: Reading): Promise<void> {
    try {
      await note(reading);
    } catch (err) {
      // Whoever asked is answered all the same, and the next reading tries again.
      const customer_id = reading.question.customerId;
      logger.warn({ err, customer_id }, "the state of a calendar couldn't be kept");
    }
  }

  return {
    noteReading: (reading) => Promise.race([tryToNote(reading), sleep(maxWaitMs, undefined, { ref: false })]),
  };
}

/**
 * Whether it was read before the latest consent, when it was another connection's calendar. A consent that lies
 * ahead was noted by a clock that has been set back since, and says nothing.
 */
function isOlder({ readAt }: Reading, connectedAt: number, now: number): boolean {
  return readAt < connectedAt && connectedAt <= now;
}

/** That a calendar can be read for the first time is what everybody expects. */
function isNews(before: CalendarRecord, after: CalendarRecord): boolean {
  if (before.state === after.state) return false;
  return isCalendarTrouble(after.state) || before.state.name !== unknownCalendarState.name;
}
