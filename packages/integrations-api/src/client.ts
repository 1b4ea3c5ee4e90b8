import { type ServiceAddress, toSearch, toSegment } from "@cita/service-client";
import { z } from "zod";
import { pageOf, successOf } from "./envelope.ts";
import { type InitiatedConsent, initiatedConsent, type initiateRequest } from "./initiate.ts";
import {
  type DisconnectedIntegration,
  disconnectedIntegration,
  type IntegrationChanges,
  type IntegrationView,
  integrationView,
  type SyncLogView,
  syncLogView,
} from "./integrations.ts";
import { type peopleEvent, removedIntegrations } from "./people-events.ts";
import { type ProviderView, providerView } from "./providers.ts";
import { createSend, type Page, type PageQuery } from "./send.ts";
import { createWebhooksApiClient, type WebhooksApiClient } from "./webhooks-client.ts";

/**
 * Typed calls of the integration service, one request each, in the name of the service itself: who may do what was decided
 * before. Every method throws IntegrationsApiError. `@throws` lists the service's own codes.
 */
export type IntegrationsApiClient = {
  /** The registry: which providers there are, and what each is here. */
  providers(): Promise<ProviderView[]>;
  /** What belongs to an organization, in order of ids. */
  ofOrganization(organizationId: string, query: PageQuery): Promise<Page<IntegrationView>>;
  /** What is a person's own. */
  ownOf(userId: string, query: PageQuery): Promise<Page<IntegrationView>>;
  /** @throws `INTEGRATION_NOT_FOUND` */
  find(id: string): Promise<IntegrationView>;
  /** What was done with it, newest first. @throws `INTEGRATION_NOT_FOUND` */
  syncLogs(id: string, query: PageQuery): Promise<Page<SyncLogView>>;
  /** @throws `INVALID_PROVIDER`, and `VALIDATION_ERROR` where `redirectUri` isn't one of ALLOWED_REDIRECT_URIS */
  initiate(request: z.input<typeof initiateRequest>): Promise<InitiatedConsent>;
  /** @throws `INTEGRATION_NOT_FOUND` */
  update(id: string, changes: IntegrationChanges): Promise<IntegrationView>;
  /**
   * Erases its tokens, and revokes the access at the provider where that ends nothing else.
   * @param revokesAll it is revoked although that ends other connections too.
   * @throws `INTEGRATION_NOT_FOUND`
   */
  disconnect(id: string, revokesAll: boolean): Promise<DisconnectedIntegration>;
  /** Removes all that a user or an organization had. Safe to repeat. @returns how many integrations there were */
  remove(event: z.input<typeof peopleEvent>): Promise<number>;
  readonly webhooks: WebhooksApiClient;
};

/** The service waits for a renewal under way, renews, and revokes: each within its own timeout. */
const disconnectTimeoutMs = 45_000;

/** Every integration of the owner is ended, one after the other. */
const removalTimeoutMs = 120_000;

export function createIntegrationsApiClient(address: ServiceAddress): IntegrationsApiClient {
  const send = createSend(address);
  const pathOf = (id: string) => `/integrations/${toSegment(id)}`;
  const get = <Schema extends z.ZodType>(path: string, answer: Schema) =>
    send({ method: "GET", path, answer });
  const listed = pageOf(integrationView);
  return {
    webhooks: createWebhooksApiClient(send),
    providers: async () => (await get("/integrations/providers", successOf(z.array(providerView)))).data,
    ofOrganization: (id, query) =>
      get(`/integrations/organization/${toSegment(id)}?${toSearch(query)}`, listed),
    ownOf: (id, query) =>
      get(`/integrations/user/${toSegment(id)}?${toSearch({ ...query, own: true })}`, listed),
    find: async (id) => (await get(pathOf(id), successOf(integrationView))).data,
    syncLogs: (id, query) => get(`${pathOf(id)}/sync-logs?${toSearch(query)}`, pageOf(syncLogView)),

    async initiate(body) {
      const path = "/integrations/oauth/initiate";
      return (await send({ method: "POST", path, body, answer: successOf(initiatedConsent) })).data;
    },

    async update(id, body) {
      const request = { method: "PATCH", path: pathOf(id), body } as const;
      return (await send({ ...request, answer: successOf(integrationView) })).data;
    },

    async disconnect(id, revokesAll) {
      const path = `${pathOf(id)}${revokesAll ? "?revoke=all" : ""}`;
      const request = { method: "DELETE", path, timeoutMs: disconnectTimeoutMs } as const;
      return (await send({ ...request, answer: successOf(disconnectedIntegration) })).data;
    },

    async remove(body) {
      const request = { method: "POST", path: "/events", body, timeoutMs: removalTimeoutMs } as const;
      return (await send({ ...request, answer: successOf(removedIntegrations) })).data.removed;
    },
  };
}
