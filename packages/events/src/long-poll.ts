import type { EventLog, EventPage } from "./event-log.ts";

export type EventQuery = {
  readonly after: string;
  readonly limit: number;
  /** How long to wait where there are no events. */
  readonly waitMs: number;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
};

/**
 * Reads the events after a cursor. Where there are none, waits for the first.
 * @returns a page without events when the time is over, or the signal is aborted while it waits.
 * @throws EventCursorError
 */
export async function pollEvents(
  log: Pick<EventLog, "readAfter" | "subscribe">,
  { after, limit, waitMs, signal }: EventQuery,
): Promise<EventPage> {
  let isOver = waitMs === 0 || signal.aborted;
  let woken = Promise.withResolvers<void>();
  const end = () => {
    isOver = true;
    woken.resolve();
  };
  // Before the first reading, so that an event between a reading and the waiting wakes.
  const unsubscribe = log.subscribe(() => woken.resolve());
  const timer = setTimeout(end, waitMs);
  signal.addEventListener("abort", end);
  try {
    for (let cursor = after; ; ) {
      woken = Promise.withResolvers();
      const page = await log.readAfter(cursor, limit);
      const isAtEnd = page.cursor === cursor;
      if (page.events.length > 0 || (isOver && isAtEnd)) return page;
      // Events that can't be read move the cursor, and are no reason to wait.
      if (isAtEnd) await woken.promise;
      // Whoever asked may have gone, and the database is closed next.
      if (signal.aborted) return { events: [], cursor: page.cursor };
      cursor = page.cursor;
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
    unsubscribe();
  }
}
