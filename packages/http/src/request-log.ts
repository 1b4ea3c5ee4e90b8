import { type FastifyBaseLogger, type FastifyReply, type FastifyRequest, LogController } from "fastify";
import fastifyPlugin from "fastify-plugin";
import { createLogSampler, type LogSampler } from "./log-sampler.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** True for a request that is refused with another status than 4xx, such as a tool call beyond a limit. */
    isHeldBack: boolean;
  }
}

/** For each status a second. A client that is refused and repeats thousands of times a second would fill the disk. */
const maxRefusedLines = 10;

/**
 * A request's two lines, `incoming request` and `request completed`. One that is refused has only the latter,
 * of which there are ten a second for each status; how many more there were is said after.
 */
export class RequestLog extends LogController {
  #refused: LogSampler | undefined;

  constructor() {
    super({ requestIdLogLabel: "request_id" });
  }

  /** Logged by `logIncomingRequests` instead, once the request is known not to be refused. */
  override incomingRequest(): void {}

  override requestCompleted(error: Error | null | undefined, request: FastifyRequest, reply: FastifyReply) {
    if (error || !isRefused(request, reply)) return super.requestCompleted(error, request, reply);
    this.#refused ??= sampleRefusals(request.server.log);
    if (!this.#refused.take(reply.statusCode)) return;
    reply.log.info({ req: request, res: reply, responseTime: reply.elapsedTime }, "request refused");
  }

  // Fastify's own lines of the next two consist of the error's message, which may quote the request.
  override defaultErrorLog(error: Error, request: FastifyRequest, reply: FastifyReply) {
    reply.log.error({ req: request, res: reply, err: error }, "a request failed");
  }

  override writeHeadError(error: Error, request: FastifyRequest, reply: FastifyReply) {
    reply.log.warn({ req: request, res: reply, err: error }, "an answer's head couldn't be written");
  }

  /** Names no URL, which may be a link. */
  override routeNotFound(request: FastifyRequest) {
    request.log.info({ req: request }, "there is no such route");
  }
}

function isRefused({ isHeldBack }: FastifyRequest, { statusCode }: FastifyReply): boolean {
  return isHeldBack || (statusCode >= 400 && statusCode < 500);
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
    app.decorateRequest("isHeldBack", false);
    app.addHook("preHandler", (request, _reply, done) => {
      if (!request.is404 && !request.isHeldBack) request.log.info({ req: request }, "incoming request");
      done();
    });
  },
  { name: "request-log" },
);
