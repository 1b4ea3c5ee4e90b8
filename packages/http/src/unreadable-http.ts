import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { errorBody } from "./error-body.ts";

/** What Node's parser of HTTP says is wrong, by its codes; anything else is a 400. */
const refusals: Readonly<Record<string, { statusCode: number; code: string; message: string }>> = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    statusCode: 408,
    code: "request_timeout",
    message: "The request took too long to arrive.",
  },
  HPE_HEADER_OVERFLOW: {
    statusCode: 431,
    code: "headers_too_large",
    message: "The request's headers are too large.",
  },
};
const invalidHttp = { statusCode: 400, code: "invalid_http", message: "The request isn't valid HTTP." };

/**
 * Answers what isn't HTTP enough to become a request, in the shape of every other error. The connection is
 * closed, and the answer says so: Fastify's own doesn't, and whoever keeps connections loses the next
 * request sent over it (RFC 9112, section 9.6).
 */
export function answerUnreadableHttp(error: { code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const body = errorBody(refusals[error.code ?? ""] ?? invalidHttp);
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
