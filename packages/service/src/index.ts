export { ConfigError, readConfig } from "./config.ts";
export { isLoopbackHost, isLoopbackUrl, listenPort, publicUrl, secretKey, yesOrNo } from "./config-fields.ts";
export { type ErrorBody, errorBody, notFound, unauthorized } from "./error-body.ts";
export { createLogger, type Logger } from "./logger.ts";
export { runService } from "./run-service.ts";
