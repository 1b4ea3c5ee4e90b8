import type { AccountAccess, AccountClientConfig } from "./account-client.ts";
import type { Values } from "./call-authentications.ts";
import type { RequestTemplate } from "./definition.ts";
import type { AccountRequestKind, AccountVerdict } from "./dialects/verdict.ts";
import type { TimedAnswer } from "./send-request.ts";

/** What the steps of a client need. */
export type ClientParts = AccountClientConfig & {
  /** Values that every request may have: the client's and the app's. */
  readonly values: Values;
  readonly now: () => number;
  /** Sends a filled template, and says what the response means. */
  readonly ask: (template: RequestTemplate, values: Values, kind: AccountRequestKind) => Promise<Asked>;
};

export type Asked = {
  readonly verdict: AccountVerdict;
  /** Undefined where no complete one came, for this `cause`. */
  readonly answer: TimedAnswer | undefined;
  readonly cause?: unknown;
};

/** The values that a connection's requests have besides. */
export function valuesOf({
  accessToken,
  refreshToken,
  inputs,
  facts,
}: Omit<AccountAccess, "issuedAt" | "expiresAt">): Values {
  return {
    ...{ ...inputs, ...facts, access_token: accessToken, renewing_token: refreshToken ?? accessToken },
    ...(refreshToken !== null && { refresh_token: refreshToken }),
  };
}
