import { setImmediate as yieldToOthers } from "node:timers/promises";
import type { ConsentLinkStore } from "@cita/token-store";
import type { Purge } from "./purger.ts";

type Deps = {
  consentLinks: Pick<ConsentLinkStore, "purgeLinks" | "purgeAttempts">;
  retentionDays: number;
};

const dayMs = 86_400_000;
const maxRowsPerStatement = 500;

/** Links that have died, and attempts at consent. */
export function createConsentPurges({ consentLinks, retentionDays }: Deps): Purge[] {
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
