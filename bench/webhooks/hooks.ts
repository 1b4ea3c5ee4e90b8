import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Services } from "../../apps/integrations/src/services.ts";

/** What a delivery says: the ids of an event that `happen` has made, or of another. */
export type DeliveredBody = {
  readonly type: string;
  readonly timestamp: string;
  readonly data: { readonly integrationId: string };
};

/** A receiver on this machine. @param answers false: it never does */
export async function openReceiver(onBody: (body: DeliveredBody) => void, answers: boolean) {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    onBody(JSON.parse(Buffer.concat(chunks).toString()));
    if (answers) response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

export async function addWebhook({ webhooks }: Services, organizationId: string, url: string): Promise<void> {
  const subject = { organizationId };
  await webhooks.create({ subject, owner: subject, url, events: ["*"], metadata: {} });
}

/** Actions on so many integrations of a customer, in one transaction. @returns their ids */
export async function happen({ events }: Services, customerId: string, count = 1): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  const toEvent = (integration_id: string) => ({
    ...{ customerId, kind: "integration.synced" as const },
    data: { integration_id, user_id: "ana", provider: "slack", action: "publish" },
  });
  await events.transaction((_trx, append) => append(...ids.map(toEvent)));
  return ids;
}
