import { addressOf } from "@cita/http";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { userOf } from "../../../access/identify-caller.ts";
import { WeakPasswordError } from "../../../people/passwords.ts";
import { findSelf } from "../../../people/profile-routes.ts";
import type { User } from "../../../people/user.ts";
import { isLanguage } from "../../language.ts";
import type { PageDeps } from "../../panel.ts";
import { languageCookie, themeCookie, themes, viewerOf } from "../../viewer.ts";
import { type AccountPage, type AccountProblems, accountBody } from "./view.ts";
import { accountWords } from "./words.ts";

const access = { action: "own_account" } as const;
const yearSeconds = 31_536_000;

const text = (maxLength: number) => z.string().max(maxLength).default("");
const profileForm = z.object({
  name: z.string().trim().max(200).default(""),
  language: text(2),
  theme: z.enum(themes).catch("system"),
  email_notifications: z.literal("on").optional(),
});
const passwordForm = z.object({ current_password: text(1_000), password: text(1_000) });
const confirmForm = z.object({
  ...{ current_password: text(1_000), code: text(40) },
  ...{ setup_token: text(2_000), secret: text(200), uri: text(1_000) },
});
const codeForm = confirmForm.pick({ code: true });

/** One's own account: how one is called and told, password, second factor. */
export const accountRoutes: FastifyPluginAsync<PageDeps> = async (app, deps) => {
  await app.register(profilePageRoutes, deps);
  await app.register(secondFactorRoutes, deps);
};

async function send(
  { pages }: PageDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  page: Pick<AccountPage, "user"> & Partial<AccountPage>,
) {
  const viewer = viewerOf(request);
  const { title } = accountWords[viewer.language];
  const empty = { problems: {}, isSaved: false, setup: undefined, recoveryCodes: undefined };
  const body = accountBody(viewer, { ...empty, ...page });
  return pages.send(request, reply, {
    title,
    subtitle: page.user.email,
    section: "account",
    isNarrow: true,
    body,
  });
}

/** Asks who is signed in to show that it is still them. */
async function findPersonProblem(
  { authentication }: PageDeps,
  request: FastifyRequest,
  user: User,
  password: string,
): Promise<string | undefined> {
  const { problems } = accountWords[viewerOf(request).language];
  const { sessionId } = userOf(request);
  const result = await authentication.confirmPerson(user, {
    ...{ password, address: addressOf(request), sessionId },
  });
  switch (result.kind) {
    case "confirmed":
      return undefined;
    case "slow_down":
      return problems.wait(result.retryAfterSeconds);
    case "sign_in_again":
      return problems.signInAgain;
    case "invalid_credentials":
      return problems.wrongPassword;
  }
}

/** Beside the field of the password, or where there is none beside another one. */
function problemOf(user: User, problem: string, other: "password" | "code" = "password"): AccountProblems {
  return { [user.hasPassword ? "current_password" : other]: problem };
}

const profilePageRoutes: FastifyPluginAsync<PageDeps> = async (app, deps) => {
  const { people } = deps;

  app.get<{ Querystring: { saved?: string } }>("/cuenta", { config: { access } }, async (request, reply) =>
    send(deps, request, reply, {
      user: await findSelf(people, request),
      isSaved: request.query.saved === "yes",
    }),
  );

  app.post("/cuenta", { config: { access } }, async (request, reply) => {
    const user = await findSelf(people, request);
    const { name, language, theme, email_notifications } = profileForm.parse(request.body ?? {});
    const chosen = isLanguage(language) ? language : null;
    if (name === "") {
      const problems = { name: accountWords[viewerOf(request).language].problems.name };
      return send(deps, request, reply.code(422), { user: { ...user, name, language: chosen }, problems });
    }
    const notifies = user.role === "admin" ? email_notifications === "on" : undefined;
    await people.users.change(user.id, { name, language: chosen, emailNotifications: notifies });
    // The sign-in page looks the same in this browser.
    const options = {
      path: "/",
      maxAge: yearSeconds,
      sameSite: "lax",
      secure: request.protocol === "https",
    } as const;
    if (chosen === null) reply.clearCookie(languageCookie, { path: "/" });
    else reply.setCookie(languageCookie, chosen, options);
    reply.setCookie(themeCookie, theme, options);
    return reply.redirect("/cuenta?saved=yes", 303);
  });

  app.post("/cuenta/contrasena", { config: { access } }, async (request, reply) => {
    const user = await findSelf(people, request);
    const { current_password, password } = passwordForm.parse(request.body ?? {});
    const wrong = await findPersonProblem(deps, request, user, current_password);
    if (wrong !== undefined)
      return send(deps, request, reply.code(422), { user, problems: problemOf(user, wrong) });
    try {
      await people.accounts.changePassword(user, password, userOf(request).sessionId);
      return reply.redirect("/cuenta?saved=yes", 303);
    } catch (error) {
      if (!(error instanceof WeakPasswordError)) throw error;
      const { weak } = accountWords[viewerOf(request).language].problems;
      return send(deps, request, reply.code(422), { user, problems: { password: weak } });
    }
  });
};

const secondFactorRoutes: FastifyPluginAsync<PageDeps> = async (app, deps) => {
  const { people, authentication } = deps;
  const { secondFactor } = authentication;
  const path = "/cuenta/segundo-factor";

  app.post(path, { config: { access } }, async (request, reply) => {
    const user = await findSelf(people, request);
    return send(deps, request, reply, { user, setup: secondFactor.setUp(user) });
  });

  app.post(`${path}/confirmar`, { config: { access } }, async (request, reply) => {
    const user = await findSelf(people, request);
    const {
      current_password,
      code,
      setup_token: setupToken,
      secret,
      uri,
    } = confirmForm.parse(request.body ?? {});
    const again = (problems: AccountProblems) =>
      send(deps, request, reply.code(422), { user, problems, setup: { secret, uri, setupToken } });
    const wrong = await findPersonProblem(deps, request, user, current_password);
    if (wrong !== undefined) return again(problemOf(user, wrong, "code"));
    const recoveryCodes = await secondFactor.enable(user, setupToken, code);
    if (recoveryCodes === undefined)
      return again({ code: accountWords[viewerOf(request).language].problems.wrongCode });
    return send(deps, request, reply, { user: await findSelf(people, request), recoveryCodes });
  });

  app.post(`${path}/quitar`, { config: { access } }, async (request, reply) => {
    const user = await findSelf(people, request);
    const { code } = codeForm.parse(request.body ?? {});
    const { problems: texts } = accountWords[viewerOf(request).language];
    const result = await authentication.checkCode(user, code);
    if (result.kind === "slow_down") {
      const problems = { code: texts.wait(result.retryAfterSeconds) };
      return send(deps, request, reply.code(429), { user, problems });
    }
    if (result.kind === "invalid_code")
      return send(deps, request, reply.code(422), { user, problems: { code: texts.wrongCode } });
    await secondFactor.disable(user.id);
    return reply.redirect("/cuenta?saved=yes", 303);
  });
};
