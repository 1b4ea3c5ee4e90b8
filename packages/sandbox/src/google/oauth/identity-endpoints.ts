import type { FastifyInstance } from "fastify";
import type { Accounts } from "../accounts.ts";
import type { Grants } from "./grants.ts";
import type { IdTokenIssuer } from "./id-token.ts";
import { OAuthError } from "./oauth-error.ts";
import { canonicalScope } from "./scopes.ts";

export type IdentityDependencies = { accounts: Accounts; grants: Grants; idTokens: IdTokenIssuer };

/** `GET /oauth2/v3/certs`, the key id_tokens are signed with, and `GET /oauth2/v3/userinfo`. */
export async function identityEndpoints(
  app: FastifyInstance,
  { accounts, grants, idTokens }: IdentityDependencies,
): Promise<void> {
  app.get("/oauth2/v3/certs", async () => idTokens.certs());

  app.get("/oauth2/v3/userinfo", async (request, reply) => {
    const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
    const session = grants.findAccessToken(token);
    const account = session && accounts.find(session.email);
    if (!session || !account || !session.scopes.has("openid")) {
      reply.header("www-authenticate", 'Bearer realm="https://accounts.google.com/", error="invalid_token"');
      throw new OAuthError(401, "invalid_request", "Invalid Credentials");
    }
    const sharesEmail = session.scopes.has(canonicalScope("email"));
    return { sub: account.sub, ...(sharesEmail && { email: account.email, email_verified: true }) };
  });
}
