import type { EventBody } from "@cita/events";
import type { Owner } from "../access/caller.ts";
import type { Integration } from "../integrations/integration.ts";
import { platformOf } from "../management/platforms.ts";

/** An event as source 000 names it, and whose it is. */
export type LiveMessage = {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly owner: Owner;
  /** Its data with what is known of the integration now; undefined: it was removed. */
  complete(integration: Known | undefined): LiveMessage["data"];
};

type Known = Pick<Integration, "email" | "lastError">;

/**
 * What is told of an event: source 000's `oauth_connected`, `oauth_error`, `token_refreshed`, and ours by their own names.
 * @returns undefined for what nobody watches.
 */
export function toLiveMessage(body: EventBody, organizationId: string | null): LiveMessage | undefined {
  const about = (
    event: string,
    of: IntegrationData,
    complete: (integration: Known | undefined) => object = () => ({}),
  ): LiveMessage => {
    const data = {
      ...{ platform: platformOf(of.provider), sessionId: of.user_id },
      ...{ integrationId: of.integration_id, organizationId },
    };
    return {
      ...{ event, data, owner: { userId: of.user_id, organizationId } },
      complete: (integration) => ({ ...data, ...complete(integration) }),
    };
  };
  switch (body.kind) {
    case "integration.connected":
      return about("oauth_connected", body.data, (found) => ({ email: found?.email ?? null }));
    case "integration.error":
      return about("oauth_error", body.data, (found) => ({
        error: found?.lastError ?? body.data.reason,
        isLost: body.data.is_lost,
      }));
    case "integration.disconnected":
      return about("integration.disconnected", body.data, () => ({ isRevoked: body.data.revoked }));
    case "integration.renewed":
      return about("token_refreshed", body.data);
    case "integration.synced":
      return about("integration.synced", body.data, () => ({ action: body.data.action }));
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
  const message = {
    ...{ webhookId: data.webhook_id, deliveryId: data.delivery_id, event: data.event },
    ...{ attempts: data.attempts, sessionId: data.user_id, organizationId },
    ...("reason" in data && { reason: data.reason, isDisabled: data.is_disabled }),
  };
  const owner = { userId: data.user_id, organizationId };
  return { event: kind, data: message, owner, complete: () => message };
}

/** What the data of every event of an integration has. */
type IntegrationData = {
  readonly integration_id: string;
  readonly user_id: string;
  readonly provider: string;
};
