/**
 * Providers of accounts: a folder for each provider with its definition and its differences, `strategies/` for the tables
 * that definitions refer to, and `oauth/` for the one client of the authorization code grant. Tokens are stored by
 * packages/token-store; the consent's pages are in packages/consent.
 */

// Definitions

export { defineProviders, type Endpoints, type Provider, type ProviderDefinition } from "./definition.ts";
export { google, googleApiUrl } from "./google/definition.ts";
export { type StrategyTables, strategies } from "./strategies/strategies.ts";

// What an operator configures

export { atProviderHosts, type ConfiguredClient, configuredClients } from "./client-variables.ts";

// Our OAuth client at a provider

export { isSameAddress } from "./oauth/check-grant.ts";
export type {
  ExchangeResult,
  ProviderClient,
} from "./oauth/provider-client.ts";
export { createProviderClients, createRenewConnection, type ProviderClients } from "./provider-clients.ts";

// What answers mean

export { createExplainLoss, type ExplainLoss } from "./explain-loss.ts";
export { classifyAnswer, type GoogleCallFailure } from "./google/classify-answer.ts";
export { retryAfterMs } from "./retry-after.ts";
