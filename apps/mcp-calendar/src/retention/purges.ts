import { setImmediate as yieldToOthers } from "node:timers/promises";
import { dayMs, hourMs } from "@cita/scheduling";
import type { ConsentLinkStore } from "@cita/token-store";
import type { Ledger } from "../bookings/ledger/ledger.ts";
import type { Purge } from "./purger.ts";

type Deps = {
  consentLinks: Pick<ConsentLinkStore, "purgeLinks" | "purgeAttempts">;
  ledger: Pick<Ledger, "removeReleased" | "removeChanges">;
  retentionDays: number;
};

const maxRowsPerStatement = 500;

/** All that is removed after a while, in the order in which it is. */
export function createPurges({ consentLinks, ledger, retentionDays }: Deps): Purge[] {
  return [
    ...createConsentPurges({ consentLinks, retentionDays }),
    {
      // They have names and numbers of people who got no appointment. Within a day, whatever was still on its way to
      // the calendar has arrived.
      name: "released holds",
      run: (now) => ledger.removeReleased(now - dayMs, maxRowsPerStatement),
    },
    {
      // They have phone numbers. Changes are counted for an hour; twice as long allows for clocks that differ.
      name: "counted changes",
      run: (now) => ledger.removeChanges(now - 2 * hourMs, maxRowsPerStatement),
    },
  ];
}

/** Links that have died, and attempts at consent. */
export function createConsentPurges({ consentLinks, retentionDays }: Omit<Deps, "ledger">): Purge[] {
  const retainedSince = (now: number) => new Date(now - retentionDays * dayMs);
  /** Where the next page of links begins. Most links stay: a page may hold none that is due. */
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
