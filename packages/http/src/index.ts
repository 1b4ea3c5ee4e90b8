/**
 * What every service puts in front of its routes: limits, keys, request ids, request logging, security headers, error
 * responses, health, HTML. Metrics (`metrics/`) and the operator's name and colours (`brand/`) are entries of their own.
 * Nothing here knows what a service is for, stores anything, or calls another service.
 */

// A server, and what each request passes:

export { acceptedLanguage } from "./accepted-language.ts";
export { answerHeaders, setAnswerHeaders } from "./answer-headers.ts";
export { connectionLimits } from "./connection-limits.ts";
export { cameThroughProxy, warnOfUntrustedProxy } from "./proxy-headers.ts";
export { logIncomingRequests } from "./request-log.ts";
export { actorScope, requestScope } from "./request-scope.ts";
export { serverOptions } from "./server-options.ts";

// Who may call, how often, and with what:

export { jsonDepthLimit } from "./json-depth-limit.ts";
export { createKeyCheck, type KeyCheck, keyGuard, refuseKey } from "./key-guard.ts";
export { addressOf, createLimiter, type Limiter } from "./limiter.ts";
export { isLoopbackHostHeader, isLoopbackOrigin } from "./loopback-headers.ts";
export { sessionCookieName } from "./session-cookie.ts";
export { findNul } from "./validator.ts";

// Answers:

export { answerErrors, type ErrorAnswers } from "./error-answers.ts";
export { type EventStream, openEventStream } from "./event-stream.ts";
export { createGzip } from "./gzip.ts";
export { healthRoutes } from "./health.ts";
export { type Heartbeat, maxUnsentBytes, patienceMs, startHeartbeat } from "./heartbeat.ts";
export { type Html, html } from "./html.ts";
export { createPageCursor, cutPage, type PageCursor } from "./page-cursor.ts";

// For whoever has to do less of something, or say it less often:

export { type CacheTimes, cacheBriefly } from "./cache-briefly.ts";
export { createLogSampler } from "./log-sampler.ts";
