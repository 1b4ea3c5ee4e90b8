import { CalendarError } from "../calendars/calendar.ts";
import type { Booking } from "./booking.ts";
import { isStranded } from "./ledger-rows.ts";
import type { SettlementDeps } from "./settlement.ts";

export type HoldDeps = SettlementDeps & {
  /** How long after a hold was taken its calendar may be written: longer than all its calls together. */
  holdMs: number;
  /** Has what was given up settled soon. */
  settleSoon(): void;
};

/** The hold isn't this call's any more: whoever has taken it away settles what was written. */
export class HoldLostError extends CalendarError {
  constructor(reason: string) {
    super("calendar_unavailable", reason);
  }
}

/**
 * What has to be true before each attempt to write for a hold: a process may have stood still between two of
 * them, and a customer may have connected another account.
 * @returns a check that throws HoldLostError.
 */
export function guardHold({ ledger, accountOf, holdMs }: HoldDeps, hold: Booking): () => Promise<void> {
  // By a clock that nobody sets; it goes on while the process stands still.
  const until = performance.now() + holdMs;
  return async () => {
    if (performance.now() > until)
      throw new HoldLostError("the hold ran out before the calendar had answered");
    if (!(await ledger.isHeld(hold))) throw new HoldLostError("the hold was taken over by another instance");
    if (isStranded(hold, await accountOf(hold.customerId)))
      throw new HoldLostError("another account was connected meanwhile");
  };
}

/** Gives up a hold that is lost: what was written for it is settled by the sweeper, at once. */
export async function giveUp({ ledger, settleSoon }: HoldDeps, hold: Booking): Promise<void> {
  await ledger.abandon(hold, "now");
  settleSoon();
}
