/** Caps the provider's `Retry-After`, so that one response can't block anybody for a day. */
const maxPauseMs = 300_000;

/** The pause after renewed tokens couldn't be stored, as on a full disk: each try costs the provider a request. */
export const unsavedPauseMs = 10_000;

export const pauseMessages = {
  refresh_rate_limited: "The provider has asked us to wait.",
  refresh_failed: "The renewed access could not be stored.",
} as const;

type PauseFailure = keyof typeof pauseMessages;

/** Connections whose refreshes are paused in this process, with the code that callers get. */
export type Pauses<Key> = {
  findFailure(key: Key): PauseFailure | undefined;
  begin(key: Key, forMs: number, failure: PauseFailure): void;
};

export function createPauses<Key>(toMapKey: (key: Key) => string): Pauses<Key> {
  const pauses = new Map<string, { failure: PauseFailure; end: NodeJS.Timeout }>();
  return {
    findFailure: (key) => pauses.get(toMapKey(key))?.failure,
    begin(key, forMs, failure) {
      const name = toMapKey(key);
      clearTimeout(pauses.get(name)?.end);
      const end = setTimeout(() => pauses.delete(name), Math.min(forMs, maxPauseMs)).unref();
      pauses.set(name, { failure, end });
    },
  };
}
