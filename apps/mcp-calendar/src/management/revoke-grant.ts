import type { Provider, ProviderClients } from "@cita/providers";
import { type ConnectionStatus, SealError, type TokenStore } from "@cita/token-store";

/** `note`: why the grant wasn't revoked. */
export type Revocation = { readonly revoked: boolean; readonly note: string | null };

type Deps = {
  readonly store: Pick<TokenStore, "connections">;
  readonly providers: readonly Provider[];
  readonly clients: ProviderClients;
};

/** Revoking ends every grant of the account to our client, so it isn't done while another customer has one. */
export async function revokeGrant(
  { store: { connections }, providers, clients }: Deps,
  status: ConnectionStatus,
): Promise<Revocation> {
  const provider = providers.find(({ id }) => id === status.provider);
  const name = provider?.name ?? status.provider;
  const notRevoked = (note: string): Revocation => ({ revoked: false, note });
  if (await connections.isAccountShared(status)) {
    return notRevoked(
      `Not revoked at ${name}: another customer is connected with the same ${name} account, and revoking would disconnect that one too.`,
    );
  }
  const connection = await connections.find(status).catch((error: unknown) => {
    if (error instanceof SealError) return undefined;
    throw error;
  });
  if (connection === undefined) {
    return notRevoked(
      `The stored tokens could not be opened, so they could not be revoked at ${name}; they were deleted.`,
    );
  }
  const outcome = (await clients.get(status.provider)?.revoke(connection)) ?? "unconfirmed";
  if (outcome === "revoked") return { revoked: true, note: null };
  const place = provider?.accessPage == null ? "in its account there" : `at ${provider.accessPage}`;
  const reason =
    outcome === "unsupported"
      ? `${name} has no way to revoke an access; the tokens were deleted.`
      : `${name} didn't confirm the revocation.`;
  return notRevoked(`${reason} The business can remove the access ${place}.`);
}
