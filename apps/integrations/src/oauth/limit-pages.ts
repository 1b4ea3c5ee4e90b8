import type { Limiter } from "@cita/http";
import fastifyPlugin from "fastify-plugin";
import type { Pages } from "./pages.ts";

/** Answers requests beyond a limit with a page, and shows no page in a search. Nothing is consumed by it. */
export const limitPages = fastifyPlugin<{ limit: Limiter; pages: Pages }>(
  async (app, { limit, pages }) => {
    app.addHook("onRequest", async (request, reply) => {
      const waitSeconds = await limit.take(request);
      if (waitSeconds === undefined) return undefined;
      return pages.sendResult(request, reply.code(429).header("retry-after", waitSeconds), "busy");
    });
  },
  { name: "limit-pages" },
);
