import type { ConnectedAccount } from "@cita/consent";
import type { Ledger } from "../bookings/ledger/ledger.ts";
import type { RecordActivity } from "./recorder.ts";

/** Records that bookings ahead are in the calendar of another account than the one just connected. */
export type RecordStranded = (connected: ConnectedAccount) => Promise<void>;

type StrandedDeps = { ledger: Pick<Ledger, "countStranded">; record: RecordActivity; now: () => number };

export function createStrandedRecorder({ ledger, record, now }: StrandedDeps): RecordStranded {
  return ({ customerId, linkId, accountId, previousAccountId }) =>
    record(async () => {
      // The same account again strands nothing that wasn't before.
      if (accountId === null || previousAccountId === accountId) return undefined;
      const count = await ledger.countStranded(customerId, { accountId, after: now() });
      if (count === 0) return undefined;
      return {
        customerId,
        kind: "bookings_stranded",
        once: `bookings_stranded ${linkId}`,
        data: { count },
      };
    });
}
