/** Below the time after which servers and proxies close a connection without any traffic. */
const heartbeatMs = 25_000;

/** Whoever knows who is signed in may be away for two minutes: a page that was told to go away wouldn't come back. */
const maxUnknownBeats = 5;

/** A reader that has fallen behind by this much is dropped: it connects again, and goes on from there. */
export const maxUnsentBytes = 256 * 1024;

/** How long a reader may take for what is to be read next. */
export const patienceMs = 20_000;

/** What a connection that stays open does now and then, whatever its transport. */
export type Heartbeat = {
  /** Whether whoever reads may go on: a connection doesn't outlive its session. */
  readonly isStillAllowed: () => Promise<boolean>;
  readonly onBeat: () => void;
  /** The session has ended. */
  readonly onEnded: () => void;
  /** For too long nobody could say. */
  readonly onUnknown: () => void;
};

/** @returns a function that stops it. */
export function startHeartbeat({ isStillAllowed, onBeat, onEnded, onUnknown }: Heartbeat): () => void {
  let unknown = 0;
  const timer = setInterval(async () => {
    const isAllowed = await isStillAllowed().catch(() => undefined);
    if (isAllowed === false) return onEnded();
    unknown = isAllowed === undefined ? unknown + 1 : 0;
    return unknown > maxUnknownBeats ? onUnknown() : onBeat();
  }, heartbeatMs).unref();
  return () => clearInterval(timer);
}
