import cookie from "@fastify/cookie";
import oauth2, { type OAuth2Namespace } from "@fastify/oauth2";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { GoogleAnswer } from "../google/google-answer.ts";

export type BrowserLegConfig = {
  clientId: string;
  clientSecret: string;
  authorizationUrl: string;
  tokenUrl: string;
  /** Scopes, space-separated. */
  scopes: string;
  /** Where this service is reached from outside, without a trailing slash. */
  publicUrl: string;
  timeoutMs?: number;
};

/** The browser's part of the authorization code flow with PKCE: to Google and back. */
export type BrowserLeg = {
  /** Sets the state and verifier cookies and builds the URL to send the browser to. */
  begin(request: FastifyRequest, reply: FastifyReply): Promise<{ url: URL; state: string }>;
  /** Whether the state that came back is the one this browser was given. */
  stateMatches(request: FastifyRequest): boolean;
  /** Exchanges the code for tokens and clears the cookies. A refusal, or no answer, is an answer too. */
  exchange(request: FastifyRequest, reply: FastifyReply): Promise<GoogleAnswer>;
  clearCookies(reply: FastifyReply): void;
};

const decorator = "googleOAuth2";

/**
 * Registers `@fastify/oauth2` for what it is good at: URL, cookies, PKCE, code exchange. It never
 * refreshes here, because its refresh loses the refresh token (docs/decisions).
 */
export async function registerBrowserLeg(
  app: FastifyInstance,
  config: BrowserLegConfig,
): Promise<BrowserLeg> {
  const secure = config.publicUrl.startsWith("https:");
  const prefix = secure ? "__Host-" : "";
  const [stateCookie, verifierCookie] = [`${prefix}cita-state`, `${prefix}cita-verifier`];
  const authorize = new URL(config.authorizationUrl);
  const token = new URL(config.tokenUrl);

  await app.register(cookie);
  await app.register(oauth2, {
    name: decorator,
    scope: config.scopes.split(/\s+/),
    credentials: {
      client: { id: config.clientId, secret: config.clientSecret },
      auth: {
        authorizeHost: authorize.origin,
        authorizePath: authorize.pathname,
        tokenHost: token.origin,
        tokenPath: token.pathname,
      },
      options: { authorizationMethod: "body" },
      http: { timeout: config.timeoutMs ?? 5_000, redirects: 0, maxBytes: 65_536 },
    },
    callbackUri: `${config.publicUrl}/oauth/callback`,
    // Without both, a second consent brings no refresh token.
    callbackUriParams: { access_type: "offline", prompt: "consent" },
    pkce: "S256",
    redirectStateCookieName: stateCookie,
    verifierCookieName: verifierCookie,
    cookie: { path: "/", secure, sameSite: "lax", httpOnly: true, maxAge: 3600 },
  });
  const plugin = app.getDecorator<OAuth2Namespace>(decorator);

  return {
    async begin(request, reply) {
      const url = new URL(await plugin.generateAuthorizationUri(request, reply));
      return { url, state: url.searchParams.get("state") ?? "" };
    },
    stateMatches: (request) => {
      const { state } = request.query as { state?: unknown };
      return typeof state === "string" && state !== "" && request.cookies[stateCookie] === state;
    },
    exchange: (request, reply) =>
      plugin
        .getAccessTokenFromAuthorizationCodeFlow(request, reply)
        .then(({ token }) => ({ status: 200, body: token }), answerOf),
    clearCookies: (reply) => {
      for (const name of [stateCookie, verifierCookie]) reply.clearCookie(name, { path: "/", secure });
    },
  };
}

/** How the plugin's HTTP client reports a refusal, or an answer that it could not read to its end. */
const reportedAnswer = z.object({
  data: z.object({ res: z.object({ statusCode: z.number() }), payload: z.unknown() }),
});

/** What goes wrong without any answer is a failure of the network, unless it is one of ours. */
function answerOf(error: unknown): GoogleAnswer {
  if (!z.object({ isBoom: z.literal(true) }).safeParse(error).success) throw error;
  const reported = reportedAnswer.safeParse(error);
  if (!reported.success) return {};
  const { res, payload } = reported.data.data;
  return { status: res.statusCode, body: payload };
}
