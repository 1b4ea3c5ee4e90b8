import { errorBody, notFound } from "@cita/service";
import type { FastifyError, FastifyInstance } from "fastify";

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
