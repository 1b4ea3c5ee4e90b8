/** How each dialect refuses: the inverse of `dialects/` of the providers' package. */

import type { AccountDialectName } from "@cita/providers/accounts";
import type { Answer } from "../answer.ts";
import { google } from "./google.ts";
import { httpOnly } from "./http-only.ts";
import { meta } from "./meta.ts";
import { microsoft } from "./microsoft.ts";
import { rfc6749 } from "./rfc6749.ts";
import { shopify } from "./shopify.ts";
import { slack } from "./slack.ts";
import type { RefusalKind, Spelling, Spellings } from "./spelling.ts";
import { stripe } from "./stripe.ts";
import { tiktokBusiness, tiktokV2 } from "./tiktok.ts";

/** X. */
const describedRefusal = (what: string): Spelling => ({
  status: 400,
  body: { error: "invalid_request", error_description: `Value passed for the ${what} was invalid.` },
});

export const accountRefusals = {
  rfc6749,
  described: {
    ...rfc6749,
    code_dead: [...rfc6749.code_dead, describedRefusal("authorization code")],
  },
  google,
  microsoft,
  meta,
  slack,
  tiktok_v2: tiktokV2,
  tiktok_business: tiktokBusiness,
  stripe,
  shopify,
  http_only: httpOnly,
} satisfies Record<AccountDialectName, Spellings>;

export function spellRefusal(dialect: AccountDialectName, kind: RefusalKind): Answer {
  return { kind: "json", ...accountRefusals[dialect][kind][0] };
}

/** What a bare status says, for faults without a body of their own. */
const kindByStatus: Readonly<Record<number, RefusalKind>> = {
  400: "refresh_dead",
  401: "token_dead",
  403: "scope_missing",
  429: "rate_limited",
};

export function refusalForStatus(dialect: AccountDialectName, status: number): object {
  const kind = kindByStatus[status] ?? (status >= 500 ? "server_error" : "request_wrong");
  return accountRefusals[dialect][kind][0].body;
}
