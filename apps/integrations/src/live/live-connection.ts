import type { PlacedMessage } from "./live-feed.ts";

/** One who watches, over whatever transport. */
export type LiveConnection = {
  send(message: SentMessage): void;
  /** Resolves once what was sent is mostly read. A reader that takes too long is dropped. */
  ready(): Promise<void>;
  close(): void;
  /** Aborted once it has ended, whoever has ended it. */
  readonly signal: AbortSignal;
};

/** `id` is what to go on from. */
export type SentMessage = Pick<PlacedMessage, "id" | "event"> & {
  readonly data: Readonly<Record<string, unknown>>;
};

/** What a transport asks now and then. */
export type Watched = {
  /** A connection doesn't outlive the session of who watches. */
  readonly isStillAllowed: () => Promise<boolean>;
  /** Up to where everything was sent that is to be sent, which it says at its begin and now and then. */
  readonly position: () => string;
};
