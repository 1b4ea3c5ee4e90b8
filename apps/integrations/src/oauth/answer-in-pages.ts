import type { FastifyError } from "fastify";
import fastifyPlugin from "fastify-plugin";
import type { Pages } from "./pages.ts";

/** What fails on the way of a browser is answered with a page. Stores, which deliver keys there, get the service's envelope. */
export const answerInPages = fastifyPlugin<{ pages: Pages }>(
  async (app, { pages }) => {
    app.setErrorHandler<FastifyError>((error, request, reply) => {
      if (request.headers.accept?.includes("text/html") !== true) throw error;
      const { statusCode = 500 } = error;
      if (statusCode >= 500) request.log.error({ err: error }, "a request failed");
      return pages.sendResult(request, reply.code(statusCode >= 400 ? statusCode : 500), "wrong");
    });
  },
  { name: "answer-in-pages" },
);
