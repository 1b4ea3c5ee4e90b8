import { type CalendarRecord, type CalendarStateStore, unknownCalendarState } from "@cita/token-store";
import type { FastifyBaseLogger } from "fastify";
import type { RecordActivity } from "../activity/recorder.ts";
import type { Reading } from "../calendars/google-calendar.ts";
import { explainState } from "./explain-state.ts";
import { isTrouble, judgeReading, type StateTiming } from "./judge-reading.ts";

/**
 * Whether each connected calendar answers, as its readings show: judged by `judge-reading.ts`, kept by the
 * token store, said by `explain-state.ts`. `watch-calendars.ts` reads those that nobody asks about.
 */
export type CalendarStates = {
  /** Notes how a reading has ended; a change is recorded once. It never fails. */
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

export function createCalendarStates(deps: CalendarStatesDeps): CalendarStates {
  const { store, findBusyCalendars, record, logger, timing, now } = deps;

  async function note(reading: Reading): Promise<void> {
    const { customerId } = reading.question;
    const before = await store.find({ customerId, provider });
    // What was read before the latest consent was another connection's calendar.
    if (before === undefined || before.connectedAt.getTime() > reading.readAt) return;
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

  return {
    async noteReading(reading) {
      try {
        await note(reading);
      } catch (err) {
        // Whoever asked is answered all the same, and the next reading tries again.
        const customer_id = reading.question.customerId;
        logger.warn({ err, customer_id }, "the state of a calendar couldn't be kept");
      }
    },
  };
}

/** That a calendar can be read for the first time is what everybody expects. */
function isNews(before: CalendarRecord, after: CalendarRecord): boolean {
  if (before.state === after.state) return false;
  return isTrouble(after.state) || before.state.name !== unknownCalendarState.name;
}
