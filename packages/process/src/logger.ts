import { type LogFn, type Logger, type LoggerOptions, pino } from "pino";
import { errorCode, errorType, hasKnownMessage, stackFrames } from "./known-errors.ts";

export type { Logger };

/** The parts of a Fastify request that may be logged. */
type LoggedRequest = { method?: string; routeOptions?: { url?: string }; headers?: Record<string, unknown> };

/**
 * Makes the services' logger: JSON lines on stdout, or on `stream`. Of a request only the method and the route's pattern
 * are logged, since a URL may have a code, a state or a link token. Of an error only type, code, status and stack are
 * logged, and the message where it is known to quote nobody (`hasKnownMessage`).
 */
export function createLogger(level: string, stream?: { write(line: string): void }): Logger {
  const options: LoggerOptions = {
    level,
    hooks: { logMethod: logWithoutUnknownMessage },
    serializers: {
      req: (request: LoggedRequest) => ({
        method: request.method,
        route: request.routeOptions?.url ?? "(no route)",
      }),
      err: (error: unknown) => describeError(error),
    },
  };
  return stream === undefined ? pino(options) : pino(options, stream);
}

/** Replaces the error's message, which pino uses for a line without a message of its own. */
function logWithoutUnknownMessage(this: Logger, args: Parameters<LogFn>, method: LogFn): void {
  const [first, ...rest] = args;
  const error = first instanceof Error ? first : (first as { err?: unknown } | null | undefined)?.err;
  if (rest.length === 0 && error instanceof Error)
    method.apply(this, [
      first,
      hasKnownMessage(error) ? error.message : errorType(error),
    ] as Parameters<LogFn>);
  else method.apply(this, args);
}

const maxCauseDepth = 4;
const unknownMessage = "(words of others are not logged)";

/**
 * The members of an error that may be logged. Errors of HTTP clients have whole requests, with headers and bodies, and
 * their messages may quote a response that quotes the request.
 */
export function describeError(error: unknown, depth = 0): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  const { cause, statusCode, status } = error as { cause?: unknown; statusCode?: unknown; status?: unknown };
  const isKnown = hasKnownMessage(error);
  return {
    type: errorType(error),
    code: errorCode(error),
    statusCode: [statusCode, status].find((value) => typeof value === "number"),
    message: isKnown ? error.message : unknownMessage,
    stack: isKnown ? error.stack : stackFrames(error),
    cause: cause === undefined || depth >= maxCauseDepth ? undefined : describeError(cause, depth + 1),
  };
}
