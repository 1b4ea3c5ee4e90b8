import { type Logger, pino } from "pino";

export type { Logger };

/** The parts of a Fastify request that may be logged. */
type LoggedRequest = { method?: string; routeOptions?: { url?: string }; headers?: Record<string, unknown> };

/**
 * The services' logger: JSON lines on stdout, or on `stream`. It can't leak what it never sees: of a
 * request only the method and the route's pattern are logged (a URL may carry a code, a state or a
 * link token), of an error only type, code, message, stack and the same of its cause.
 */
export function createLogger(level: string, stream?: { write(line: string): void }): Logger {
  const options = {
    level,
    serializers: {
      req: (request: LoggedRequest) => ({
        method: request.method,
        route: request.routeOptions?.url ?? "(no route)",
      }),
      err: describeError,
    },
  };
  return stream === undefined ? pino(options) : pino(options, stream);
}

const deepestCause = 4;

/** Errors of HTTP clients carry whole requests, with headers and bodies: only what is named here gets out. */
function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  const quotesInput =
    error instanceof SyntaxError || /is not valid JSON|in JSON at position/.test(error.message);
  const { code, cause, statusCode } = error as { code?: unknown; cause?: unknown; statusCode?: unknown };
  return {
    type: error.name,
    code: typeof code === "string" || typeof code === "number" ? code : undefined,
    statusCode: typeof statusCode === "number" ? statusCode : undefined,
    message: quotesInput ? "(it quotes what could not be parsed)" : error.message,
    stack: quotesInput ? undefined : error.stack,
    cause: cause === undefined || depth >= deepestCause ? undefined : describeError(cause, depth + 1),
  };
}
