import { addressOf } from "@cita/http";
import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import type { FastifyRequest } from "fastify";
import { csrfHeader, csrfTokenOf } from "../access/csrf.ts";
import { userOf } from "../access/identify-caller.ts";
import { authErrorResponses } from "../openapi/error-responses.ts";
import type { Authentication } from "./authentication.ts";
import { AuthenticationError } from "./authentication-error.ts";
import type { People } from "./people.ts";
import { meResponse, profileRequest, toUserView } from "./schemas.ts";
import type { User } from "./user.ts";
import { findExistingUser } from "./user-store.ts";

export type ProfileRoutesOptions = { readonly people: People; readonly authentication: Authentication };

const described = { tags: ["Signing in"], security: [{ accessToken: [] }, { session: [] }] };
const ownAccount = { access: { action: "own_account" } } as const;

/** Reading and changing one's own account. */
export const profileRoutes: FastifyPluginAsyncZod<ProfileRoutesOptions> = async (
  app,
  { people, authentication },
) => {
  app.get(
    "/api/auth/me",
    {
      config: ownAccount,
      schema: {
        ...described,
        operationId: "me",
        summary: "Who is signed in",
        description: `With the session's cookie the answer has the header ${csrfHeader}, to be sent with changes.`,
        response: { 200: meResponse, ...authErrorResponses },
      },
    },
    async (request, reply) => {
      if (request.isByCookie) reply.header(csrfHeader, csrfTokenOf(request));
      return { user: toUserView(await findSelf(people, request)) };
    },
  );

  app.put(
    "/api/auth/profile",
    {
      config: ownAccount,
      schema: {
        ...described,
        operationId: "changeProfile",
        summary: "Change one's own account",
        description: "What is left out stays. Another password ends all other sessions.",
        body: profileRequest,
        response: { 200: meResponse, ...authErrorResponses },
      },
    },
    async (request) => {
      const { password, current_password, name, avatar_url, language, email_notifications } = request.body;
      const { sessionId } = userOf(request);
      const user = await findSelf(people, request);
      if (password !== undefined) {
        await expectPerson(authentication, request, { user, password: current_password });
        await people.accounts.changePassword(user, password, sessionId);
      }
      const change = { name, avatarUrl: avatar_url, language, emailNotifications: email_notifications };
      return { user: toUserView(await people.users.change(user.id, change)) };
    },
  );
};

/** @throws UserNotFoundError */
export function findSelf({ users }: Pick<People, "users">, request: FastifyRequest): Promise<User> {
  return findExistingUser(users, userOf(request).userId);
}

/** Asks who is signed in to show that it is still them. @throws AuthenticationError */
export async function expectPerson(
  { confirmPerson }: Pick<Authentication, "confirmPerson">,
  request: FastifyRequest,
  { user, password = "" }: { user: User; password: string | undefined },
): Promise<void> {
  const { sessionId } = userOf(request);
  const result = await confirmPerson(user, { password, address: addressOf(request), sessionId });
  if (result.kind !== "confirmed") throw new AuthenticationError(result);
}
