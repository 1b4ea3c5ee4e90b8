export { answerHeaders, setAnswerHeaders } from "./answer-headers.ts";
export { type CacheTimes, cacheBriefly } from "./cache-briefly.ts";
export { healthRoutes, type ReadyCheck } from "./health.ts";
export { keyGuard } from "./key-guard.ts";
export { addressOf, createLimiter, type Limiter, registerLimits } from "./limiter.ts";
export { isLocalHost, isLocalOrigin } from "./local-names.ts";
export { requestScope } from "./request-scope.ts";
export { serverOptions } from "./server-options.ts";
export { warnOfUntrustedProxy } from "./untrusted-proxy.ts";
