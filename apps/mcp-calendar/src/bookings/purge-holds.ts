import type { Purge } from "../retention/purger.ts";
import type { Ledger } from "./ledger.ts";

const dayMs = 86_400_000;
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
