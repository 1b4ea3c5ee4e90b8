import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { errorBody } from "./error-answers.ts";

/** Responses by the codes of Node's HTTP parser. Any other code is a 400. */
const answers: Readonly<Record<string, { statusCode: number; code: string; message: string }>> = {
  // Also where the process stood still for that long: Node looks at the time before it reads what has arrived.
  ERR_HTTP_REQUEST_TIMEOUT: {
    statusCode: 408,
    code: "request_timeout",
    message: "The request took too long to arrive, and nothing was done. Send it again.",
  },
  HPE_HEADER_OVERFLOW: {
    statusCode: 431,
    code: "headers_too_large",
    message: "The request's headers are too large.",
  },
};
const invalidHttp = { statusCode: 400, code: "invalid_http", message: "The request isn't valid HTTP." };

/**
 * Handles Node's `clientError`: what the parser refuses is answered in the shape of every other error. Unlike Fastify's
 * own response, this one has `Connection: close`, without which a client would lose the next request that it sends over
 * this connection (RFC 9112, section 9.6).
 */
export function answerClientError(error: { code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const body = errorBody(answers[error.code ?? ""] ?? invalidHttp);
  const text = JSON.stringify(body);
  const head = [
    `HTTP/1.1 ${body.statusCode} ${STATUS_CODES[body.statusCode]}`,
    "Connection: close",
    "Content-Type: application/json; charset=utf-8",
    "Cache-Control: no-store",
    "X-Content-Type-Options: nosniff",
    `Content-Length: ${Buffer.byteLength(text)}`,
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n${text}`);
  socket.destroySoon();
}
