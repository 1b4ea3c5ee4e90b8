import type { DisconnectResponse } from "@cita/calendar-api";
import type { GoogleOAuthClient } from "@cita/providers";
import { type ConnectionStatus, type CustomerKey, SealError, type TokenStore } from "@cita/token-store";
import type { RecordActivity } from "../activity/recorder.ts";
import { recordRevoked } from "./consent-link.ts";

type Deps = { store: TokenStore; oauthClient: Pick<GoogleOAuthClient, "revoke">; record: RecordActivity };

type Revocation = { readonly revoked: boolean; readonly note: string | null };

/** Revokes the grant at Google unless another customer shares it, deletes the tokens, and revokes the live link. */
export async function disconnect(
  { store, oauthClient, record }: Deps,
  key: CustomerKey,
  status: ConnectionStatus | undefined,
): Promise<DisconnectResponse> {
  const { customerId } = key;
  const { revoked, note } =
    status === undefined ? { revoked: false, note: null } : await revokeGrant(store, oauthClient, status);
  // Read after Google's response, since the link to connect again may be made in the meantime.
  const newest = await store.consentLinks.latest(key);
  const disconnected = await store.disconnect(key);
  if (newest !== undefined) await recordRevoked(record, newest.link, "disconnected");
  if (disconnected)
    await record({ customerId, kind: "disconnected", data: { provider: key.provider, revoked } });
  return { customer_id: customerId, disconnected, revoked_at_provider: revoked, note };
}

const notRevoked =
  "Google didn't confirm the revocation. The business can remove the access at myaccount.google.com/permissions.";
const sharedAccount =
  "Not revoked at Google: another customer is connected with the same Google account, and revoking would disconnect that one too.";
const unreadable =
  "The stored tokens could not be opened, so they could not be revoked at Google; they were deleted.";

/** Revoking ends every grant of the account to our client, so it isn't done while another customer has one. */
async function revokeGrant(
  { connections }: TokenStore,
  oauthClient: Deps["oauthClient"],
  status: ConnectionStatus,
): Promise<Revocation> {
  if (await connections.isAccountShared(status)) return { revoked: false, note: sharedAccount };
  const connection = await connections.find(status).catch((error: unknown) => {
    if (error instanceof SealError) return undefined;
    throw error;
  });
  if (connection === undefined) return { revoked: false, note: unreadable };
  const revoked = await oauthClient.revoke(connection.refreshToken);
  return { revoked, note: revoked ? null : notRevoked };
}
