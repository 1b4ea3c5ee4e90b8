import { AccessTokenError } from "./access-tokens.ts";
import type { CustomerKey } from "./customer-key.ts";
import type { Connection, ConnectionStore } from "./token-store.ts";

/** How long an access token has to last for a call to be sent with it. */
const freshForMs = 60_000;

/** @throws AccessTokenError `not_connected`, `reconnect_required` */
export async function findConnected(connections: ConnectionStore, key: CustomerKey): Promise<Connection> {
  const connection = await connections.find(keyOf(key));
  if (connection === undefined) {
    throw new AccessTokenError("not_connected", "No calendar is connected for this customer.");
  }
  if (connection.reconnectRequiredSince !== null) {
    throw reconnectRequired(connection.reconnectReason ?? "unknown");
  }
  return connection;
}

/** Whether the access token is good for a minute, and not the rejected one. @param now in epoch milliseconds */
export function isUsable(connection: Connection, now: number, rejected?: string): boolean {
  return connection.accessToken !== rejected && lastsFor(connection, freshForMs, now);
}

/** @param now in epoch milliseconds */
export function lastsFor({ tokenExpiry }: Connection, ms: number, now: number): boolean {
  return tokenExpiry.getTime() > now + ms;
}

/** For maps. */
export function keyText({ provider, customerId }: CustomerKey): string {
  return `${provider}\n${customerId}`;
}

/** Of a connection: without its secrets. */
export function keyOf({ customerId, provider }: CustomerKey): CustomerKey {
  return { customerId, provider };
}

export function reconnectRequired(reason: string): AccessTokenError {
  const message = `The business has to connect its calendar again (${reason}).`;
  return new AccessTokenError("reconnect_required", message);
}
