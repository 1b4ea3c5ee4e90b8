/** The events of consents and connections, which the stores append in the transaction of the deed. */

import type { AppendEvent, NewEvent } from "@cita/events";
import type { Connection, ConsentAttempt, ConsentLink, ConsentOutcome, IssuedLink } from "./token-store.ts";

export function toLinkIssued({ customerId, id, expiresAt }: IssuedLink): NewEvent {
  return { customerId, kind: "link_issued", data: { link_id: id, expires_at: expiresAt.toISOString() } };
}

/** Told once of a link, however often it is opened. */
export function toLinkOpened({ customerId, id }: Pick<ConsentLink, "customerId" | "id">): NewEvent {
  return { customerId, kind: "link_opened", data: { link_id: id }, once: `link ${id} was opened` };
}

/** Appends that links were revoked. */
export async function appendRevoked(
  append: AppendEvent,
  links: readonly Pick<ConsentLink, "customerId" | "id">[],
  because: "renewed" | "disconnected",
): Promise<void> {
  for (const { customerId, id } of links)
    await append({ customerId, kind: "link_revoked", data: { link_id: id, because } });
}

export function toAttemptEnded({ id, link, provider }: ConsentAttempt, outcome: ConsentOutcome): NewEvent {
  const kind = outcome === "connected" ? outcome : (`consent_${outcome}` as const);
  return { customerId: link.customerId, kind, data: { link_id: link.id, provider, attempt_id: id } };
}

export function toReconnectRequired(connection: Connection, reason: string): NewEvent {
  const { customerId, provider, connectedAt, tokenExpiry } = connection;
  const times = { connected_at: connectedAt.toISOString(), token_expiry: tokenExpiry.toISOString() };
  return { customerId, kind: "reconnect_required", data: { provider, reason, ...times } };
}
