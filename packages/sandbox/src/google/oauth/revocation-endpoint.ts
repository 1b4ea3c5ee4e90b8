import type { FastifyInstance } from "fastify";
import { type RequestParams, single } from "../../request-params.ts";
import type { Grants } from "./grants.ts";
import { OAuthError } from "./oauth-error.ts";

/**
 * `POST /revoke` with `token` in the form or the query, an access or a refresh token: ends the whole grant.
 * An unknown or expired token is 400 `invalid_token`.
 * https://developers.google.com/identity/protocols/oauth2/web-server#tokenrevoke
 */
export async function revocationEndpoint(
  app: FastifyInstance,
  { grants }: { grants: Grants },
): Promise<void> {
  app.post("/revoke", async (request) => {
    const token =
      single((request.body ?? {}) as RequestParams, "token") ??
      single(request.query as RequestParams, "token");
    if (token === undefined)
      throw new OAuthError(400, "invalid_request", "Missing required parameter: token");
    if (!grants.revokeToken(token)) throw new OAuthError(400, "invalid_token", "Token expired or revoked");
    return {};
  });
}
