// What providers of accounts are, as data and pure functions, and our clients at their OAuth endpoints: a folder for each
// provider with its data and its differences, `oauth/` for what the standards say of all. No database, no pages, no
// server: tokens are kept by packages/token-store, and packages/consent leads a person to them.

export { classifyAnswer, type GoogleCallFailure, isClientRefused } from "./google/classify-answer.ts";
export { explainLoss } from "./google/explain-loss.ts";
export { type GoogleClientConfig, googleDefaults, googleIssuers, requiredScopes } from "./google/google.ts";
export { createGoogleOAuthClient, type GoogleOAuthClient } from "./google/oauth-client.ts";
export { checkGrant, type GrantResult, isSameAddress } from "./oauth/token-response.ts";
export { retryAfterMs } from "./retry-after.ts";
