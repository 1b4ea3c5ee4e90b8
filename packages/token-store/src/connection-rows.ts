import type { Selectable } from "kysely";
import { stateColumnNames, toCalendarState } from "./calendar-state-store.ts";
import type { CustomerKey } from "./customer-key.ts";
import { type KeyRing, openStored, tokenPlace } from "./key-ring.ts";
import type { OAuthTokensTable } from "./schema.ts";
import type { Connection, ConnectionStatus, Grant } from "./token-store.ts";

/** Columns by their names, so that PostgreSQL prepares the queries (docs/decisions/0090). */
export const statusColumns = [
  "connection_id",
  "customer_id",
  "provider",
  "calendar_email",
  "account_id",
  "client_id",
  "created_at",
  "token_expiry",
  "access_ends_at",
  "reconnect_required_since",
  "reconnect_reason",
  "time_zone",
  ...stateColumnNames,
] as const satisfies (keyof OAuthTokensTable)[];

export const connectionColumns = [
  ...statusColumns,
  "access_token",
  "refresh_token",
  "key_fingerprint",
  "renew_at",
  "scope",
  "version",
] as const satisfies (keyof OAuthTokensTable)[];

type Row = Selectable<OAuthTokensTable>;
type StatusRow = Pick<Row, (typeof statusColumns)[number]>;
type ConnectionRow = Pick<Row, (typeof connectionColumns)[number]>;

type Secrets = Pick<Grant, "accessToken" | "refreshToken" | "tokenExpiry">;

export function sealGrant(keys: KeyRing, key: CustomerKey, secrets: Secrets) {
  return {
    access_token: keys.seal(tokenPlace(key, "access_token"), secrets.accessToken),
    refresh_token:
      secrets.refreshToken === null
        ? null
        : keys.seal(tokenPlace(key, "refresh_token"), secrets.refreshToken),
    token_expiry: secrets.tokenExpiry.toISOString(),
    key_fingerprint: keys.primaryFingerprint,
  };
}

export function toTimes({ renewAt, accessEndsAt }: Pick<Grant, "renewAt" | "accessEndsAt">) {
  return { renew_at: renewAt?.toISOString() ?? null, access_ends_at: accessEndsAt?.toISOString() ?? null };
}

export function openConnection(keys: KeyRing, row: ConnectionRow): Connection {
  const status = toStatus(row);
  return {
    ...status,
    accessToken: openToken(keys, row, "access_token", row.access_token),
    refreshToken:
      row.refresh_token === null ? null : openToken(keys, row, "refresh_token", row.refresh_token),
    renewAt: toDate(row.renew_at),
    scope: row.scope,
    version: row.version,
  };
}

/** @throws SealError */
function openToken(
  keys: KeyRing,
  row: ConnectionRow,
  field: "access_token" | "refresh_token",
  sealed: string,
): string {
  const place = tokenPlace({ customerId: row.customer_id, provider: row.provider }, field);
  return openStored(keys, place, { sealed, fingerprint: row.key_fingerprint });
}

export function toStatus(row: StatusRow): ConnectionStatus {
  return {
    connectionId: row.connection_id,
    customerId: row.customer_id,
    provider: row.provider,
    calendarEmail: row.calendar_email,
    accountId: row.account_id,
    clientId: row.client_id,
    connectedAt: new Date(row.created_at),
    tokenExpiry: new Date(row.token_expiry),
    accessEndsAt: toDate(row.access_ends_at),
    reconnectRequiredSince: toDate(row.reconnect_required_since),
    reconnectReason: row.reconnect_reason,
    timeZone: row.time_zone,
    calendarState: toCalendarState(row),
  };
}

function toDate(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
