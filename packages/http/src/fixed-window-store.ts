import type { FastifyRateLimitStore } from "@fastify/rate-limit";
import { LRUCache } from "lru-cache";

type Window = { requests: number; readonly beganAt: number };
type Answer = (error: Error | null, result: { current: number; ttl: number }) => void;

/** Bounds the memory. An evicted caller begins a new window. */
const maxCallers = 5_000;

/**
 * Counts callers' requests in windows of a monotonic clock. With the plugin's own store, setting the wall clock back an
 * hour makes a window an hour longer.
 */
export class FixedWindowStore implements FastifyRateLimitStore {
  readonly #windows = new LRUCache<string, Window>({ max: maxCallers });

  incr(caller: string, answer: Answer, windowMs: number): void {
    const at = performance.now();
    const known = this.#windows.get(caller);
    const window = known && isUnderWay(known, at, windowMs) ? known : { requests: 0, beganAt: at };
    window.requests += 1;
    this.#windows.set(caller, window);
    answer(null, { current: window.requests, ttl: window.beganAt + windowMs - at });
  }

  /** As `incr`, without counting. */
  read(caller: string, answer: Answer, windowMs: number): void {
    const at = performance.now();
    const window = this.#windows.get(caller);
    if (window === undefined || !isUnderWay(window, at, windowMs)) answer(null, { current: 0, ttl: 0 });
    else answer(null, { current: window.requests, ttl: window.beganAt + windowMs - at });
  }

  child(): FixedWindowStore {
    return new FixedWindowStore();
  }
}

function isUnderWay({ beganAt }: Window, at: number, windowMs: number): boolean {
  return at < beganAt + windowMs;
}
