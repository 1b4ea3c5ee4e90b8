/**
 * What every service's process has in common: it reads its configuration, writes a log that repeats no secret, knows
 * which request it is working for, starts, and stops when it is told to. Nothing here knows HTTP or a database.
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
export { isPlainlyNotRandom } from "./secret-strength.ts";
export { type TrustedProxies, trustedProxies } from "./trusted-proxies.ts";

// The log:

export { hasKnownMessage } from "./known-errors.ts";
export { createLogger, type Logger } from "./logger.ts";
export {
  currentRequestId,
  onBehalfOf,
  passedOnHeaders,
  requestIdHeader,
  requestIdOf,
} from "./request-id.ts";

// Starting and stopping:

export { type RunningService, runService } from "./run-service.ts";
