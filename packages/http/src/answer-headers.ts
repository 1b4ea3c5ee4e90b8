import { requestIdHeader } from "@cita/process";
import type { FastifyReply, FastifyRequest } from "fastify";
import fastifyPlugin from "fastify-plugin";

/** For answers that are data: nothing in them is to be run, framed, cached, sniffed or found by a search engine. */
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
 * The request's id on every answer, and security headers on those that don't set their own, as pages do.
 * An answer that is given while the service stops ends its connection, or the service would wait for the
 * client to.
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
  },
  { name: "answer-headers" },
);

/** The same for an answer that is given before any hook runs. */
export function setAnswerHeaders(request: FastifyRequest, reply: FastifyReply): void {
  setMissing(reply, { ...dataHeaders, [requestIdHeader]: request.id });
}

function setMissing(reply: FastifyReply, headers: Readonly<Record<string, string>>): void {
  for (const name in headers) {
    // What helmet sets on a page stands on the raw answer.
    if (!reply.hasHeader(name) && !reply.raw.hasHeader(name)) reply.header(name, headers[name]);
  }
}
