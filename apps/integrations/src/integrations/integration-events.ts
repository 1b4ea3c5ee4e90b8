/** The events of integrations, which the stores append in the transaction of the deed. */

import type { NewEvent } from "@cita/events";
import type { Integration } from "./integration.ts";

type Named = Pick<Integration, "id" | "userId" | "organizationId" | "provider">;

const dataOf = ({ id, userId, provider }: Named) => ({ integration_id: id, user_id: userId, provider });

/** @param isNew whether the owner hadn't connected the account before. */
export function toConnected(integration: Named, isNew: boolean): NewEvent {
  const data = { ...dataOf(integration), account_is_new: isNew };
  return { customerId: integration.organizationId, kind: "integration.connected", data };
}

export function toDisconnected(integration: Named, isRevoked: boolean): NewEvent {
  const data = { ...dataOf(integration), revoked: isRevoked };
  return { customerId: integration.organizationId, kind: "integration.disconnected", data };
}

export function toFailed(integration: Named, reason: string, isLost: boolean): NewEvent {
  const data = { ...dataOf(integration), reason, is_lost: isLost };
  return { customerId: integration.organizationId, kind: "integration.error", data };
}

export function toRenewed(integration: Named): NewEvent {
  const data = dataOf(integration);
  return { customerId: integration.organizationId, kind: "integration.renewed", data };
}

export function toSynced(integration: Named, action: string): NewEvent {
  const data = { ...dataOf(integration), action };
  return { customerId: integration.organizationId, kind: "integration.synced", data };
}
