import type { AuthorizeRequest, AuthorizeResponse } from "@cita/calendar-api";
import { accountRestriction, type RecordConsent, recordLinkIssued } from "@cita/consent";
import type {
  ConnectionStatus,
  ConsentLink,
  ConsentLinkRequest,
  CustomerKey,
  TokenStore,
} from "@cita/token-store";
import type { RecordActivity } from "../activity/recorder.ts";
import { isLost, toConnectionStatus, urlsOf } from "./connection-view.ts";

type Deps = {
  store: TokenStore;
  record: RecordActivity;
  recordConsent: RecordConsent;
  publicUrl: string;
  linkLifetimeMs: number;
};

/** Updates and returns a customer's live link; makes a new one where there is none or `renew` is true. */
export async function issueConsentLink(
  { store, record, recordConsent, publicUrl, linkLifetimeMs }: Deps,
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
  await recordLinkIssued(recordConsent, link);
  return {
    ...urlsOf(publicUrl, link.token),
    expires_at: link.expiresAt.toISOString(),
    status: toConnectionStatus(status, link.state),
  };
}

/** Records that a live link was revoked, once for each link. Used and expired links aren't revoked. */
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
    data: { link_id: link.id, because },
  });
}

/**
 * Whether a request repeats the address of the link that made the connection. Admins' systems send that address with
 * every request, so it doesn't mean that another account is expected now.
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

/** The account that has to consent: the one of the request, else of the kept link, else of the connection. */
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
