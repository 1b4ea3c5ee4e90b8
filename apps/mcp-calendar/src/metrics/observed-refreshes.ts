import type { RefreshGrant } from "@cita/token-store";
import type { FailingRefreshes } from "./failing-refreshes.ts";
import type { Metrics } from "./metrics.ts";

type Deps = { failing: FailingRefreshes; countRefresh: Metrics["countRefresh"] };

/** The same refresh; how it ended is counted, and remembered where it failed. */
export function observeRefreshes(refreshGrant: RefreshGrant, { failing, countRefresh }: Deps): RefreshGrant {
  return async (refreshToken, key) => {
    const outcome = await refreshGrant(refreshToken, key);
    countRefresh(outcome.kind);
    failing.note(refreshToken, outcome.kind);
    return outcome;
  };
}
