import type { FastifyHelmetOptions } from "@fastify/helmet";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type Frame, type Page, renderAlone, renderPage } from "./layout.ts";
import { languageOf, themeOf, viewerOf } from "./viewer.ts";

/** How handlers answer with a page. */
export type Pages = {
  /** A page of the panel, for whoever is signed in. */
  send(request: FastifyRequest, reply: FastifyReply, page: Page): Promise<FastifyReply>;
  /** A page of one card. */
  sendAlone(
    request: FastifyRequest,
    reply: FastifyReply,
    page: Parameters<typeof renderAlone>[2],
  ): Promise<FastifyReply>;
  readonly frame: Frame;
};

/** @param headers of every page. */
export function createPages(frame: Frame, headers: FastifyHelmetOptions): Pages {
  const send = async (reply: FastifyReply, page: string) => {
    await reply.helmet(headers);
    return reply.type("text/html; charset=utf-8").send(page);
  };
  return {
    frame,
    send: (request, reply, page) => send(reply, renderPage(frame, viewerOf(request), page)),
    sendAlone: (request, reply, page) =>
      send(reply, renderAlone(frame, { language: languageOf(request), theme: themeOf(request) }, page)),
  };
}
