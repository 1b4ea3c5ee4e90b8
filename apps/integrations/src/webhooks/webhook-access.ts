/** Who may see and change a webhook: whoever may see and change what it is about. */

import type { FastifyRequest } from "fastify";
import type { Owner, Wanted } from "../access/caller.ts";
import type { Guard } from "../access/identify-caller.ts";
import { IntegrationError, notFound } from "../answers/integration-error.ts";
import type { IntegrationStore } from "../integrations/integration.ts";
import type { Webhook, WebhookOwner, WebhookStore, WebhookSubject } from "./webhook.ts";

type Deps = {
  readonly guard: Guard;
  readonly integrations: Pick<IntegrationStore, "find">;
  readonly webhooks: Pick<WebhookStore, "find">;
};

export type WebhookAccess = {
  /** Another's is answered as if there were none. @throws IntegrationError */
  find(request: FastifyRequest, id: string, wanted: Wanted): Promise<Webhook>;
  /** Whose the webhooks of an integration or organization are. @throws IntegrationError */
  ownerOf(request: FastifyRequest, subject: WebhookSubject, wanted: Wanted): Promise<WebhookOwner>;
};

export function createWebhookAccess({ guard, integrations, webhooks }: Deps): WebhookAccess {
  async function expectWrite(request: FastifyRequest, wanted: Wanted, owner: WebhookOwner): Promise<void> {
    if (wanted === "write" && !(await guard.allows(request, "write", toOwner(owner))))
      throw new IntegrationError("FORBIDDEN", "You may see these webhooks, and not change them.");
  }

  return {
    async find(request, id, wanted) {
      const webhook = await webhooks.find(id);
      if (webhook === undefined || !(await guard.allows(request, "read", toOwner(webhook.owner))))
        throw new IntegrationError("WEBHOOK_NOT_FOUND", "There is no such webhook.");
      await expectWrite(request, wanted, webhook.owner);
      return webhook;
    },

    async ownerOf(request, subject, wanted) {
      if ("organizationId" in subject) {
        if (!(await guard.allows(request, "read", toOwner(subject))))
          throw new IntegrationError("FORBIDDEN", "You may have webhooks of your own customers alone.");
        await expectWrite(request, wanted, subject);
        return subject;
      }
      const found = await integrations.find(subject.integrationId);
      if (found === undefined || !(await guard.allows(request, "read", found))) throw notFound();
      const { userId, organizationId } = found;
      const owner = organizationId === null ? { userId } : { organizationId };
      await expectWrite(request, wanted, owner);
      return owner;
    },
  };
}

function toOwner(owner: WebhookOwner): Owner {
  return "organizationId" in owner
    ? { userId: "", organizationId: owner.organizationId }
    : { userId: owner.userId, organizationId: null };
}
