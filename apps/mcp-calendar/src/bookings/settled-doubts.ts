import { LRUCache } from "lru-cache";

/** Bookings whose events were asked for a while ago without anything new: each reading would ask again. */
export type SettledDoubts = {
  has(bookingId: string): boolean;
  /** @param found `unknown`: the provider knows no such event, as in another account's calendar. */
  settle(bookingId: string, found: "unknown" | "standing"): void;
};

/** A bound on memory, some 100 bytes each; whoever is dropped is asked for again. */
const maxBookings = 20_000;

/** How long an answer holds: an event that is marked as free by hand stands, and no reading shows it. */
const settledForMs = { unknown: 600_000, standing: 60_000 };

export function createSettledDoubts(): SettledDoubts {
  const settled = new LRUCache<string, true>({ max: maxBookings });
  return {
    has: (bookingId) => settled.has(bookingId),
    settle: (bookingId, found) => {
      settled.set(bookingId, true, { ttl: settledForMs[found] });
    },
  };
}
