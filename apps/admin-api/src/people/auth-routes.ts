import { addressOf, type Limiter } from "@cita/http";
import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { csrfHeader, csrfTokenOf } from "../access/csrf.ts";
import type { SignIn, SignInWay } from "../access/sign-in.ts";
import { authErrorResponses } from "../openapi/error-responses.ts";
import type { Authentication } from "./authentication.ts";
import { AuthenticationError } from "./authentication-error.ts";
import type { ForgottenPasswords } from "./forgotten-passwords.ts";
import type { People } from "./people.ts";
import { profileRoutes } from "./profile-routes.ts";
import {
  byLinkResponse,
  forgotRequest,
  forgotResponse,
  linkRequest,
  loginRequest,
  refreshRequest,
  registerRequest,
  resetRequest,
  signedInResponse,
  tokensResponse,
  toUserView,
} from "./schemas.ts";
import type { IssuedToken } from "./tokens/access-tokens.ts";
import { totpRoutes } from "./totp-routes.ts";
import type { User } from "./user.ts";

export type AuthRoutesOptions = {
  readonly people: People;
  readonly authentication: Authentication;
  readonly signIn: SignIn["signIn"];
  readonly signInOwner: SignIn["signInOwner"];
  readonly signOut: SignIn["signOut"];
  readonly forgottenPasswords: ForgottenPasswords;
  /** Of requests with links and tokens, which can't be guessed, but cost something. */
  readonly limit: Limiter;
};

const prefix = "/api/auth";
const described = { tags: ["Signing in"] };
const isPublic = { access: "public" } as const;

/** Joining, signing in and out, and the tokens of programs, as JSON. The panel's forms do the same in pages. */
export const authRoutes: FastifyPluginAsyncZod<AuthRoutesOptions> = async (app, options) => {
  await app.register(signInRoutes, options);
  await app.register(linkRoutes, options);
  await app.register(sessionRoutes, options);
  await app.register(forgottenRoutes, options);
  await app.register(profileRoutes, options);
  await app.register(totpRoutes, options);
};

const signInRoutes: FastifyPluginAsyncZod<AuthRoutesOptions> = async (app, options) => {
  const { people, authentication, limit } = options;

  app.post(
    `${prefix}/register`,
    {
      config: isPublic,
      schema: {
        ...described,
        operationId: "register",
        summary: "Accept an invitation",
        body: registerRequest,
        response: { 201: signedInResponse, ...authErrorResponses },
      },
    },
    async (request, reply) => {
      await expectWithin(limit, request);
      const { token, ...as } = request.body;
      const user = await people.accounts.join(token, as);
      return reply.code(201).send(await answerSignedIn(options, request, reply, { user, by: "link" }));
    },
  );

  app.post(
    `${prefix}/login`,
    {
      config: isPublic,
      schema: {
        ...described,
        operationId: "login",
        summary: "Sign in",
        description:
          "The answer has tokens for programs, and sets the panel's cookie. 401 `invalid_credentials` doesn't say what " +
          "was wrong; `totp_required` asks for a code. After several failures further ones have to wait (429).",
        body: loginRequest,
        response: { 200: signedInResponse, ...authErrorResponses },
      },
    },
    async (request, reply) => {
      const result = await authentication.signInWithPassword({
        ...request.body,
        address: addressOf(request),
      });
      if (result.kind === "signed_in") {
        return answerSignedIn(options, request, reply, { ...result, by: "password" });
      }
      throw new AuthenticationError(result);
    },
  );
};

/** What the page of a one-time link does, when its button is pressed: a chat's preview opens links, too. */
const linkRoutes: FastifyPluginAsyncZod<AuthRoutesOptions> = async (app, options) => {
  const { people, signInOwner, limit } = options;

  app.post(
    `${prefix}/link`,
    {
      config: isPublic,
      schema: {
        ...described,
        operationId: "signInByLink",
        summary: "Sign in by a one-time link",
        body: linkRequest,
        response: { 200: byLinkResponse, ...authErrorResponses },
      },
    },
    async (request, reply) => {
      await expectWithin(limit, request);
      const holder = await people.accounts.useSignInLink(request.body.token);
      if (holder.kind === "user")
        return answerSignedIn(options, request, reply, { user: holder.user, by: "link" });
      await signInOwner(request, reply, holder.customerId);
      reply.header(csrfHeader, csrfTokenOf(request));
      return { customer_id: holder.customerId };
    },
  );
};

/** Ending and renewing what a sign-in has begun. */
const sessionRoutes: FastifyPluginAsyncZod<AuthRoutesOptions> = async (app, options) => {
  const { authentication, signOut, limit } = options;

  app.post(
    `${prefix}/logout`,
    {
      config: isPublic,
      schema: {
        ...described,
        operationId: "logout",
        summary: "End the session, its cookie and its tokens",
        response: { 204: z.null(), ...authErrorResponses },
      },
    },
    async (request, reply) => {
      await signOut(request, reply);
      return reply.code(204).send(null);
    },
  );

  app.post(
    `${prefix}/refresh`,
    {
      config: isPublic,
      schema: {
        ...described,
        operationId: "refresh",
        summary: "Exchange a refresh token for new tokens",
        description:
          "Each refresh token counts once: the next one is in the answer. Repeated within 10 seconds, as after an answer " +
          "that got lost, the answer has the same one. Used again later it ends the session, since somebody else has it.",
        body: refreshRequest,
        response: { 200: tokensResponse, ...authErrorResponses },
      },
    },
    async (request) => {
      await expectWithin(limit, request);
      const { user, sessionId, refreshToken } = await authentication.refresh(request.body.refresh_token);
      return toTokens(await authentication.accessTokens.issue(user, sessionId), refreshToken);
    },
  );
};

/** Answers are the same, and as fast, whether there is such a user. */
const forgottenRoutes: FastifyPluginAsyncZod<AuthRoutesOptions> = async (app, options) => {
  const { people, limit, forgottenPasswords } = options;

  app.post(
    `${prefix}/forgot-password`,
    {
      config: isPublic,
      schema: {
        ...described,
        operationId: "forgotPassword",
        summary: "Ask for a link to another password",
        description: "Where no mail can be sent, ask an admin for the link.",
        body: forgotRequest,
        response: { 202: forgotResponse, ...authErrorResponses },
      },
    },
    async (request, reply) => {
      await expectWithin(limit, request);
      forgottenPasswords.ask(request.body.email);
      return reply.code(202).send(onItsWay);
    },
  );

  app.post(
    `${prefix}/reset-password`,
    {
      config: isPublic,
      schema: {
        ...described,
        operationId: "resetPassword",
        summary: "Set another password by a link",
        description: "All sessions of the user are ended.",
        body: resetRequest,
        response: { 204: z.null(), ...authErrorResponses },
      },
    },
    async (request, reply) => {
      await expectWithin(limit, request);
      await people.accounts.resetPassword(request.body.token, request.body.password);
      return reply.code(204).send(null);
    },
  );
};

async function answerSignedIn(
  { authentication, signIn }: AuthRoutesOptions,
  request: FastifyRequest,
  reply: FastifyReply,
  { user, passwordHash, by }: { user: User; passwordHash?: string; by: SignInWay },
) {
  const sessionId = await signIn(request, reply, { userId: user.id, passwordHash }, by);
  reply.header(csrfHeader, csrfTokenOf(request));
  const refreshToken = await authentication.refreshTokens.issue(sessionId);
  return {
    user: toUserView(user),
    ...toTokens(await authentication.accessTokens.issue(user, sessionId), refreshToken),
  };
}

const onItsWay = { message: "If there is somebody with this address, a mail is on its way." };

/** @throws AuthenticationError `slow_down` */
export async function expectWithin(limit: Limiter, request: FastifyRequest): Promise<void> {
  const retryAfterSeconds = await limit.take(request);
  if (retryAfterSeconds !== undefined)
    throw new AuthenticationError({ kind: "slow_down", retryAfterSeconds });
}

function toTokens({ accessToken, expiresInSeconds }: IssuedToken, refreshToken: string) {
  return {
    ...{ access_token: accessToken, token_type: "Bearer" as const },
    ...{ expires_in: expiresInSeconds, refresh_token: refreshToken },
  };
}
