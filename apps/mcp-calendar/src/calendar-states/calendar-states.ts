/**
 * Whether each connected calendar answers, as its readings show: updating the state after a reading (here), deciding
 * what the reading changes (`apply-reading.ts`), explaining a state to the admin (`explain-state.ts`), and reading
 * calendars that no agent asks for (`calendar-checks.ts`, `calendar-watch.ts`). packages/token-store stores the states.
 * Whether a connection may be used at all is its `status`, which isn't decided here.
 */

import { setTimeout as sleep } from "node:timers/promises";
import type { NewEvent } from "@cita/events";
import type { Logger } from "@cita/process";
import {
  type CalendarRecord,
  type CalendarStateStore,
  isProblemState,
  unknownCalendarState,
} from "@cita/token-store";
import type { ProviderReading } from "../calendars/open-calendars.ts";
import { applyReading, isAsBefore, type StateTiming } from "./apply-reading.ts";

export type CalendarStates = {
  /**
   * Updates a calendar's state after a reading, and appends an event where it has changed. Never rejects, and ends within 200 ms.
   */
  update(reading: ProviderReading): Promise<void>;
};

export type CalendarStatesDeps = {
  store: Pick<CalendarStateStore, "find" | "replace">;
  /** The calendars that a customer's schedule names. */
  findBusyCalendars: (customerId: string) => Promise<readonly string[]>;
  logger: Logger;
  timing: StateTiming;
  now: () => number;
};

/** The reading's caller waits no longer than this, since another program may hold the database's lock. */
const maxWaitMs = 200;

export function createCalendarStates(deps: CalendarStatesDeps): CalendarStates {
  const { store, findBusyCalendars, logger, timing, now } = deps;

  async function update(reading: ProviderReading): Promise<void> {
    const { provider, question } = reading;
    const { customerId } = question;
    const before = await store.find({ customerId, provider });
    if (before === undefined || isOlder(reading, before.connectedAt.getTime(), now())) return;
    if (isAsBefore(before, { reading, timing, now: now() })) return;
    const namedCalendars = await findBusyCalendars(customerId);
    const after = applyReading(before, { reading, namedCalendars, timing, now: now() });
    if (after !== before) await store.replace(before, after, toEvent(before, after));
  }

  async function tryUpdate(reading: ProviderReading): Promise<void> {
    try {
      await update(reading);
    } catch (err) {
      // The next reading tries again.
      const customer_id = reading.question.customerId;
      logger.warn({ err, customer_id }, "the state of a calendar couldn't be kept");
    }
  }

  return {
    update: (reading) => Promise.race([tryUpdate(reading), sleep(maxWaitMs, undefined, { ref: false })]),
  };
}

/**
 * Whether the reading began before the latest consent, and so is another connection's. A consent in the future was
 * stored before the clock was set back, and doesn't count.
 */
function isOlder({ readAt }: ProviderReading, connectedAt: number, now: number): boolean {
  return readAt < connectedAt && connectedAt <= now;
}

/** @returns undefined where the calendar is as it was. */
function toEvent(
  before: CalendarRecord,
  { state, customerId, provider }: CalendarRecord,
): NewEvent | undefined {
  if (before.state === state) return undefined;
  const since = state.since?.toISOString() ?? null;
  if (!isProblemState(state) && before.state.name === unknownCalendarState.name)
    return since === null ? undefined : { customerId, kind: "calendar_answered", data: { provider, since } };
  const { name, reason, calendar } = state;
  const data = { provider, state: name, since, reason, one_calendar: calendar !== null };
  return { customerId, kind: "calendar_state_changed", data };
}
