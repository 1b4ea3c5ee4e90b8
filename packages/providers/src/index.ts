export { createAuthorizationRequest, type GoogleClientConfig } from "./google/authorization-request.ts";
export { classify, type GoogleCallFailure, isClientRefused } from "./google/classify-answer.ts";
export { explainLoss } from "./google/explain-loss.ts";
export { issuersOf } from "./google/id-token.ts";
export { retryAfterMs } from "./google/retry-after.ts";
export { createGoogleIdentity, type GoogleIdentity } from "./google/token-endpoint.ts";
export { type ExchangeVerdict, isSameAddress, judgeExchange } from "./google/token-response.ts";
