import { type EventLog, type EventPage, readEvent, type StoredEvent } from "@cita/events";
import type { IntegrationStore } from "../integrations/integration.ts";
import { type LiveMessage, toLiveMessage } from "./live-message.ts";

/** A message and its place: whoever goes on from there misses and repeats nothing. */
export type PlacedMessage = LiveMessage & { readonly id: string };

export type LivePage = { readonly messages: readonly PlacedMessage[]; readonly cursor: string };

/** What happens to integrations, in order. All who watch are mostly at the same place, so each page is read once for all. */
export type LiveFeed = {
  now(): Promise<string>;
  /** The page after a place; its own cursor where there is nothing yet. @throws EventCursorError */
  readAfter(cursor: string): Promise<LivePage>;
  /** Calls back when there may be more. @returns a function that ends it. */
  subscribe(onMore: () => void): () => void;
};

type Deps = {
  readonly events: Pick<EventLog, "now" | "readAfter" | "cursorAfter" | "subscribe">;
  readonly integrations: Pick<IntegrationStore, "find">;
};

const pageSize = 100;

/** Those who catch up stand at different places. */
const maxPages = 64;

export function createLiveFeed({ events, integrations }: Deps): LiveFeed {
  const pages = new Map<string, Promise<LivePage>>();
  const listeners = new Set<() => void>();
  let unsubscribe: (() => void) | undefined;

  async function toMessage(event: StoredEvent): Promise<PlacedMessage[]> {
    const body = readEvent(event);
    if (body === undefined) return [];
    const { integration_id: id } = event.data;
    const integration = typeof id === "string" ? await integrations.find(id) : undefined;
    const message = toLiveMessage(body, event.customerId, integration);
    return message === undefined ? [] : [{ ...message, id: events.cursorAfter(event) }];
  }

  async function toPage({ events: read, cursor }: EventPage): Promise<LivePage> {
    const messages: PlacedMessage[] = [];
    for (const event of read) messages.push(...(await toMessage(event)));
    return { messages, cursor };
  }

  function wake(): void {
    // What was read before may have ended where there is more now.
    pages.clear();
    for (const listener of [...listeners]) listener();
  }

  return {
    now: () => events.now(),

    readAfter(cursor) {
      const known = pages.get(cursor);
      if (known !== undefined) return known;
      const page = events.readAfter(cursor, pageSize).then(toPage);
      const forget = () => {
        if (pages.get(cursor) === page) pages.delete(cursor);
      };
      // Whoever asked is told of a failure; the next one reads anew.
      page.catch(forget);
      const [oldest] = pages.keys();
      if (pages.size >= maxPages && oldest !== undefined) pages.delete(oldest);
      pages.set(cursor, page);
      return page;
    },

    subscribe(onMore) {
      const listener = () => onMore();
      listeners.add(listener);
      unsubscribe ??= events.subscribe(wake);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        unsubscribe?.();
        unsubscribe = undefined;
        pages.clear();
      };
    },
  };
}
