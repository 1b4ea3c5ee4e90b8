import { AccessTokenError, type RefreshOutcome } from "@cita/token-store";
import t from "tap";
import { behindBreakers } from "../src/calendars/upstream/renewals.ts";
import { tokenError } from "../src/calendars/upstream/token-error.ts";

const connection = { customerId: "luna", provider: "google" };

/** As the token store reports a refresh that didn't succeed. */
function asAccessTokenError(outcome: RefreshOutcome): AccessTokenError {
  if (outcome.kind === "ok") throw new TypeError("The refresh has succeeded.");
  const cause = "cause" in outcome ? outcome.cause : undefined;
  return new AccessTokenError("refresh_failed", "The access could not be renewed.", { cause });
}

t.test("an unanswered refresh is a problem of the calendar, one that was not sent is none", async (t) => {
  let sent = 0;
  const refresh = behindBreakers({
    async renewConnection() {
      sent += 1;
      return { kind: "transient", reason: "no answer", cause: new Error("timeout") };
    },
    breakers: { unansweredInARow: 1 },
  });
  const unanswered = tokenError(asAccessTokenError(await refresh(connection)));
  t.match(unanswered, { code: "calendar_unavailable", problem: { name: "unreachable", lasts: false } });
  const heldBack = tokenError(asAccessTokenError(await refresh(connection)));
  t.equal(sent, 1);
  t.equal(heldBack.code, "calendar_unavailable");
  t.equal(heldBack.problem, undefined);
});
