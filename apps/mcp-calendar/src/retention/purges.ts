import { setImmediate as yieldToOthers } from "node:timers/promises";
import { dayMs, hourMs } from "@cita/scheduling";
import type { ConsentLinkStore } from "@cita/token-store";
import type { Ledger } from "../bookings/ledger.ts";
import type { Purge } from "./purger.ts";

type Deps = {
  consentLinks: Pick<ConsentLinkStore, "purgeLinks" | "purgeAttempts">;
  ledger: Pick<Ledger, "removeReleased" | "removeChanges">;
  retentionDays: number;
};

const rowsAtOnce = 500;

/** All that is removed after a while, in the order in which it is. */
export function createPurges({ consentLinks, ledger, retentionDays }: Deps): Purge[] {
  return [
    ...createConsentPurges({ consentLinks, retentionDays }),
    {
      // They have names and numbers of people who got no appointment. Within a day, whatever was still on its way to
      // the calendar has arrived.
      name: "released holds",
      run: (now) => ledger.removeReleased(now - dayMs, rowsAtOnce),
    },
    {
      // They have phone numbers. Changes are counted for an hour; twice as long allows for clocks that differ.
      name: "counted changes",
      run: (now) => ledger.removeChanges(now - 2 * hourMs, rowsAtOnce),
    },
  ];
}

/** What consents leave behind: links that are dead, and attempts. */
export function createConsentPurges({ consentLinks, retentionDays }: Omit<Deps, "ledger">): Purge[] {
  const retainedSince = (now: number) => new Date(now - retentionDays * dayMs);
  /** Where the next page of links begins. Most links stay, so that a page may well hold none that is due. */
  let afterId = 0;

  return [
    {
      name: "consent attempts",
      run: (now) =>
        consentLinks.purgeAttempts(
          // One that hasn't come back within its hour never will.
          { startedBefore: retainedSince(now), unreturnedBefore: new Date(now - dayMs) },
          rowsAtOnce,
        ),
    },
    {
      name: "consent links",
      async run(now) {
        for (;;) {
          const page = { afterId, limit: rowsAtOnce };
          const { removed, lastId } = await consentLinks.purgeLinks(retainedSince(now), page);
          afterId = lastId ?? 0;
          if (removed > 0 || lastId === undefined) return removed;
          await yieldToOthers();
        }
      },
    },
  ];
}
