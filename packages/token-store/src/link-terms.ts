/** Whose consent a new or a kept link accepts, by a request for it. */

import type { Selectable } from "kysely";
import type { ConsentLinksTable, OAuthTokensTable } from "./schema.ts";
import type { ConsentLinkRequest } from "./token-store.ts";

type LinkRow = Selectable<ConsentLinksTable>;

export type Connected = Pick<
  Selectable<OAuthTokensTable>,
  "provider" | "calendar_email" | "account_id" | "reconnect_required_since"
>;

/** Whose consent a link accepts, and the name on its page. */
export type Terms = Pick<
  LinkRow,
  "provider" | "customer_email" | "customer_name" | "any_account" | "account_id"
>;
type RequestedTerms = Pick<ConsentLinkRequest, "provider" | "customerEmail" | "customerName" | "anyAccount">;

/** A live link accepts what it did, changed by the request. The account that it requires stays with address and provider. */
export function keptTerms(request: RequestedTerms, link: LinkRow): Terms {
  const { provider = link.provider, customerEmail, customerName, anyAccount } = request;
  const isSameAddress = customerEmail === undefined || isSameText(customerEmail, link.customer_email);
  return {
    provider,
    customer_email: customerEmail ?? link.customer_email,
    customer_name: customerName ?? link.customer_name,
    any_account: anyAccount === undefined ? link.any_account : Number(anyAccount),
    account_id: isSameAddress && provider === link.provider ? link.account_id : null,
  };
}

/**
 * A new link accepts what the request says, else the connected account, since another account would book into another
 * calendar, else what the previous link did.
 */
export function newTerms(
  { provider: named, customerEmail, customerName, anyAccount }: RequestedTerms,
  previous: LinkRow | undefined,
  connected: Connected | undefined,
): Terms {
  const customer_name = customerName ?? previous?.customer_name ?? null;
  const before = (connected ?? previous)?.provider ?? named;
  const isElsewhere = named !== undefined && named !== before;
  if (customerEmail !== undefined || anyAccount !== undefined || isElsewhere) {
    const customer_email = customerEmail ?? previous?.customer_email ?? null;
    const any_account = Number(anyAccount ?? false);
    return { provider: named ?? null, customer_email, customer_name, any_account, account_id: null };
  }
  if (connected !== undefined && connected.calendar_email !== null) {
    const { provider, calendar_email: customer_email, account_id } = connected;
    return { provider, customer_email, customer_name, any_account: 0, account_id };
  }
  const { customer_email = null, any_account = 0, account_id = null } = previous ?? {};
  return { provider: before ?? null, customer_email, customer_name, any_account, account_id };
}

export function isSameText(a: string, b: string | null | undefined): boolean {
  return a.toLowerCase() === b?.toLowerCase();
}
