import type { FastifyInstance, FastifyReply } from "fastify";
import { every, type RequestParams, single } from "../../request-params.ts";
import { type Accounts, isEmail } from "../accounts.ts";
import {
  AuthorizationRefusal,
  type AuthorizationRequest,
  readAuthorizationRequest,
} from "./authorization-request.ts";
import type { Grants } from "./grants.ts";
import { AUTHORIZATION_PATH, chooserPage, consentPage, refusalPage } from "./pages.ts";
import { canonicalScope, isIdentityScope } from "./scopes.ts";

export type AuthorizationDependencies = { accounts: Accounts; grants: Grants };

/**
 * The authorization endpoint (RFC 6749, section 3.1).
 *
 * `GET /o/oauth2/v2/auth?…` shows the account chooser, or the consent page where `login_hint` is an e-mail
 * and `prompt` has no `select_account`; `account=<e-mail>` is what the chooser adds.
 *
 * `POST /o/oauth2/v2/auth`, a form: every parameter of the authorization request again, and
 * - `account`: the e-mail that answers;
 * - `action`: `allow` or `deny`;
 * - `granted`, repeated: each scope left ticked. Sign-in scopes (openid, email, profile) come with any `allow`.
 *
 * It answers 302 to `redirect_uri` with `state`, `code`, `scope`, `authuser` and `prompt`, or with
 * `error=access_denied` and `state`. A request that fails its checks is a page, never a redirect:
 * 401 `invalid_client`; 400 `redirect_uri_mismatch`, `invalid_request`, `invalid_scope`; 403 `disallowed_useragent`.
 */
export async function authorizationEndpoint(
  app: FastifyInstance,
  { accounts, grants }: AuthorizationDependencies,
): Promise<void> {
  app.setErrorHandler(async (error, _request, reply) => {
    if (!(error instanceof AuthorizationRefusal)) throw error;
    return sendPage(reply.code(error.status), refusalPage(error));
  });

  app.get(AUTHORIZATION_PATH, async (incoming, reply) => {
    const params = incoming.query as RequestParams;
    const request = readAuthorizationRequest(params, incoming.headers["user-agent"]);
    if (request.prompts.has("none")) {
      return redirect(reply, request, { error: "interaction_required" });
    }
    const hint = request.loginHint && isEmail(request.loginHint) ? request.loginHint : undefined;
    const account = single(params, "account") ?? (request.prompts.has("select_account") ? undefined : hint);
    if (account === undefined) {
      const known = accounts.all().map(({ email }) => email);
      return sendPage(reply, chooserPage(params, known, hint));
    }
    return sendPage(reply, consentPage(params, request, checkedAccount(account)));
  });

  app.post(AUTHORIZATION_PATH, async (incoming, reply) => {
    const params = (incoming.body ?? {}) as RequestParams;
    const request = readAuthorizationRequest(params, incoming.headers["user-agent"]);
    const email = checkedAccount(single(params, "account") ?? "");
    const action = single(params, "action");
    if (action !== "allow" && action !== "deny") throw formError("action must be allow or deny");
    const granted = grantedScopes(request, every(params, "granted"));
    if (action === "deny" || granted.length === 0)
      return redirect(reply, request, { error: "access_denied" });
    return allow(reply, request, email, granted);
  });

  function allow(reply: FastifyReply, request: AuthorizationRequest, givenEmail: string, granted: string[]) {
    const { email } = accounts.ensure(givenEmail);
    const { clientId, redirectUri, challenge, nonce } = request;
    const first = !grants.hasConsented(email, clientId);
    const offline = request.offline && (first || request.prompts.has("consent"));
    const earlier = request.includeGrantedScopes ? grants.consentedScopes(email, clientId) : [];
    const scopes = new Set([...granted, ...earlier]);
    const code = grants.issueCode({ clientId, redirectUri, challenge, email, scopes, offline, nonce });
    return redirect(reply, request, {
      code,
      scope: shownScopes(scopes),
      authuser: "0",
      prompt: "consent",
    });
  }
}

function grantedScopes(request: AuthorizationRequest, ticked: string[]): string[] {
  const granted = new Set(ticked.flatMap((scope) => scope.split(" ")).map(canonicalScope));
  for (const scope of granted) {
    if (!request.scopes.includes(scope)) throw formError(`scope was not requested: ${scope}`);
  }
  return request.scopes.filter((scope) => isIdentityScope(scope) || granted.has(scope));
}

/** Google's redirect lists the short sign-in names beside the long ones. */
function shownScopes(scopes: ReadonlySet<string>): string {
  const short = ["email", "profile"].filter((name) => scopes.has(canonicalScope(name)));
  return [...short, ...scopes].join(" ");
}

function checkedAccount(email: string): string {
  if (!isEmail(email)) throw formError("account must be an e-mail address");
  return email.toLowerCase();
}

function formError(message: string): AuthorizationRefusal {
  return new AuthorizationRefusal(400, "invalid_request", message);
}

function redirect(
  reply: FastifyReply,
  request: AuthorizationRequest,
  answer: Record<string, string>,
): FastifyReply {
  const url = new URL(request.redirectUri);
  if (request.state !== undefined) url.searchParams.append("state", request.state);
  for (const [name, value] of Object.entries(answer)) url.searchParams.append(name, value);
  return reply.redirect(url.href, 302);
}

function sendPage(reply: FastifyReply, body: string): FastifyReply {
  return reply.header("cache-control", "no-store").type("text/html; charset=utf-8").send(body);
}
