import { type EventLog, type EventPage, readEvent, type StoredEvent } from "@cita/events";
import { createCatchUp } from "@cita/process";
import type { IntegrationStore } from "../integrations/integration.ts";
import { type LiveMessage, toLiveMessage } from "./live-message.ts";

/** A message and its place: whoever goes on from there misses and repeats nothing. */
export type PlacedMessage = Pick<LiveMessage, "event" | "owner"> & {
  readonly id: string;
  /** With what is known now and events don't have. It is read once for all who want it. */
  readData(): Promise<LiveMessage["data"]>;
};

export type LivePage = { readonly messages: readonly PlacedMessage[]; readonly cursor: string };

/** What happens to integrations, in order. All who watch are mostly at the same place, so each page is read once for all. */
export type LiveFeed = {
  now(): Promise<string>;
  /** The page after a place; its own cursor where there is nothing yet. @throws EventCursorError */
  readAfter(cursor: string): Promise<LivePage>;
  /** Calls back where there is more, and once at the begin. @returns a function that ends it. */
  subscribe(onMore: () => void): () => void;
};

type Deps = {
  readonly events: Pick<EventLog, "now" | "readAfter" | "cursorAfter" | "subscribe">;
  readonly integrations: Pick<IntegrationStore, "find">;
  readonly onFailure: (error: unknown) => void;
};

const pageSize = 100;

/** Those who catch up stand at different places. */
const maxPages = 64;

export function createLiveFeed(deps: Deps): LiveFeed {
  const { events, onFailure } = deps;
  const pages = createPages(deps);
  const listeners = new Set<() => void>();
  /** Where the log ends, as far as those who listen were told; undefined: it isn't known yet. */
  let end: string | undefined;
  let stop: (() => void) | undefined;

  function begin(): () => void {
    const stopped = new AbortController();
    const catchUp = createCatchUp({
      async run() {
        const before = end;
        end ??= await events.now();
        for (let isRead = false; !isRead && !stopped.signal.aborted; ) {
          const page = await events.readAfter(end, pageSize);
          isRead = page.cursor === end;
          if (!isRead) pages.keep(end, page);
          end = page.cursor;
        }
        // Most commits are no events, and then nobody has to look.
        if (end !== before) for (const listener of [...listeners]) listener();
      },
      onFailure,
      signal: stopped.signal,
    });
    const unsubscribe = events.subscribe(() => void catchUp());
    void catchUp();
    return () => {
      stopped.abort();
      unsubscribe();
      end = undefined;
      pages.clear();
    };
  }

  return {
    now: () => events.now(),

    async readAfter(cursor) {
      return cursor === end ? { messages: [], cursor } : pages.read(cursor);
    },

    subscribe(onMore) {
      const listener = () => onMore();
      listeners.add(listener);
      stop ??= begin();
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        stop?.();
        stop = undefined;
      };
    },
  };
}

/** Pages that were read lately. None is empty: what comes after the last event is another page each time. */
function createPages({ events, integrations }: Deps) {
  const pages = new Map<string, Promise<LivePage>>();

  function toMessage(event: StoredEvent): PlacedMessage[] {
    const body = readEvent(event);
    const message = body && toLiveMessage(body, event.customerId);
    if (message === undefined) return [];
    const { integrationId } = message.data;
    let data: Promise<LiveMessage["data"]> | undefined;
    const read = async () =>
      message.complete(
        typeof integrationId === "string" ? await integrations.find(integrationId) : undefined,
      );
    return [
      {
        ...{ event: message.event, owner: message.owner, id: events.cursorAfter(event) },
        readData() {
          data ??= read();
          // Whoever comes next reads anew.
          data.catch(() => {
            data = undefined;
          });
          return data;
        },
      },
    ];
  }

  const toPage = ({ events: read, cursor }: EventPage): LivePage => ({
    messages: read.flatMap(toMessage),
    cursor,
  });

  function keep(cursor: string, page: Promise<LivePage>): void {
    const [oldest] = pages.keys();
    if (pages.size >= maxPages && oldest !== undefined) pages.delete(oldest);
    pages.set(cursor, page);
  }

  return {
    keep: (cursor: string, page: EventPage) => keep(cursor, Promise.resolve(toPage(page))),
    clear: () => pages.clear(),

    async read(cursor: string): Promise<LivePage> {
      const known = pages.get(cursor);
      if (known !== undefined) return known;
      const reading = events.readAfter(cursor, pageSize).then(toPage);
      keep(cursor, reading);
      const forget = () => {
        if (pages.get(cursor) === reading) pages.delete(cursor);
      };
      const page = await reading.catch((error: unknown) => {
        forget();
        throw error;
      });
      if (page.cursor === cursor) forget();
      return page;
    },
  };
}
