/**
 * The contract of the integration service: zod schemas, by which it validates and documents, and a typed client for our
 * other services, which call it with the service key. No schema has a provider's token.
 */

export { createIntegrationsApiClient, type IntegrationsApiClient } from "./client.ts";
export { IntegrationsApiError } from "./client-error.ts";
export {
  type ErrorCode,
  errorStatuses,
  failureResponse,
  pageOf,
  successOf,
} from "./envelope.ts";
export { type InitiatedConsent, initiatedConsent, initiateRequest } from "./initiate.ts";
export {
  type DisconnectedIntegration,
  disconnectedIntegration,
  type IntegrationChanges,
  type IntegrationProblem,
  type IntegrationView,
  integrationChanges,
  integrationId,
  integrationProblems,
  integrationsQuery,
  integrationView,
  metadata,
  organizationId,
  providerName,
  type Revocation,
  revocations,
  type SyncLogView,
  syncLogsQuery,
  syncLogView,
  syncStatuses,
  userId,
  userIntegrationsQuery,
} from "./integrations.ts";
export { peopleEvent, removedIntegrations } from "./people-events.ts";
export { type ProviderCategory, type ProviderView, providerCategories, providerView } from "./providers.ts";
export {
  type DeliveryStatus,
  type DeliveryView,
  deletedWebhook,
  deliveryStatuses,
  deliveryView,
  type EventTypeView,
  eventTypeView,
  maxWebhookUrlLength,
  type ReplayRequest,
  replayedDeliveries,
  type WebhookChanges,
  type WebhookSubject,
  type WebhookView,
  type WebhookWithSecret,
  webhookView,
  webhookWithSecret,
} from "./webhooks.ts";
export type { WebhooksApiClient } from "./webhooks-client.ts";
