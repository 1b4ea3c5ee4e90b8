import { type FastifyBaseLogger, type FastifyReply, type FastifyRequest, LogController } from "fastify";
import fastifyPlugin from "fastify-plugin";
import { createLogSampler, type LogSampler } from "./log-sampler.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** True for a request beyond a limit, even if its status isn't 4xx, as of a tool call. */
    isRateLimited: boolean;
  }
}

/** Lines for each status a second. Otherwise a client that repeats a refused request would fill the disk. */
const maxRefusedLines = 10;

/**
 * Logs `incoming request` and `request completed` for each request. A refused request is logged once, as `request
 * refused`, at most ten times a second for each status; a summary has the number of the others.
 */
export class RequestLog extends LogController {
  #refused: LogSampler | undefined;

  constructor() {
    super({ requestIdLogLabel: "request_id" });
  }

  /** `logIncomingRequests` logs it later, when limits, keys and schemas have let the request pass. */
  override incomingRequest(): void {}

  override requestCompleted(error: Error | null | undefined, request: FastifyRequest, reply: FastifyReply) {
    if (error || !isRefused(request, reply)) return super.requestCompleted(error, request, reply);
    this.#refused ??= sampleRefusals(request.server.log);
    if (!this.#refused.take(reply.statusCode)) return;
    reply.log.info({ req: request, res: reply, responseTime: reply.elapsedTime }, "request refused");
  }

  // Fastify's own two lines have the error's message, which may quote the request.
  override defaultErrorLog(error: Error, request: FastifyRequest, reply: FastifyReply) {
    reply.log.error({ req: request, res: reply, err: error }, "a request failed");
  }

  override writeHeadError(error: Error, request: FastifyRequest, reply: FastifyReply) {
    reply.log.warn({ req: request, res: reply, err: error }, "an answer's head couldn't be written");
  }

  /** Without the URL, which may be a consent link. */
  override routeNotFound(request: FastifyRequest) {
    request.log.info({ req: request }, "there is no such route");
  }
}

function isRefused({ isRateLimited }: FastifyRequest, { statusCode }: FastifyReply): boolean {
  return isRateLimited || (statusCode >= 400 && statusCode < 500);
}

function sampleRefusals(log: FastifyBaseLogger): LogSampler {
  return createLogSampler({
    maxLines: maxRefusedLines,
    summarise: (status, leftOut) =>
      log.info({ res: { statusCode: status }, left_out: leftOut }, "more requests were refused"),
  });
}

/** Logs `incoming request` for each request that passes limits, keys and schemas. */
export const logIncomingRequests = fastifyPlugin(
  async (app) => {
    app.decorateRequest("isRateLimited", false);
    app.addHook("preHandler", (request, _reply, done) => {
      if (!request.is404 && !request.isRateLimited) request.log.info({ req: request }, "incoming request");
      done();
    });
  },
  { name: "request-log" },
);
