import type { OnConnected } from "@cita/token-store";
import { accountKey } from "../booking.ts";
import { createLookUps } from "./look-ups.ts";
import type { BookingTables } from "./tables.ts";

/** Appends that bookings ahead are in the calendar of another account than the one that is being connected. */
export function createStrandedNote(now: () => number): OnConnected {
  return async (trx, append, { isSame, ...connected }) => {
    const { customerId } = connected;
    const accountId = accountKey(connected);
    // The same account again strands nothing that wasn't before.
    if (accountId === null || isSame) return;
    const { countStranded } = createLookUps(trx.withTables<BookingTables>());
    const count = await countStranded(customerId, { accountId, after: now() });
    if (count > 0) await append({ customerId, kind: "bookings_stranded", data: { count } });
  };
}
