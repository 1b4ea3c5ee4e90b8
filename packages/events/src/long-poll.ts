import type { EventLog, EventPage } from "./event-log.ts";

export type EventQuery = {
  readonly after: string;
  readonly limit: number;
  /** How long to wait where there are no events. */
  readonly waitMs: number;
  /** Ends the waiting: what there is by then is returned. */
  readonly signal: AbortSignal;
};

/**
 * Reads the events after a cursor. Where there are none, waits for the first.
 * @returns a page without events when the time is over.
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
    for (;;) {
      woken = Promise.withResolvers();
      const page = await log.readAfter(after, limit);
      if (page.events.length > 0 || isOver) return page;
      await woken.promise;
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
    unsubscribe();
  }
}
