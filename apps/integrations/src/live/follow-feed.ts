import { createCatchUp } from "@cita/process";
import type { LiveConnection, Watched } from "./live-connection.ts";
import type { LiveFeed, PlacedMessage } from "./live-feed.ts";

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

  /** A failure midway goes on after the last message that was decided about. */
  async function run(): Promise<void> {
    for (let isAtEnd = false; !isAtEnd && !signal.aborted; ) {
      const page = await feed.readAfter(cursor);
      isAtEnd = page.cursor === cursor;
      for (const message of page.messages) {
        const wanted = await isWanted(message);
        if (signal.aborted) return;
        cursor = message.id;
        if (wanted) connection.send(message);
      }
      cursor = page.cursor;
    }
  }

  const catchUp = createCatchUp({ run, onFailure, signal });
  const unsubscribe = feed.subscribe(() => void catchUp());
  signal.addEventListener("abort", unsubscribe);
  if (signal.aborted) unsubscribe();
  void catchUp();
  return connection;
}
