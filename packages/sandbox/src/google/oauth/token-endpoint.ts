import { createHash } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { SANDBOX_CLIENT } from "../../clients.ts";
import { type RequestParams, single } from "../../request-params.ts";
import type { Accounts } from "../accounts.ts";
import type { AccessSession, CodeBinding } from "./grant-records.ts";
import { ACCESS_TOKEN_SECONDS, type Grants } from "./grants.ts";
import type { IdTokenIssuer } from "./id-token.ts";
import { OAuthError } from "./oauth-error.ts";
import { canonicalScope } from "./scopes.ts";

export type TokenDependencies = {
  accounts: Accounts;
  grants: Grants;
  idTokens: IdTokenIssuer;
  /** What a fault puts into the id_token that a request is answered with. */
  wrongClaims: WeakMap<FastifyRequest, Record<string, unknown>>;
  /** Whether a refresh answers with a new refresh token, whose first use ends the old one. Google doesn't. */
  rotateRefreshTokens: boolean;
};

/** The token endpoint's answer. */
export type TokenResponse = {
  access_token: string;
  expires_in: number;
  refresh_token?: string;
  scope: string;
  token_type: "Bearer";
  id_token?: string;
};

/**
 * `POST /token`: exchanges a code (with its PKCE verifier) or refreshes. The client authenticates in the form
 * or with HTTP Basic. Refusals are `{error, error_description}`: 401 `invalid_client`; 400 `invalid_grant`,
 * `invalid_request`, `redirect_uri_mismatch`, `unsupported_grant_type`.
 * https://developers.google.com/identity/protocols/oauth2/web-server#exchange-authorization-code
 */
export async function tokenEndpoint(app: FastifyInstance, dependencies: TokenDependencies): Promise<void> {
  const { accounts, grants, idTokens, wrongClaims, rotateRefreshTokens } = dependencies;

  app.post("/token", async (request, reply) => {
    const params = (request.body ?? {}) as RequestParams;
    reply.header("cache-control", "no-store");
    const clientId = authenticateClient(request, params);
    const grantType = required(params, "grant_type", "Required parameter is missing: grant_type");
    const wrong = wrongClaims.get(request);
    if (grantType === "authorization_code") return respond(exchangeCode(params, clientId), clientId, wrong);
    if (grantType === "refresh_token") return respond(refresh(params, clientId), clientId, wrong);
    throw new OAuthError(400, "unsupported_grant_type", `Invalid grant_type: ${grantType}`);
  });

  function exchangeCode(params: RequestParams, clientId: string): Allowed {
    const code = required(params, "code", "Missing required parameter: code");
    // Taken before it is checked: a second try with anything right or wrong finds no code.
    const binding = grants.redeemCode(code);
    if (!binding || binding.clientId !== clientId) throw invalidGrant("Malformed auth code.");
    if (single(params, "redirect_uri") !== binding.redirectUri) {
      throw new OAuthError(400, "redirect_uri_mismatch", "Bad Request");
    }
    checkVerifier(single(params, "code_verifier"), binding.challenge);
    const session = sessionOf(binding);
    const refreshToken = binding.offline ? grants.issueRefreshToken(session, clientId) : undefined;
    return { session, refreshToken, nonce: binding.nonce };
  }

  function refresh(params: RequestParams, clientId: string): Allowed {
    const token = required(params, "refresh_token", "Missing required parameter: refresh_token");
    const used = grants.useRefreshToken(token);
    if (!used || used.clientId !== clientId) throw invalidGrant("Token has been expired or revoked.");
    const session = sessionOf(used);
    if (!rotateRefreshTokens) return { session };
    return { session, refreshToken: grants.issueRefreshToken(session, clientId, token) };
  }

  async function respond(
    { session, refreshToken, nonce }: Allowed,
    clientId: string,
    wrong: Record<string, unknown> | undefined,
  ): Promise<TokenResponse> {
    const account = accounts.find(session.email);
    const accessToken = grants.issueAccessToken(session, clientId);
    const idToken =
      account && session.scopes.has("openid")
        ? await idTokens.issue({ aud: clientId, sub: account.sub, email: sharedEmail(session), nonce }, wrong)
        : undefined;
    return {
      access_token: accessToken,
      expires_in: ACCESS_TOKEN_SECONDS,
      ...(refreshToken && { refresh_token: refreshToken }),
      scope: [...session.scopes].join(" "),
      token_type: "Bearer",
      ...(idToken && { id_token: idToken }),
    };
  }
}

/** What a code or a refresh token stands for. */
type Allowed = { session: AccessSession; refreshToken?: string | undefined; nonce?: string | undefined };

function sessionOf({ email, scopes }: AccessSession): AccessSession {
  return { email, scopes };
}

function sharedEmail({ email, scopes }: AccessSession): string | undefined {
  return scopes.has(canonicalScope("email")) ? email : undefined;
}

function authenticateClient(request: FastifyRequest, params: RequestParams): string {
  const [id, secret] = basicCredentials(request) ?? [
    single(params, "client_id"),
    single(params, "client_secret"),
  ];
  if (id === undefined) throw invalidRequest("Could not determine client ID from request.");
  if (id !== SANDBOX_CLIENT.id) throw invalidClient("The OAuth client was not found.");
  if (secret === undefined) throw invalidRequest("client_secret is missing.");
  if (secret !== SANDBOX_CLIENT.secret) throw invalidClient("The provided client secret is invalid.");
  return id;
}

/** RFC 6749 section 2.3.1: both halves are form-encoded inside HTTP Basic. */
function basicCredentials(request: FastifyRequest): [id: string, secret: string] | undefined {
  const encoded = /^Basic +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const [id = "", ...secret] = Buffer.from(encoded, "base64").toString().split(":");
  try {
    return [decodeURIComponent(id), decodeURIComponent(secret.join(":"))];
  } catch {
    throw invalidClient("Unauthorized");
  }
}

function checkVerifier(verifier: string | undefined, challenge: CodeBinding["challenge"]): void {
  if (verifier === undefined) throw invalidGrant("Missing code verifier.");
  const answer =
    challenge.method === "S256" ? createHash("sha256").update(verifier).digest("base64url") : verifier;
  if (answer !== challenge.value) throw invalidGrant("Invalid code verifier.");
}

function required(params: RequestParams, name: string, otherwise: string): string {
  const value = single(params, name);
  if (value === undefined) throw invalidRequest(otherwise);
  return value;
}

function invalidRequest(description: string): OAuthError {
  return new OAuthError(400, "invalid_request", description);
}

function invalidClient(description: string): OAuthError {
  return new OAuthError(401, "invalid_client", description);
}

function invalidGrant(description: string): OAuthError {
  return new OAuthError(400, "invalid_grant", description);
}
