import { every, type RequestParams, single } from "../../request-params.ts";
import { defaultAccount } from "./given-keys.ts";
import { PageRefusal } from "./page-refusal.ts";

/** What a person has answered. */
export type Consent = {
  readonly isAllowed: boolean;
  readonly account: string;
  readonly scopes: readonly string[] | null;
};

/**
 * Reads the form of a consent page, which a program may post as well, to the page's URL with its query:
 * - `account`: whose consent it is, an e-mail address or any id. Default: ana@example.com.
 * - `action`: `allow` or `deny`.
 * - `scope`, repeated: each scope that is granted, of those that were asked for. Left out: all. Only an empty one: none.
 * @throws PageRefusal
 */
export function readConsent(form: RequestParams, asked: readonly string[] | null): Consent {
  const action = single(form, "action");
  if (action !== "allow" && action !== "deny") throw new PageRefusal("action must be allow or deny.");
  const account = (single(form, "account") ?? defaultAccount).trim().toLowerCase();
  const scopes = grantedScopes(form, asked);
  // Whoever unticks everything that was asked has refused.
  const hasNothing = asked !== null && asked.length > 0 && scopes?.length === 0;
  return { isAllowed: action === "allow" && !hasNothing, account, scopes };
}

function grantedScopes(form: RequestParams, asked: readonly string[] | null): readonly string[] | null {
  if (asked === null || form.scope === undefined) return asked;
  const ticked = every(form, "scope").filter((scope) => scope !== "");
  const unknown = ticked.find((scope) => !asked.includes(scope));
  if (unknown !== undefined) throw new PageRefusal(`The scope ${unknown} was not asked for.`);
  return ticked;
}
