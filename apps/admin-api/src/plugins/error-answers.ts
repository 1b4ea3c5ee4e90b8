import { CalendarApiError } from "@cita/calendar-api";
import { setAnswerHeaders } from "@cita/http";
import { errorBody, notFound } from "@cita/service";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

/** Errors in Fastify's shape with a stable code; what the calendar service refused keeps its own. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler<FastifyError | CalendarApiError>((error, request, reply) => {
    const body = errorBody(isOurKeyRefused(error) ? misconfigured : error);
    if (body.statusCode >= 500) request.log.error({ err: error }, "a request failed");
    return reply.code(body.statusCode).send(body);
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(notFound));
}

/** A caller with the right admin key must not be told that its own key is wrong, or was too often. */
function isOurKeyRefused(error: FastifyError | CalendarApiError): boolean {
  return error instanceof CalendarApiError && (error.statusCode === 401 || error.statusCode === 429);
}

const misconfigured = {
  statusCode: 502,
  code: "calendar_service_misconfigured",
  message:
    "The calendar service doesn't take our service key: CALENDAR_SERVICE_KEY differs between the two services.",
};

/** A path the router can't even read, such as a link cut in the middle. Its own answer quotes the URL. */
export function answerUnroutable(_error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  setAnswerHeaders(request, reply);
  reply.code(404).send(notFound);
}
