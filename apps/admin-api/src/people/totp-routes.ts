import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import { z } from "zod";
import { authErrorResponses } from "../openapi/error-responses.ts";
import { AuthenticationError } from "./authentication-error.ts";
import { expectPerson, findSelf, type ProfileRoutesOptions } from "./profile-routes.ts";
import { totpDisableRequest, totpEnabledResponse, totpEnableRequest, totpSetupResponse } from "./schemas.ts";

const path = "/api/auth/totp";
const described = { tags: ["Signing in"], security: [{ accessToken: [] }, { session: [] }] };
const ownAccount = { access: { action: "own_account" } } as const;

/** A second factor for one's own account. */
export const totpRoutes: FastifyPluginAsyncZod<ProfileRoutesOptions> = async (
  app,
  { people, authentication },
) => {
  const { secondFactor } = authentication;

  app.post(
    path,
    {
      config: ownAccount,
      schema: {
        ...described,
        operationId: "setUpTotp",
        summary: "Get a secret for an authenticator",
        description: "Nothing changes before `PUT` has shown a code of it, within 30 minutes.",
        response: { 200: totpSetupResponse, ...authErrorResponses },
      },
    },
    async (request) => {
      const { secret, uri, setupToken } = secondFactor.setUp(await findSelf(people, request));
      return { secret, uri, setup_token: setupToken };
    },
  );

  app.put(
    path,
    {
      config: ownAccount,
      schema: {
        ...described,
        operationId: "enableTotp",
        summary: "Ask for codes of the authenticator from now on",
        body: totpEnableRequest,
        response: { 200: totpEnabledResponse, ...authErrorResponses },
      },
    },
    async (request) => {
      const { setup_token, code, current_password } = request.body;
      const user = await findSelf(people, request);
      await expectPerson(authentication, request, { user, password: current_password });
      const codes = await secondFactor.enable(user, setup_token, code);
      if (codes === undefined) throw new AuthenticationError({ kind: "invalid_code" });
      return { recovery_codes: codes };
    },
  );

  app.delete(
    path,
    {
      config: ownAccount,
      schema: {
        ...described,
        operationId: "disableTotp",
        summary: "Ask for no codes any more",
        description: "With a code of the authenticator, or a recovery code.",
        body: totpDisableRequest,
        response: { 204: z.null(), ...authErrorResponses },
      },
    },
    async (request, reply) => {
      const user = await findSelf(people, request);
      const result = await authentication.checkCode(user, request.body.code);
      if (result.kind !== "right") throw new AuthenticationError(result);
      await secondFactor.disable(user.id);
      return reply.code(204).send(null);
    },
  );
};
