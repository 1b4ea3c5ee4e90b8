import { AccessTokenError } from "./access-tokens.ts";
import type { CustomerKey } from "./customer-key.ts";
import type { Connection, ConnectionStore } from "./token-store.ts";

/** How long an access token must be valid for a call to be sent with it. */
const freshForMs = 60_000;

/** @throws AccessTokenError `not_connected`, `reconnect_required` */
export async function findConnected(connections: ConnectionStore, key: CustomerKey): Promise<Connection> {
  const connection = await connections.find(key);
  if (connection === undefined) {
    throw new AccessTokenError("not_connected", "No calendar is connected for this customer.");
  }
  if (connection.reconnectRequiredSince !== null) {
    throw reconnectRequiredError(connection.reconnectReason ?? "unknown");
  }
  return connection;
}

/** Whether the access token is valid for a minute, and not the rejected one. @param now in epoch milliseconds */
export function isUsable(connection: Connection, now: number, rejected?: string): boolean {
  return connection.accessToken !== rejected && isValidFor(connection, freshForMs, now);
}

/** @param now in epoch milliseconds */
export function isValidFor({ tokenExpiry }: Connection, ms: number, now: number): boolean {
  return tokenExpiry.getTime() > now + ms;
}

/** A key for maps. */
export function toMapKey({ provider, customerId }: CustomerKey): string {
  return `${provider}\n${customerId}`;
}

export function reconnectRequiredError(reason: string): AccessTokenError {
  const message = `The business has to connect its calendar again (${reason}).`;
  return new AccessTokenError("reconnect_required", message);
}
