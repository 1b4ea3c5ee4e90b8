import type { EventBody } from "@cita/events";
import type { Owner } from "../access/caller.ts";
import type { Integration } from "../integrations/integration.ts";
import { platformOf } from "../management/platforms.ts";

/** An event as source 000 names it, and whose it is. */
export type LiveMessage = {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly owner: Owner;
};

/**
 * What is told of an event: source 000's `oauth_connected`, `oauth_error`, `token_refreshed`, and ours by their own names.
 * @param integration as it is now, which has what events don't have; undefined: it was removed.
 * @returns undefined for what nobody watches.
 */
export function toLiveMessage(
  body: EventBody,
  organizationId: string | null,
  integration: Pick<Integration, "email" | "lastError"> | undefined,
): LiveMessage | undefined {
  const about = <Extra extends object>(event: string, data: IntegrationData, extra?: Extra): LiveMessage => ({
    event,
    data: {
      ...{ platform: platformOf(data.provider), sessionId: data.user_id },
      ...{ integrationId: data.integration_id, organizationId },
      ...extra,
    },
    owner: { userId: data.user_id, organizationId },
  });
  switch (body.kind) {
    case "integration.connected":
      return about("oauth_connected", body.data, { email: integration?.email ?? null });
    case "integration.error":
      return about("oauth_error", body.data, {
        error: integration?.lastError ?? body.data.reason,
        isLost: body.data.is_lost,
      });
    case "integration.disconnected":
      return about("integration.disconnected", body.data, { isRevoked: body.data.revoked });
    case "integration.renewed":
      return about("token_refreshed", body.data);
    case "integration.synced":
      return about("integration.synced", body.data, { action: body.data.action });
    case "webhook.delivered":
    case "webhook.failed":
      return toWebhookMessage(body, organizationId);
    default:
      return undefined;
  }
}

function toWebhookMessage(
  { kind, data }: Extract<EventBody, { kind: "webhook.delivered" | "webhook.failed" }>,
  organizationId: string | null,
): LiveMessage {
  return {
    event: kind,
    data: {
      ...{ webhookId: data.webhook_id, deliveryId: data.delivery_id, event: data.event },
      ...{ attempts: data.attempts, sessionId: data.user_id, organizationId },
      ...("reason" in data && { reason: data.reason, isDisabled: data.is_disabled }),
    },
    owner: { userId: data.user_id ?? "", organizationId },
  };
}

/** What the data of every event of an integration has. */
type IntegrationData = {
  readonly integration_id: string;
  readonly user_id: string;
  readonly provider: string;
};
