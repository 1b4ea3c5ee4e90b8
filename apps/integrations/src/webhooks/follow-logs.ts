/** From the logs of this service and of the calendar service into deliveries: each event once, whichever instance reads it. */

import { type CalendarApiClient, CalendarApiError } from "@cita/calendar-api";
import { EventCursorError, type EventLog, pollEvents } from "@cita/events";
import { type BackgroundLoop, createBackgroundLoop, type Logger } from "@cita/process";
import type { MessageStore } from "./message-store.ts";
import { type LoggedEvent, type PublicEvent, toPublicEvent } from "./to-public-event.ts";

/** A log that is read from where it was left. */
export type LogSource = {
  readonly name: string;
  /** The cursor after the last event there is. */
  now(signal: AbortSignal): Promise<string>;
  /** Where to read on where a cursor was refused, since the log is another one by now, or is called otherwise. */
  resume(cursor: string, signal: AbortSignal): Promise<string>;
  /** Waits for events behind a cursor, for a while. @returns the same cursor where there were none. */
  read(
    cursor: string,
    signal: AbortSignal,
  ): Promise<{ readonly events: readonly LoggedEvent[]; readonly cursor: string }>;
};

const waitSeconds = 25;
/** Of one transaction. */
const maxEvents = 200;

export function ownLog(log: Pick<EventLog, "now" | "renamed" | "readAfter" | "subscribe">): LogSource {
  return {
    name: "integrations",
    now: () => log.now(),
    // The cursor was copied with the log.
    resume: async (cursor) => log.renamed(cursor),
    read: (after, signal) =>
      pollEvents(log, { after, signal, limit: maxEvents, waitMs: waitSeconds * 1_000 }),
  };
}

export function calendarLog({ events }: Pick<CalendarApiClient, "events">): LogSource {
  const now: LogSource["now"] = async (signal) => (await events({}, signal)).cursor;
  return {
    name: "mcp-calendar",
    now,
    resume: (_cursor, signal) => now(signal),
    async read(after, signal) {
      const page = await events({ after, wait: waitSeconds, limit: maxEvents }, signal);
      return {
        cursor: page.cursor,
        events: page.events.map(({ customer_id: customerId, ...event }) => ({ ...event, customerId })),
      };
    },
  };
}

const minPauseMs = 250;
const maxPauseMs = 10_000;
/** A failure is logged once, at the pause before which the other service may still have been starting. */
const loggedPauseMs = 2_000;

type Deps = {
  readonly source: LogSource;
  readonly messages: Pick<MessageStore, "cursor" | "begin" | "beginAnew" | "store">;
  readonly logger: Logger;
};

/** Follows a log as long as the service runs. Without a stored cursor it begins with what happens from now on. */
export function createFollower({ source, messages, logger }: Deps): BackgroundLoop {
  const readNext = createReader({ source, messages, logger });
  let pauseMs = minPauseMs;
  return createBackgroundLoop(async (stopping) => {
    try {
      await readNext(stopping);
      pauseMs = minPauseMs;
      return 0;
    } catch (err) {
      if (stopping.aborted) return 0;
      if (pauseMs === loggedPauseMs)
        logger.warn({ err, log: source.name }, "a log's events can't be told to webhooks for now");
      const current = pauseMs;
      // Each failure in a row doubles the pause.
      pauseMs = Math.min(maxPauseMs, pauseMs * 2);
      return current;
    }
  });
}

/** So many events that concern nobody are passed over in memory, before their place is stored. */
const maxPassedOver = 1_000;

type Position = {
  /** Which others compare with. */
  readonly stored: string;
  /** Between `stored` and this one is nothing that concerns anybody. */
  readonly read: string;
  readonly passedOver: number;
};

function createReader({ source, messages, logger }: Deps): (signal: AbortSignal) => Promise<void> {
  let position: Position | undefined;

  async function findPosition(signal: AbortSignal): Promise<Position> {
    const cursor = (await messages.cursor(source.name)) ?? (await begin(signal));
    return { stored: cursor, read: cursor, passedOver: 0 };
  }

  async function begin(signal: AbortSignal): Promise<string> {
    const cursor = await source.now(signal);
    await messages.begin(source.name, cursor);
    // Of several instances one has begun.
    return (await messages.cursor(source.name)) ?? cursor;
  }

  async function beginAnew(from: string, signal: AbortSignal, err: unknown): Promise<void> {
    position = undefined;
    await messages.beginAnew(source.name, from, await source.resume(from, signal));
    logger.warn(
      { err, log: source.name },
      "a log is another one than before: where it is another service's, webhooks are told what happens from now on",
    );
  }

  return async (signal) => {
    position ??= await findPosition(signal);
    const { stored, read, passedOver } = position;
    const page = await source.read(read, signal).catch(async (error: unknown) => {
      if (!isRefusedCursor(error)) throw error;
      await beginAnew(stored, signal, error);
    });
    if (page === undefined || page.cursor === read) return;
    const events = page.events
      .map(toPublicEvent)
      .filter((event): event is PublicEvent => event !== undefined);
    const passed = passedOver + page.events.length;
    if (events.length === 0 && passed < maxPassedOver) {
      position = { stored, read: page.cursor, passedOver: passed };
      return;
    }
    const isStored = await messages.store({ source: source.name, from: stored, to: page.cursor, events });
    // Another instance has read on from there.
    position = isStored ? { stored: page.cursor, read: page.cursor, passedOver: 0 } : undefined;
  };
}

function isRefusedCursor(error: unknown): boolean {
  const isOfLog = error instanceof EventCursorError || error instanceof CalendarApiError;
  return isOfLog && (error.code === "event_log_changed" || error.code === "invalid_cursor");
}
