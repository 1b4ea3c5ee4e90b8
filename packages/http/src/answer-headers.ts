import { requestIdHeader } from "@cita/process";
import type { FastifyReply, FastifyRequest } from "fastify";
import fastifyPlugin from "fastify-plugin";

/** Security headers of responses that are data: never executed, framed, cached, sniffed or indexed. */
const dataHeaders = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "x-robots-tag": "noindex, nofollow",
};

const yearOfHttps = { "strict-transport-security": "max-age=31536000" };

export type AnswerHeadersOptions = {
  /** Where the service is reached from outside. */
  publicUrl: string;
};

/**
 * Sets the request's id on every response, and security headers unless the route has set its own, as pages do. While the
 * service stops, responses close their connections, so that stopping doesn't wait for clients.
 */
export const answerHeaders = fastifyPlugin<AnswerHeadersOptions>(
  async (app, { publicUrl }) => {
    const headers = { ...dataHeaders, ...(publicUrl.startsWith("https:") && yearOfHttps) };
    app.addHook("onRequest", (request, reply, done) => {
      reply.header(requestIdHeader, request.id);
      done();
    });
    let isClosing = false;
    app.addHook("preClose", (done) => {
      isClosing = true;
      done();
    });
    app.addHook("onSend", (_request, reply, _payload, done) => {
      setMissing(reply, headers);
      if (isClosing) reply.header("connection", "close");
      done();
    });
    // The head of a response may have been sent before, and said that the connection is kept.
    app.addHook("onResponse", (_request, _reply, done) => {
      if (isClosing) app.server.closeIdleConnections();
      done();
    });
  },
  { name: "answer-headers" },
);

/** The same for a response that is sent before any hook runs. */
export function setAnswerHeaders(request: FastifyRequest, reply: FastifyReply): void {
  setMissing(reply, { ...dataHeaders, [requestIdHeader]: request.id });
}

function setMissing(reply: FastifyReply, headers: Readonly<Record<string, string>>): void {
  for (const name in headers) {
    // helmet sets headers on the raw response.
    if (!reply.hasHeader(name) && !reply.raw.hasHeader(name)) reply.header(name, headers[name]);
  }
}
