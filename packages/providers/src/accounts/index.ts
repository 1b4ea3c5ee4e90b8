/**
 * Accounts at any provider: what a provider is, as data (`definition.ts`, `registry/`), how each spells its answers
 * (`dialects/`), and the client that obtains, renews, tries and revokes an access. It stores nothing and knows no server.
 */

export type {
  Account,
  AccountAccess,
  AccountClient,
  AccountRenewalOutcome,
  AccountTokens,
  ObtainedAccount,
} from "./account-client.ts";
export type { Values } from "./call-authentications.ts";
export { accountVariables, type ConfiguredAccount, configuredAccounts } from "./configured-accounts.ts";
export { createAccountClient } from "./create-account-client.ts";
export { type AccountClients, createAccountClients } from "./create-account-clients.ts";
export type {
  AccountInput,
  AccountProvider,
  AccountRenewal,
  AccountRevocation,
  AuthorizationCodeGrant,
  Capability,
  Fields,
  IdentitySource,
  JsonPath,
  KeyDeliveryGrant,
  PermissionList,
  RequestTemplate,
} from "./definition.ts";
export type { AccountDialectName } from "./dialects/dialects.ts";
export type { AccountVerdict } from "./dialects/verdict.ts";
export { grantedCapabilities } from "./granted-scopes.ts";
export { readPath, segmentsOf } from "./json-path.ts";
export { accountProviders } from "./registry/registry.ts";
export { sendByFetch } from "./send-by-fetch.ts";
export type { Send, Senders, SentAnswer } from "./send-request.ts";
export { readFacts, splitScopes } from "./token-response.ts";
