/**
 * Where each customer's calendar stands, kept beside the customers for lists and filters: following the calendar
 * service's events (here), what an event changes (`fold-event.ts`), and the tables (`customer-state-store.ts`). What is
 * shown of one customer is asked of the calendar service each time.
 */

import { type CalendarApiClient, CalendarApiError } from "@cita/calendar-api";
import { type BackgroundLoop, createBackgroundLoop, type Logger } from "@cita/process";
import type { CustomerStateStore } from "./customer-state-store.ts";

export type Follower = BackgroundLoop & {
  /** How many seconds ago all events there were had been read; null: not since the start. */
  secondsBehind(): number | null;
};

type Deps = {
  readonly store: CustomerStateStore;
  readonly calendarApi: Pick<CalendarApiClient, "events" | "connections">;
  readonly logger: Logger;
};

/** How long the calendar service keeps a request for events open. */
const waitSeconds = 25;
const maxEvents = 1_000;
/** The most that one request for summaries takes. */
const maxCustomers = 500;

const minPauseMs = 250;
const maxPauseMs = 10_000;
/** A failure is logged once, at the pause before which the calendar service may still have been starting. */
const loggedPauseMs = 2_000;

/**
 * Follows the events from the stored cursor. Without one, or where the calendar service refuses it, it begins with a
 * snapshot: the cursor of now, then the summaries of all customers, then the events after that cursor.
 */
export function createFollower({ store, calendarApi, logger }: Deps): Follower {
  let readAt: number | undefined;
  let pauseMs = minPauseMs;

  async function takeSnapshot(signal: AbortSignal): Promise<void> {
    const { cursor } = await calendarApi.events({}, signal);
    const snapshot = await store.beginSnapshot(cursor);
    for (let after = ""; !signal.aborted; ) {
      const ids = await store.customerIds(after, maxCustomers);
      const last = ids.at(-1);
      if (last === undefined) return store.completeSnapshot(snapshot);
      const summaries = await calendarApi.connections(ids, signal);
      if (!(await store.replace(snapshot, ids, summaries))) return;
      after = last;
    }
  }

  async function readNext(signal: AbortSignal): Promise<void> {
    const cursor = await store.cursor();
    if (cursor === undefined) return takeSnapshot(signal);
    const query = { after: cursor, wait: waitSeconds, limit: maxEvents };
    const page = await calendarApi.events(query, signal).catch(async (error: unknown) => {
      if (isRefusedCursor(error)) await store.forgetCursor(cursor);
      throw error;
    });
    if (page.cursor !== cursor) await store.apply(cursor, page);
    if (page.events.length < maxEvents) readAt = performance.now();
  }

  /** Each failure in a row doubles the pause. */
  function pauseAfter(err: unknown): number {
    if (isRefusedCursor(err)) {
      logger.warn(
        { err },
        "the calendar service's events go on from another place: all states are read anew",
      );
    } else if (pauseMs === loggedPauseMs) {
      logger.warn({ err }, "the calendar service's events can't be followed for now");
    }
    const current = pauseMs;
    pauseMs = Math.min(maxPauseMs, pauseMs * 2);
    return current;
  }

  const loop = createBackgroundLoop(async (stopping) => {
    try {
      await readNext(stopping);
      pauseMs = minPauseMs;
      return 0;
    } catch (err) {
      return stopping.aborted ? 0 : pauseAfter(err);
    }
  });

  return {
    ...loop,
    secondsBehind: () => (readAt === undefined ? null : (performance.now() - readAt) / 1_000),
  };
}

function isRefusedCursor(error: unknown): boolean {
  return (
    error instanceof CalendarApiError &&
    (error.code === "event_log_changed" || error.code === "invalid_cursor")
  );
}
