import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { setAnswerHeaders } from "./answer-headers.ts";

/**
 * Sets the error and not-found handlers: errors in Fastify's shape with a stable code. Fastify's own not-found response
 * quotes the URL, which may have a link token or a code. An error of another service keeps its code and `Retry-After`.
 */
export function answerErrors(app: FastifyInstance, { answerNotFound }: ErrorAnswers = {}): void {
  app.setErrorHandler<FastifyError & { retryAfterSeconds?: number }>((error, request, reply) => {
    const body = errorBody(error);
    if (body.statusCode >= 500) request.log.error({ err: error }, "a request failed");
    if (error.retryAfterSeconds !== undefined) reply.header("retry-after", error.retryAfterSeconds);
    return reply.code(body.statusCode).send(body);
  });
  app.setNotFoundHandler(
    async (request, reply) => (await answerNotFound?.(request, reply)) ?? reply.code(404).send(notFound),
  );
}

export type ErrorAnswers = {
  /** Answers a request that no route is for, such as with a page; undefined: it doesn't. */
  readonly answerNotFound?: (
    request: FastifyRequest,
    reply: FastifyReply,
  ) => Promise<FastifyReply | undefined>;
};

/** Answers a path that the router can't decode, such as a truncated link. Fastify's own response quotes the URL. */
export function answerUnroutable(_error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  setAnswerHeaders(request, reply);
  reply.code(404).send(notFound);
}

/** The body of every error response: Fastify's shape, with a stable `code`. */
export type ErrorBody = {
  statusCode: number;
  code: string;
  error: string;
  message: string;
  /** Each problem of a body that can have several. */
  problems?: readonly string[];
  /** Free times, where the requested one isn't free. */
  alternatives?: readonly object[];
};

/** The members of an error that its response is made of. */
type Failure = {
  statusCode?: number;
  code?: string;
  message: string;
  validation?: unknown;
  problems?: readonly string[];
  alternatives?: readonly object[];
};

const statusNames: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  412: "Precondition Failed",
  413: "Payload Too Large",
  415: "Unsupported Media Type",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
};

/** Our codes for Fastify's own, which may change. */
const stableCodes: Readonly<Record<string, string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: "body_too_large",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "unsupported_media_type",
  FST_ERR_CTP_EMPTY_JSON_BODY: "invalid_json",
  FST_ERR_CTP_INVALID_JSON_BODY: "invalid_json",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "invalid_request",
};

const internal = { code: "internal_error", message: "Something went wrong on our side. The log says what." };

/** Converts an error to a body. A 500 says nothing of its cause, which is in the log. */
export function errorBody(failure: Failure): ErrorBody {
  const { statusCode = 500, code, message, validation, problems, alternatives } = failure;
  const error = statusNames[statusCode] ?? "Error";
  if (statusCode === 500) return { statusCode, error, ...internal };
  if (validation !== undefined) {
    return { statusCode, code: "invalid_request", error, message: shortened(message) };
  }
  const body = { statusCode, code: (code && stableCodes[code]) ?? code ?? "request_refused", error, message };
  return { ...body, ...(problems && { problems }), ...(alternatives && { alternatives }) };
}

/** A schema's message names each unknown member, of which there may be thousands. */
const maxMessageLength = 2_000;

function shortened(message: string): string {
  return message.length <= maxMessageLength ? message : `${message.slice(0, maxMessageLength)}… and more`;
}

export const notFound = errorBody({ statusCode: 404, code: "not_found", message: "There is nothing here." });

export const unauthorized = errorBody({
  statusCode: 401,
  code: "unauthorized",
  message: "Send the right key as Authorization: Bearer <key>.",
});

export const tooManyFailedKeys = errorBody({
  statusCode: 429,
  code: "too_many_failed_keys",
  message: "Too many wrong keys came from this address. Wait as long as Retry-After says.",
});
