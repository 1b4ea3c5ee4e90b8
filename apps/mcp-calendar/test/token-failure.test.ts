import { AccessTokenError, type RefreshOutcome } from "@cita/token-store";
import t from "tap";
import { withBreakers } from "../src/calendars/breaking-refreshes.ts";
import { asTokenFailure } from "../src/calendars/token-failure.ts";

const key = { customerId: "luna", provider: "google" };

/** As the token store reports a refresh that didn't succeed. */
function asAccessTokenError(outcome: RefreshOutcome): AccessTokenError {
  if (outcome.kind === "ok") throw new TypeError("The refresh has succeeded.");
  const cause = "cause" in outcome ? outcome.cause : undefined;
  return new AccessTokenError("refresh_failed", "The access could not be renewed.", { cause });
}

t.test("an unanswered refresh is a trouble of the calendar, one that was not sent is none", async (t) => {
  let sent = 0;
  const refresh = withBreakers(
    async () => {
      sent += 1;
      return { kind: "transient", reason: "no answer", cause: new Error("timeout") };
    },
    { silentInARow: 1 },
  );
  const unanswered = asTokenFailure(asAccessTokenError(await refresh("refresh-token", key)));
  t.match(unanswered, { code: "calendar_unavailable", trouble: { name: "unreachable", lasts: false } });
  const heldBack = asTokenFailure(asAccessTokenError(await refresh("refresh-token", key)));
  t.equal(sent, 1);
  t.equal(heldBack.code, "calendar_unavailable");
  t.equal(heldBack.trouble, undefined);
});
