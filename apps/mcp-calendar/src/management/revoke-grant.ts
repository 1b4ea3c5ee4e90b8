import type { GoogleOAuthClient } from "@cita/providers";
import { type ConnectionStatus, SealError, type TokenStore } from "@cita/token-store";

/** `note`: why the grant wasn't revoked. */
export type Revocation = { readonly revoked: boolean; readonly note: string | null };

const notRevoked =
  "Google didn't confirm the revocation. The business can remove the access at myaccount.google.com/permissions.";
const sharedAccount =
  "Not revoked at Google: another customer is connected with the same Google account, and revoking would disconnect that one too.";
const unreadable =
  "The stored tokens could not be opened, so they could not be revoked at Google; they were deleted.";

/** Revoking ends every grant of the account to our client, so it isn't done while another customer has one. */
export async function revokeGrant(
  connections: TokenStore["connections"],
  oauthClient: Pick<GoogleOAuthClient, "revoke">,
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
