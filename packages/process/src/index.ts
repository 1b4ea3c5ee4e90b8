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
export { hasKnownWords } from "./known-errors.ts";
export { createLogger, type Logger } from "./logger.ts";
export { requestIdHeader, requestIdOf } from "./request-id.ts";
export { currentRequestId, onBehalfOf, passedOnHeaders } from "./request-scope.ts";
export { type RunningService, runService } from "./run-service.ts";
export { isPlainlyNotRandom } from "./secret-strength.ts";
export { type TrustedProxies, trustedProxies } from "./trusted-proxies.ts";
