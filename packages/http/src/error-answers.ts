import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { setAnswerHeaders } from "./answer-headers.ts";
import { errorBody, notFound } from "./error-body.ts";

/**
 * Errors in Fastify's shape with a stable code. Fastify's own not-found answer quotes the URL, in the
 * log too; ours may carry a link token or a code, so it is replaced. An error of another service keeps its
 * code, and how long to wait.
 */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler<FastifyError & { retryAfterSeconds?: number }>((error, request, reply) => {
    const body = errorBody(error);
    if (body.statusCode >= 500) request.log.error({ err: error }, "a request failed");
    if (error.retryAfterSeconds !== undefined) reply.header("retry-after", error.retryAfterSeconds);
    return reply.code(body.statusCode).send(body);
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(notFound));
}

/** A path the router can't even read, such as a link cut in the middle. Its own answer quotes the URL. */
export function answerUnroutable(_error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  setAnswerHeaders(request, reply);
  reply.code(404).send(notFound);
}
