import type { AccountTokens } from "@cita/providers/accounts";
import { type KeyRing, openStored, type SealedPlace } from "@cita/token-store";
import type { Selectable } from "kysely";
import { type Integration, type IntegrationAccess, type IntegrationOwner, obstacles } from "./integration.ts";
import type { IntegrationsTable } from "./schema.ts";
import { readList, readObject, toDate, toText } from "./stored-values.ts";

type Row = Selectable<IntegrationsTable>;

/** Without secrets. */
export const integrationColumns = [
  ...(["id", "user_id", "organization_id", "provider", "account_id", "name", "email", "is_active"] as const),
  ...(["token_type", "expires_at", "access_ends_at", "scopes", "metadata", "last_sync_at"] as const),
  ...(["inputs", "renew_at", "key_fingerprint", "last_error", "obstacle"] as const),
  ...(["reconnect_required_since", "reconnect_reason", "created_at", "updated_at"] as const),
] as const;

export type IntegrationRow = Pick<Row, (typeof integrationColumns)[number]>;

/** The column `owner`. */
export function toOwner(owner: IntegrationOwner): string {
  return "organizationId" in owner ? `customer:${owner.organizationId}` : `user:${owner.userId}`;
}

/** The owner of what a person connects, for an organization where there is one. */
export function ownerOf({ userId, organizationId }: Pick<Integration, "userId" | "organizationId">): string {
  return toOwner(organizationId === null ? { userId } : { organizationId });
}

export function toIntegration(row: IntegrationRow): Integration {
  return {
    id: row.id,
    userId: row.user_id,
    organizationId: row.organization_id,
    provider: row.provider,
    accountId: row.account_id,
    name: row.name,
    email: row.email,
    isActive: row.is_active === 1,
    // Erased with the tokens.
    isConnected: row.key_fingerprint !== null,
    tokenType: row.token_type,
    expiresAt: toDate(row.expires_at),
    accessEndsAt: toDate(row.access_ends_at),
    renewAt: toDate(row.renew_at),
    scopes: readList(row.scopes),
    inputs: readObject(row.inputs),
    metadata: readObject(row.metadata),
    lastSyncAt: toDate(row.last_sync_at),
    lastError: row.last_error,
    problem: problemOf(row),
    reconnectRequiredSince: toDate(row.reconnect_required_since),
    reconnectReason: row.reconnect_reason,
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
  };
}

function problemOf(row: IntegrationRow): Integration["problem"] {
  if (row.reconnect_required_since !== null) return "lost";
  // An instance of an earlier version clears the sentence alone.
  if (row.last_error === null) return null;
  return obstacles.find((one) => one === row.obstacle) ?? null;
}

/** What the tokens' sealing is bound to. */
type Place = Pick<Row, "id" | "owner" | "provider">;

/** The columns that a connection gets from its provider's tokens. */
export function sealTokens(keys: KeyRing, place: Place, tokens: AccountTokens) {
  const { accessToken, refreshToken } = tokens;
  return {
    access_token: keys.seal(placeOf(place, "access_token"), accessToken),
    refresh_token: refreshToken === null ? null : keys.seal(placeOf(place, "refresh_token"), refreshToken),
    key_fingerprint: keys.primaryFingerprint,
    token_type: tokens.tokenType,
    issued_at: tokens.issuedAt.toISOString(),
    expires_at: toText(tokens.expiresAt),
    renew_at: toText(tokens.renewAt),
    access_ends_at: toText(tokens.accessEndsAt),
    facts: JSON.stringify(tokens.facts),
  };
}

/** @returns undefined where the tokens were erased. @throws SealError */
export function openAccess(keys: KeyRing, row: Row): IntegrationAccess | undefined {
  const { access_token, refresh_token, key_fingerprint } = row;
  if (access_token === null) return undefined;
  const open = (field: "access_token" | "refresh_token", sealed: string) =>
    openStored(keys, placeOf(row, field), { sealed, fingerprint: key_fingerprint ?? "" });
  return {
    ...toIntegration(row),
    accessToken: open("access_token", access_token),
    refreshToken: refresh_token === null ? null : open("refresh_token", refresh_token),
    issuedAt: new Date(row.issued_at),
    facts: readObject(row.facts),
    clientId: row.client_id,
    grantor: row.grantor ?? row.account_id,
    version: row.version,
  };
}

/** With the id, so that not even another account of the same owner is opened where a row was copied. */
export function placeOf(
  { id, owner, provider }: Place,
  field: "access_token" | "refresh_token",
): SealedPlace {
  return { customer_id: owner, provider, field: `${field}:${id}` };
}
