import { setAnswerHeaders } from "@cita/http";
import { type ErrorCode, errorStatuses, type failureResponse } from "@cita/integrations-api";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";
import { IntegrationError } from "./integration-error.ts";

export function success<Data>(data: Data): { success: true; data: Data } {
  return { success: true, data };
}

export function toFailure(code: ErrorCode, message: string): z.output<typeof failureResponse> {
  return { success: false, error: { code, message } };
}

/** Every error response of the service in the envelope, whoever has refused the request. */
export function answerInEnvelope(app: FastifyInstance): void {
  app.setErrorHandler<FastifyError & { retryAfterSeconds?: number }>((error, request, reply) => {
    const { code, message } = explain(error);
    const status = errorStatuses[code];
    if (status === 500) request.log.error({ err: error }, "a request failed");
    if (error.retryAfterSeconds !== undefined) reply.header("retry-after", error.retryAfterSeconds);
    if (status === 401) reply.header("www-authenticate", "Bearer");
    return reply.code(status).send(toFailure(code, message));
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(nothingHere));
}

const nothingHere = toFailure("NOT_FOUND", "There is nothing here.");

/** Answers a path that the router can't decode, such as a truncated link. Fastify's own response quotes the URL. */
export function answerUnroutable(_error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  setAnswerHeaders(request, reply);
  reply.code(404).send(nothingHere);
}

const internal = {
  code: "INTERNAL_ERROR",
  message: "Something went wrong on our side. The log says what.",
} as const;

/** A schema's message names each unknown member, of which there may be thousands. */
const maxMessageLength = 2_000;

function explain(error: FastifyError): { readonly code: ErrorCode; readonly message: string } {
  if (error instanceof IntegrationError) return error;
  if (error.validation !== undefined)
    return { code: "VALIDATION_ERROR", message: error.message.slice(0, maxMessageLength) };
  const code = codeByStatus[error.statusCode ?? 500];
  return code === undefined ? internal : { code, message: error.message };
}

/** Of what Fastify, its plugins and packages of ours refuse. */
const codeByStatus: Readonly<Record<number, ErrorCode>> = {
  400: "VALIDATION_ERROR",
  401: "UNAUTHORIZED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  405: "METHOD_NOT_ALLOWED",
  408: "REQUEST_TIMEOUT",
  413: "PAYLOAD_TOO_LARGE",
  415: "UNSUPPORTED_MEDIA_TYPE",
  429: "RATE_LIMITED",
  502: "PROVIDER_ERROR",
  503: "UNAVAILABLE",
};
