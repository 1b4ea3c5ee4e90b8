import { setAnswerHeaders } from "@cita/http";
import { errorBody, notFound } from "@cita/process";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

/**
 * Errors in Fastify's shape with a stable code. Fastify's own not-found answer quotes the URL, in the
 * log too; ours may carry a link token or a code, so it is replaced.
 */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const body = errorBody(error);
    if (body.statusCode >= 500) request.log.error({ err: error }, "a request failed");
    return reply.code(body.statusCode).send(body);
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(notFound));
}

/** A path the router can't even read, such as a link cut in the middle. Its own answer quotes the URL. */
export function answerUnroutable(_error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  setAnswerHeaders(request, reply);
  reply.code(404).send(notFound);
}
