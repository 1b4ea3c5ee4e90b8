import { LRUCache } from "lru-cache";

/** A caller's requests since the beginning of its window. */
export type Window = { readonly requests: number; readonly ageMs: number };

type KeptWindow = { requests: number; beganAt: number };

/** Bounds the memory. An evicted caller begins a new window. */
const maxCallers = 5_000;

/**
 * Counts callers' requests in windows of a monotonic clock, so that setting the wall clock back an hour doesn't make a
 * window an hour longer.
 */
export function createFixedWindows(windowMs: number) {
  let kept: LRUCache<string, KeptWindow> | undefined;
  /** Made when somebody calls: it takes its whole memory at once, and a service has a dozen. */
  const windowsOf = () => {
    kept ??= new LRUCache({ max: maxCallers });
    return kept;
  };
  return {
    /** Counts a request. */
    count(caller: string): Window {
      const windows = windowsOf();
      const at = performance.now();
      const known = windows.get(caller);
      const window =
        known !== undefined && at < known.beganAt + windowMs ? known : { requests: 0, beganAt: at };
      window.requests += 1;
      windows.set(caller, window);
      return { requests: window.requests, ageMs: at - window.beganAt };
    },

    /** Takes over what several instances have counted together, unless this one alone has counted more. */
    takeOver(caller: string, { requests, ageMs }: Window): void {
      const window = kept?.peek(caller);
      if (window === undefined || window.requests > requests) return;
      window.requests = requests;
      window.beganAt = performance.now() - ageMs;
    },
  };
}
