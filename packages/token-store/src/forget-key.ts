import { appendRevoked } from "./consent-events.ts";
import type { TokenStoreDeps } from "./open-token-store.ts";
import type { TokenStoreTables } from "./schema.ts";

/** The key to forget is configured, so it isn't lost. */
export class KeyConfiguredError extends Error {
  override readonly name = "KeyConfiguredError";
  readonly code = "key_configured";
  constructor(fingerprint: string) {
    super(`Key ${fingerprint} is in TOKEN_ENCRYPTION_KEY: what it seals can be used, and is not deleted.`);
  }
}

export type Forgotten = {
  /** Customers whose calendars are no longer connected. */
  readonly disconnected: readonly string[];
  /** Customers whose link no longer works. */
  readonly unlinked: readonly string[];
};

/**
 * Gives up what is sealed with a lost key: deletes the key's connections and revokes its live links, in one transaction.
 * Each of those customers needs a new link.
 * @param fingerprint of the key; null: links whose key was never recorded.
 * @throws KeyConfiguredError `key_configured`
 */
export async function forgetKey(
  { keys, events, now = () => new Date() }: Pick<TokenStoreDeps, "keys" | "events" | "now">,
  fingerprint: string | null,
): Promise<Forgotten> {
  if (fingerprint !== null && keys.fingerprints.includes(fingerprint)) {
    throw new KeyConfiguredError(fingerprint);
  }
  return events.transaction(async (trx, append) => {
    const transaction = trx.withTables<TokenStoreTables>();
    // Links before connections, as a consent that is being completed: in the other order, each could wait for the other.
    const links = await transaction
      .updateTable("consent_links")
      .set({ revoked_at: now().toISOString() })
      .where("key_fingerprint", "is not distinct from", fingerprint)
      .where("used_at", "is", null)
      .where("revoked_at", "is", null)
      .returning(["customer_id", "id"])
      .execute();
    const connections = await transaction
      .deleteFrom("oauth_tokens")
      .where("key_fingerprint", "=", fingerprint ?? "")
      .returning(["customer_id", "provider"])
      .execute();
    const revoked = links.map(({ customer_id, id }) => ({ customerId: customer_id, id }));
    await appendRevoked(append, revoked, "disconnected");
    for (const { customer_id, provider } of connections)
      await append({ customerId: customer_id, kind: "disconnected", data: { provider, revoked: false } });
    return {
      disconnected: connections.map((row) => row.customer_id),
      unlinked: links.map((row) => row.customer_id),
    };
  });
}
