import { addressOf } from "@cita/http";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { csrfTokenOf } from "../../../access/csrf.ts";
import type { SignIn } from "../../../access/sign-in.ts";
import { googleProblems } from "../../../people/google-sign-in.ts";
import type { Pages } from "../../pages.ts";
import type { PageDeps } from "../../panel.ts";
import { languageOf } from "../../viewer.ts";
import { maxUnsentLength, senderOf, type Unsent } from "./unsent.ts";
import { continueBody, type SignInForm, signInBody } from "./view.ts";
import { signInWords } from "./words.ts";

const text = (maxLength: number) => z.string().max(maxLength).default("");

const signInForm = z.object({
  email: text(254),
  password: text(1_000),
  totp: text(40),
  proof: text(2_000),
  next: text(2_000),
  unsent_path: text(2_000),
  unsent_fields: text(maxUnsentLength),
});

/** What is kept arrives encoded once more, and each of its percent signs as three characters. */
const signInBodyLimit = 4 * maxUnsentLength;

export type SendSignIn = (
  request: FastifyRequest,
  reply: FastifyReply,
  form: Partial<Omit<SignInForm, "language" | "csrf">>,
) => Promise<FastifyReply>;

/** How the page for signing in is sent: by its own route, and in place of a page that needs a session. */
export function createSendSignIn(
  pages: Pages,
  { ensureVisitor, hasGoogle }: Pick<SignIn, "ensureVisitor"> & { readonly hasGoogle: boolean },
): SendSignIn {
  return (request, reply, form) => {
    ensureVisitor(request, reply);
    const language = languageOf(request);
    const words = signInWords[language];
    const empty = { email: "", next: "/", problem: undefined, proof: undefined, unsent: undefined };
    const body = signInBody({ ...empty, hasGoogle, ...form, language, csrf: csrfTokenOf(request) });
    return pages.sendAlone(request, reply, { title: words.title, body, footer: words.footer });
  };
}

/** Signing in and out of the panel. */
export const signInRoutes: FastifyPluginAsync<PageDeps> = async (
  app,
  { pages, authentication, signIn, signOut, sendSignIn: send },
) => {
  app.get<{ Querystring: { next?: string; problem?: string } }>(
    "/login",
    { config: { access: "public" } },
    (request, reply) => {
      const next = ownPath(request.query.next);
      if (request.viewer !== null) return reply.redirect(next, 303);
      const kind = googleProblems.find((problem) => problem === request.query.problem);
      return send(request, reply, { next, problem: kind && { kind } });
    },
  );

  app.post("/login", { config: { access: "public" }, bodyLimit: signInBodyLimit }, async (request, reply) => {
    const form = signInForm.parse(request.body ?? {});
    const next = ownPath(form.next);
    const unsent = unsentOf(form);
    const { email, password, totp, proof } = form;
    const address = addressOf(request);
    const result =
      proof === ""
        ? await authentication.signInWithPassword({ email, password, address })
        : await authentication.signInWithCode({ proof, totp, address });
    switch (result.kind) {
      case "signed_in":
        await signIn(
          request,
          reply,
          { userId: result.user.id, passwordHash: result.passwordHash },
          "password",
        );
        // Another person than the one who typed it sees nothing of it.
        return unsent !== undefined && senderOf(unsent) === result.user.id
          ? sendUnsent(pages, request, reply, unsent)
          : reply.redirect(next, 303);
      case "totp_required":
        return send(request, reply, { email, next, unsent, proof: result.proof });
      case "invalid_code":
        return send(request, reply.code(401), {
          email,
          next,
          unsent,
          proof,
          problem: { kind: "wrong_code" },
        });
      case "proof_expired":
        return send(request, reply.code(401), { email, next, unsent, problem: { kind: "too_late" } });
      case "invalid_credentials":
        return send(request, reply.code(401), { email, next, unsent, problem: { kind: "invalid" } });
      case "slow_down": {
        const seconds = result.retryAfterSeconds;
        reply.code(429).header("retry-after", seconds);
        return send(request, reply, {
          ...{ email, next, unsent, problem: { kind: "wait", seconds } },
          proof: proof || undefined,
        });
      }
    }
  });

  app.post("/logout", { config: { access: { action: "list_customers" } } }, async (request, reply) => {
    await signOut(request, reply);
    return reply.redirect("/login", 303);
  });
};

/** The page by which a person sends again what couldn't be done, because its session had ended. */
export function sendUnsent(
  pages: Pages,
  request: FastifyRequest,
  reply: FastifyReply,
  unsent: Unsent,
): Promise<FastifyReply> {
  const language = languageOf(request);
  const body = continueBody(language, unsent, csrfTokenOf(request));
  return pages.sendAlone(request, reply, { title: signInWords[language].continueTitle, body });
}

/** A path of ours to go on to: of anything else the start page. */
export function ownPath(path: string | undefined): string {
  if (path === undefined || !/^\/(?![/\\])/.test(path) || /[\p{Cc}\\]/u.test(path)) return "/";
  return path;
}

function unsentOf({ unsent_path, unsent_fields }: z.output<typeof signInForm>): Unsent | undefined {
  return unsent_path === "" ? undefined : { path: ownPath(unsent_path), fields: unsent_fields };
}
