/**
 * Providers of accounts: a folder for each provider with its endpoints, scopes and differences, and `oauth/` for what the
 * standards say of all. Besides data and pure functions there are only the clients of their OAuth endpoints. Tokens are
 * stored by packages/token-store; the consent's pages are in packages/consent.
 */

export { classifyAnswer, type GoogleCallFailure, isClientRefused } from "./google/classify-answer.ts";
export { explainLoss } from "./google/explain-loss.ts";
export { type GoogleClientConfig, googleDefaults, googleIssuers, requiredScopes } from "./google/google.ts";
export { createGoogleOAuthClient, type GoogleOAuthClient } from "./google/oauth-client.ts";
export { checkGrant, type GrantResult, isSameAddress } from "./oauth/token-response.ts";
export { retryAfterMs } from "./retry-after.ts";
