import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { csrfTokenOf } from "../../../access/csrf.ts";
import { LinkInvalidError } from "../../../people/accounts.ts";
import { WeakPasswordError } from "../../../people/passwords.ts";
import type { User } from "../../../people/user.ts";
import type { PageDeps } from "../../panel.ts";
import { languageOf } from "../../viewer.ts";
import { enterBody, forgotBody, type PasswordProblem, passwordBody, sentenceBody } from "./view.ts";
import { linkPageWords } from "./words.ts";

type OfLink = { Params: { token: string } };
type Words = (typeof linkPageWords)["es"];

const access = "public" as const;
const passwordForm = z.object({
  name: z.string().trim().max(200).default(""),
  password: z.string().max(1_000).default(""),
});
const forgotForm = z.object({ email: z.string().max(254).default("") });

/** Pages behind links that count once: joining, another password, signing in without one. */
export const oneTimeLinkRoutes: FastifyPluginAsync<PageDeps> = async (app, deps) => {
  await app.register(forgottenRoutes, deps);
  await app.register(passwordRoutes, deps);
  await app.register(enterRoutes, deps);
};

/** What every page here is made of. */
function createContext({ pages, ensureVisitor, limitLinks }: PageDeps) {
  const sentence = (request: FastifyRequest, reply: FastifyReply, title: keyof Words, text: keyof Words) => {
    const language = languageOf(request);
    const words = linkPageWords[language];
    const body = sentenceBody(language, String(words[text]));
    return pages.sendAlone(request, reply, { title: String(words[title]), body });
  };
  return {
    sentence,
    /** A link that isn't one any more. */
    dead: (request: FastifyRequest, reply: FastifyReply) =>
      sentence(request, reply.code(410), "deadTitle", "deadText"),
    common(request: FastifyRequest, reply: FastifyReply) {
      ensureVisitor(request, reply);
      return { language: languageOf(request), csrf: csrfTokenOf(request), path: request.url };
    },
    /** Guessing a token is hopeless, and costs something. */
    limit: { config: { access }, onRequest: limitLinks },
  };
}

const forgottenRoutes: FastifyPluginAsync<PageDeps> = async (app, deps) => {
  const { pages, forgottenPasswords } = deps;
  const { common, sentence, limit } = createContext(deps);

  app.get("/olvide", { config: { access } }, (request, reply) => {
    const about = common(request, reply);
    const title = linkPageWords[about.language].forgotTitle;
    return pages.sendAlone(request, reply, { title, body: forgotBody(about) });
  });

  app.post("/olvide", limit, (request, reply) => {
    forgottenPasswords.ask(forgotForm.parse(request.body ?? {}).email);
    return sentence(request, reply, "sentTitle", "sentText");
  });
};

const passwordRoutes: FastifyPluginAsync<PageDeps> = async (app, deps) => {
  const { pages, people, signIn } = deps;
  const { common, dead, limit } = createContext(deps);

  for (const { path, link, kind } of [
    { path: "/invitacion/:token", link: "invitation", kind: "join" },
    { path: "/restablecer/:token", link: "reset", kind: "reset" },
  ] as const) {
    const findUser = async (token: string): Promise<User | undefined> => {
      const found = await people.links.find(link, token);
      return found && people.users.find(found.userId);
    };
    const send = (
      request: FastifyRequest,
      reply: FastifyReply,
      form: { email: string; name: string; problem?: PasswordProblem },
    ) => {
      const about = common(request, reply);
      const title = linkPageWords[about.language][`${kind}Title`];
      return pages.sendAlone(request, reply, { title, body: passwordBody(about, { kind, ...form }) });
    };

    app.get<OfLink>(path, limit, async (request, reply) => {
      const user = await findUser(request.params.token);
      return user === undefined
        ? dead(request, reply)
        : send(request, reply, { email: user.email, name: user.name });
    });

    app.post<OfLink>(path, limit, async (request, reply) => {
      const { token } = request.params;
      const { name, password } = passwordForm.parse(request.body ?? {});
      const found = await findUser(token);
      if (found === undefined) return dead(request, reply);
      const { email } = found;
      if (kind === "join" && name === "")
        return send(request, reply.code(422), { email, name, problem: "name" });
      try {
        const user =
          kind === "join"
            ? await people.accounts.join(token, { name, password })
            : await people.accounts.resetPassword(token, password);
        // The link has shown the address, and no second factor.
        if (user.hasTotp) return reply.redirect("/login", 303);
        await signIn(request, reply, { userId: user.id }, "link");
        return reply.redirect("/", 303);
      } catch (error) {
        if (error instanceof LinkInvalidError) return dead(request, reply);
        if (!(error instanceof WeakPasswordError)) throw error;
        return send(request, reply.code(422), { email, name, problem: "weak" });
      }
    });
  }
};

const enterRoutes: FastifyPluginAsync<PageDeps> = async (app, deps) => {
  const { pages, people, customers, signIn, signInOwner } = deps;
  const { common, dead, limit } = createContext(deps);

  app.get<OfLink>("/entrar/:token", limit, async (request, reply) => {
    const { token } = request.params;
    const owner = await people.links.findOwner(token);
    const business = owner && (await customers.find(owner.customerId))?.customer_name;
    if (business === undefined && (await people.links.find("sign_in", token)) === undefined)
      return dead(request, reply);
    const about = common(request, reply);
    const { enterTitle } = linkPageWords[about.language];
    return pages.sendAlone(request, reply, { title: enterTitle, body: enterBody(about, business) });
  });

  app.post<OfLink>("/entrar/:token", limit, async (request, reply) => {
    try {
      const holder = await people.accounts.useSignInLink(request.params.token);
      if (holder.kind === "owner") await signInOwner(request, reply, holder.customerId);
      else await signIn(request, reply, { userId: holder.user.id }, "link");
      return reply.redirect("/", 303);
    } catch (error) {
      if (error instanceof LinkInvalidError) return dead(request, reply);
      throw error;
    }
  });
};
