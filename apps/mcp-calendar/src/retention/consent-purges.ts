import { setImmediate as yieldToOthers } from "node:timers/promises";
import type { ConsentLinkStore } from "@cita/token-store";
import type { Purge } from "./purger.ts";

type Deps = {
  consentLinks: Pick<ConsentLinkStore, "purgeLinks" | "purgeAttempts">;
  retentionDays: number;
};

const dayMs = 86_400_000;
const rowsAtOnce = 500;

/** What consents leave behind: links that are dead, and attempts. */
export function createConsentPurges({ consentLinks, retentionDays }: Deps): Purge[] {
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
