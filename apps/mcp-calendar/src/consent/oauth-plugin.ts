import type { OAuth2Namespace } from "@fastify/oauth2";
import fastify from "fastify";
import { zodCompilers } from "../plugins/zod-compilers.ts";
import type { BrowserLegConfig, LegCookies } from "./browser-leg.ts";

const decorator = "googleOAuth2";

/**
 * `@fastify/oauth2` on an app of its own, which serves nobody: loaded when the first business comes, because
 * most processes see thousands of tool calls for each consent, and it brings a validation library along.
 */
export async function loadOAuthPlugin(
  config: BrowserLegConfig,
  cookies: LegCookies,
): Promise<OAuth2Namespace> {
  const { default: oauth2 } = await import("@fastify/oauth2");
  const authorize = new URL(config.authorizationUrl);
  const token = new URL(config.tokenUrl);
  const app = fastify({ schemaController: zodCompilers });
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
    redirectStateCookieName: cookies.state,
    verifierCookieName: cookies.verifier,
    cookie: { path: "/", secure: cookies.secure, sameSite: "lax", httpOnly: true, maxAge: 3600 },
  });
  await app.ready();
  return app.getDecorator<OAuth2Namespace>(decorator);
}
