import type { FastifyReply, FastifyRequest } from "fastify";
import { csrfHeader, csrfTokenOf, hasTokenOfOther, senderField } from "../access/csrf.ts";
import { layoutWords } from "./layout-words.ts";
import { sendUnsent } from "./pages/sign-in/routes.ts";
import { hasFieldsAlone, toUnsent, typedFields } from "./pages/sign-in/unsent.ts";
import type { Pages } from "./pages.ts";
import { note } from "./parts/notes.ts";
import { languageOf } from "./viewer.ts";

/**
 * Answers a form of a page of ours whose token is of a session that the same person had before. Nothing of it is done: a
 * page gives back what was typed, to be sent with the token of the session that there is. A script is given that token
 * for its page, and the person repeats what they did. The guard has looked before for who asks, and from which origin.
 * @returns undefined where the form is of another person's page, or nothing would be lost: it is refused.
 */
export function createAnswerStaleForm(pages: Pages) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const { caller, routeOptions, url, headers } = request;
    const { isPage, access } = routeOptions.config;
    if (isPage !== true || caller?.kind !== "user" || !hasTokenOfOther(request)) return undefined;
    const fields = readFields(request);
    if (fields?.get(senderField) !== caller.userId) return undefined;
    if (headers["hx-request"] === "true") {
      const { signedInAgain } = layoutWords[languageOf(request)];
      reply.code(409).header(csrfHeader, csrfTokenOf(request)).type("text/html; charset=utf-8");
      return reply.send(note("wait", signedInAgain).html);
    }
    // As without a session: what proves who somebody is isn't given back.
    if (typeof access === "object" && access.action === "own_account") return undefined;
    const unsent = toUnsent(url, fields.toString());
    if (unsent === undefined || typedFields(unsent).length === 0) return undefined;
    return sendUnsent(pages, request, reply.code(409), unsent);
  };
}

/** @returns undefined where the body isn't a form, or is one that its route reads by itself. */
function readFields(request: FastifyRequest): URLSearchParams | undefined {
  if (!hasFieldsAlone(request)) return undefined;
  return new URLSearchParams(
    Object.entries(Object(request.body)).flatMap(([name, value]) =>
      [value].flat().map((one): [string, string] => [name, String(one)]),
    ),
  );
}
