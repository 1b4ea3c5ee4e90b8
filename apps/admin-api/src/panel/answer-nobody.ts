import { type Html, html } from "@cita/http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { isSafe, isSameOrigin } from "../access/csrf.ts";
import { layoutWords } from "./layout-words.ts";
import { hasFieldsAlone, maxUnsentLength, toUnsent, type Unsent } from "./pages/sign-in/unsent.ts";
import { note } from "./parts/notes.ts";
import { languageOf } from "./viewer.ts";

type Deps = {
  /** Where browsers reach us. */
  readonly publicUrl: string;
  readonly sendSignIn: (
    request: FastifyRequest,
    reply: FastifyReply,
    unsent: Unsent,
  ) => Promise<FastifyReply>;
};

/**
 * Answers whoever asks for a page without a session: a page leads to signing in and back, and what was typed into a form
 * is kept until then. A part of a page says that the session has ended, and leaves the page as it is.
 * @returns undefined where the request isn't for a page.
 */
export function createAnswerNobody({ publicUrl, sendSignIn }: Deps) {
  const { origin } = new URL(publicUrl);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const { isPage, access } = request.routeOptions.config;
    if (isPage !== true) return undefined;
    const language = languageOf(request);
    if (request.headers.accept?.startsWith("text/event-stream")) return reply.code(401).send();
    if (request.headers["hx-request"] === "true")
      return reply.code(401).type("text/html; charset=utf-8").send(endedNote(language).html);
    if (isSafe(request)) return reply.redirect(`/login?${new URLSearchParams({ next: request.url })}`, 303);
    // What is typed into one's own account proves who somebody is: nothing of it is kept.
    if (typeof access === "object" && access.action === "own_account")
      return reply.redirect("/login?next=/cuenta", 303);
    // A form of another site isn't kept: it would be sent in the person's name after they have signed in.
    const fields = isSameOrigin(request, origin) ? await readForm(request, reply) : undefined;
    const unsent = fields === undefined ? undefined : toUnsent(request.url, fields);
    if (unsent === undefined) return reply.redirect("/login", 303);
    return sendSignIn(request, reply.code(401), unsent);
  };
}

function endedNote(language: keyof typeof layoutWords): Html {
  const { sessionEnded, signIn } = layoutWords[language];
  return note("wait", html`${sessionEnded} <a href="/login" target="_blank">${signIn}</a>`);
}

/** The most that is read of a form: the rest of the connection is given up. */
const maxReadBytes = 1024 * 1024;

/**
 * The body isn't parsed yet: the guard answers before. What is too long is read all the same, since a body that is read in
 * part blocks the requests that come after it on the connection.
 * @returns undefined where it isn't a form, or is too long.
 */
async function readForm(request: FastifyRequest, reply: FastifyReply): Promise<string | undefined> {
  if (!hasFieldsAlone(request)) return undefined;
  const { raw } = request;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of raw.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length;
    if (bytes <= maxUnsentLength) chunks.push(chunk);
    if (bytes <= maxReadBytes) continue;
    reply.header("connection", "close");
    break;
  }
  return bytes > maxUnsentLength ? undefined : Buffer.concat(chunks).toString("utf8");
}
