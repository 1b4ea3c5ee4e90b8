import type { Purge } from "../retention/purger.ts";
import type { Ledger } from "./ledger.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const rowsAtOnce = 500;

/**
 * Released holds hold names and numbers of people who got no appointment. They are kept for a day, in which
 * whatever was still under way to the calendar has arrived.
 */
export function createHoldPurge(ledger: Pick<Ledger, "removeReleased">): Purge {
  return {
    name: "released holds",
    run: (now) => ledger.removeReleased(now - dayMs, rowsAtOnce),
  };
}

/** Changes are counted for an hour; twice as long allows for clocks that differ. They hold phone numbers. */
export function createChangePurge(ledger: Pick<Ledger, "removeChanges">): Purge {
  return {
    name: "counted changes",
    run: (now) => ledger.removeChanges(now - 2 * hourMs, rowsAtOnce),
  };
}
