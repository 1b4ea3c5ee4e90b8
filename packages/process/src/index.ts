/**
 * What every service's process has in common: reading its configuration, a log without secrets, the request that it works
 * for, starting, and stopping on a signal. Nothing here knows HTTP or a database.
 */

// Configuration:

export { ConfigError, readConfig } from "./config.ts";
export {
  httpUrl,
  isLoopbackHost,
  isLoopbackUrl,
  listenPort,
  perMinute,
  publicUrl,
  secretKey,
  yesOrNo,
} from "./config-fields.ts";
export { estimateBits, isPlainlyNotRandom } from "./secret-strength.ts";
export { type TrustedProxies, trustedProxies } from "./trusted-proxies.ts";

// The log:

export { hasKnownMessage } from "./known-errors.ts";
export { createLogger, type Logger } from "./logger.ts";
export {
  actorHeader,
  currentActor,
  currentRequestId,
  requestIdHeader,
  requestIdHeaders,
  runWithActor,
  runWithRequestId,
  toActor,
  toRequestId,
} from "./request-scope.ts";

// Starting and stopping, and what goes on between:

export { type BackgroundLoop, createBackgroundLoop } from "./background-loop.ts";
export { type CatchUpOptions, createCatchUp } from "./catch-up.ts";
export { type RunningService, runService } from "./run-service.ts";
