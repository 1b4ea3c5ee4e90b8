import type { AuthorizeRequest, AuthorizeResponse } from "@cita/calendar-api";
import { accountRestriction, recordLinkIssued } from "@cita/consent";
import type {
  ConnectionStatus,
  ConsentLink,
  ConsentLinkRequest,
  CustomerKey,
  TokenStore,
} from "@cita/token-store";
import type { RecordActivity } from "../activity/recorder.ts";
import { isLost, toConnectionStatus, urlsOf } from "./connection-view.ts";

type Deps = { store: TokenStore; record: RecordActivity; publicUrl: string; linkLifetimeMs: number };

/** The live link of a customer, with what the request corrects in it; a new one where there is none, or to renew it. */
export async function issueConsentLink(
  { store, record, publicUrl, linkLifetimeMs }: Deps,
  key: CustomerKey,
  request: AuthorizeRequest,
): Promise<AuthorizeResponse> {
  const [status] = await store.connections.statuses([key.customerId], key.provider);
  const before = (await store.consentLinks.latest(key))?.link;
  const isKept = before?.state === "live" && request.renew !== true;
  const repeated = status !== undefined && isLost(status) && (await isRepeated(store, key, request));
  const link = await store.consentLinks.issue({
    ...key,
    ...expectedAccount(repeated ? {} : request, status, isKept),
    customerName: request.customer_name,
    renew: request.renew,
    lifetimeMs: linkLifetimeMs,
  });
  if (before !== undefined && before.id !== link.id) await recordRevoked(record, before, "renewed");
  await recordLinkIssued(record, link);
  return {
    ...urlsOf(publicUrl, link.token),
    expires_at: link.expiresAt.toISOString(),
    status: toConnectionStatus(status, link.state),
  };
}

/**
 * Keeps that a link was revoked, once, whoever finds it so. One that was used or had run out needed no revoking.
 */
export async function recordRevoked(
  record: RecordActivity,
  link: ConsentLink,
  because: "renewed" | "disconnected",
): Promise<void> {
  if (link.state !== "live") return;
  await record({
    customerId: link.customerId,
    kind: "link_revoked",
    once: `link_revoked ${link.id}`,
    detail: { link_id: link.id, because },
  });
}

/**
 * Whether a request names the address that the link of the connection was made for: an admin's system sends it every
 * time, and it says nothing of the account that was then allowed to consent.
 */
async function isRepeated(
  { consentLinks }: TokenStore,
  key: CustomerKey,
  { customer_email, any_account }: AuthorizeRequest,
): Promise<boolean> {
  if (customer_email === undefined || any_account !== undefined) return false;
  const used = await consentLinks.lastUsed(key);
  return used?.customerEmail?.toLowerCase() === customer_email.toLowerCase();
}

/**
 * Who has to consent: whom the admin names now or has named for the link that is kept, or else the account that is or
 * was connected.
 */
function expectedAccount(
  {
    customer_email: customerEmail,
    any_account: anyAccount,
  }: Pick<AuthorizeRequest, "customer_email" | "any_account">,
  status: ConnectionStatus | undefined,
  isKept: boolean,
): Pick<ConsentLinkRequest, "customerEmail" | "anyAccount" | "accountId"> {
  if (isKept) return { customerEmail, anyAccount };
  if (customerEmail !== undefined || anyAccount !== undefined)
    return { customerEmail, anyAccount: anyAccount ?? false, accountId: null };
  return status === undefined ? {} : accountRestriction(status);
}
