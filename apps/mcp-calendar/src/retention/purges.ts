import { setImmediate as yieldToOthers } from "node:timers/promises";
import { dayMs, hourMs } from "@cita/scheduling";
import type { ConsentLinkStore } from "@cita/token-store";
import type { Ledger } from "../bookings/ledger/ledger.ts";
import type { Purge } from "./purger.ts";
import type { RemovedCustomers } from "./removed-customers.ts";

type Deps = {
  consentLinks: Pick<ConsentLinkStore, "purgeLinks" | "purgeAttempts">;
  ledger: Pick<Ledger, "removeReleased" | "removeChanges">;
  removedCustomers: Pick<RemovedCustomers, "purge">;
  retentionDays: number;
};

const maxRowsPerStatement = 500;

/** All purges, in the order in which they run. */
export function createPurges({ consentLinks, ledger, removedCustomers, retentionDays }: Deps): Purge[] {
  return [
    ...createConsentPurges({ consentLinks, retentionDays }),
    {
      // Released holds have names and numbers of people who got no appointment. After a day no write for them can
      // still arrive in the calendar.
      name: "released holds",
      run: (now) => ledger.removeReleased(now - dayMs, maxRowsPerStatement),
    },
    {
      // Changes have phone numbers. They are counted for an hour; a second hour allows for clocks that differ.
      name: "counted changes",
      run: (now) => ledger.removeChanges(now - 2 * hourMs, maxRowsPerStatement),
    },
    {
      // No request lasts that long.
      name: "removed customers",
      run: (now) => removedCustomers.purge(now - dayMs),
    },
  ];
}

/** The purges of consent links that aren't live any more, and of consent attempts. */
export function createConsentPurges({
  consentLinks,
  retentionDays,
}: Omit<Deps, "ledger" | "removedCustomers">): Purge[] {
  const retainedSince = (now: number) => new Date(now - retentionDays * dayMs);
  /** Where the next page of links begins. Most links stay, so a page may have none that is due. */
  let afterId = 0;

  return [
    {
      name: "consent attempts",
      run: (now) =>
        consentLinks.purgeAttempts(
          // An attempt that hasn't come back within its hour never will.
          { startedBefore: retainedSince(now), unreturnedBefore: new Date(now - dayMs) },
          maxRowsPerStatement,
        ),
    },
    {
      name: "consent links",
      async run(now) {
        for (;;) {
          const page = { afterId, limit: maxRowsPerStatement };
          const { removed, lastId } = await consentLinks.purgeLinks(retainedSince(now), page);
          afterId = lastId ?? 0;
          if (removed > 0 || lastId === undefined) return removed;
          await yieldToOthers();
        }
      },
    },
  ];
}
