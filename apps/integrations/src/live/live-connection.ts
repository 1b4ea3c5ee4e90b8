import type { PlacedMessage } from "./live-feed.ts";

/** One who watches, over whatever transport. */
export type LiveConnection = {
  send(message: PlacedMessage): void;
  close(): void;
  /** Aborted once it has ended, whoever has ended it. */
  readonly signal: AbortSignal;
};

/** What a transport asks at every heartbeat. */
export type Watched = {
  /** A connection doesn't outlive the session of who watches. */
  readonly isStillAllowed: () => Promise<boolean>;
  /** Up to where everything was sent that is to be sent. */
  readonly position: () => string;
};

/** What is sent of a message: `id` is what to go on from. */
export function toPayload({ id, event, data }: PlacedMessage) {
  return { id, event, data };
}
