import { setImmediate as untilNextTurn } from "node:timers/promises";
import { createCatchUp } from "@cita/process";
import type { LiveConnection, Watched } from "./live-connection.ts";
import type { LiveFeed, LivePage, PlacedMessage } from "./live-feed.ts";

export type Following = {
  readonly feed: Pick<LiveFeed, "readAfter" | "subscribe">;
  /** Where to go on. */
  readonly after: string;
  /** Opens the connection, which is told where it stands. */
  readonly open: (watched: Pick<Watched, "position">) => LiveConnection;
  readonly isWanted: (message: PlacedMessage) => Promise<boolean>;
  readonly onFailure: (error: unknown) => void;
};

/** Tells a connection what is wanted of the feed, in order, until it ends. */
export function followFeed({ feed, after, open, isWanted, onFailure }: Following): LiveConnection {
  let cursor = after;
  const connection = open({ position: () => cursor });
  const { signal } = connection;

  async function sendPage({ messages, cursor: end }: LivePage): Promise<void> {
    // Of a page all is asked at once. Where that fails nothing was sent, and the page is decided anew.
    const wanted = await Promise.all(messages.map(isWanted));
    for (const [i, message] of messages.entries()) {
      if (wanted[i] === true) {
        const data = await message.readData();
        if (signal.aborted) return;
        connection.send({ id: message.id, event: message.event, data });
      }
      cursor = message.id;
    }
    cursor = end;
    await connection.ready();
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      const page = await feed.readAfter(cursor);
      if (page.cursor === cursor) return;
      await sendPage(page);
      // Others are served between two pages of somebody who is far behind.
      await untilNextTurn();
    }
  }

  const catchUp = createCatchUp({ run, onFailure, signal });
  const unsubscribe = feed.subscribe(() => void catchUp());
  signal.addEventListener("abort", unsubscribe);
  if (signal.aborted) unsubscribe();
  void catchUp();
  return connection;
}
