import cookie from "@fastify/cookie";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { GoogleAnswer } from "../google/google-answer.ts";
import { loadOnce } from "../load-once.ts";
import { loadOAuthPlugin } from "./oauth-plugin.ts";

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
  /** Makes sure that an exchange can be done: to be awaited before an attempt is claimed, which counts once. */
  ready(): Promise<void>;
  /** Sets the state and verifier cookies and builds the URL to send the browser to. */
  begin(request: FastifyRequest, reply: FastifyReply): Promise<{ url: URL; state: string }>;
  /** Whether the state that came back is the one this browser was given. */
  stateMatches(request: FastifyRequest): boolean;
  /** Exchanges the code for tokens and clears the cookies. A refusal, or no answer, is an answer too. */
  exchange(request: FastifyRequest, reply: FastifyReply): Promise<GoogleAnswer>;
  clearCookies(reply: FastifyReply): void;
};

/** What the two cookies are called, and whether they are for HTTPS alone. */
export type LegCookies = { readonly state: string; readonly verifier: string; readonly secure: boolean };

/**
 * `@fastify/oauth2` does what it is good at: URL, cookies, PKCE, code exchange. It never refreshes here,
 * because its refresh loses the refresh token (docs/decisions).
 */
export async function registerBrowserLeg(
  app: FastifyInstance,
  config: BrowserLegConfig,
): Promise<BrowserLeg> {
  const secure = config.publicUrl.startsWith("https:");
  const prefix = secure ? "__Host-" : "";
  const cookies = { state: `${prefix}cita-state`, verifier: `${prefix}cita-verifier`, secure };
  await app.register(cookie);

  const loadPlugin = loadOnce(() => loadOAuthPlugin(config, cookies));

  return {
    async ready() {
      await loadPlugin();
    },
    async begin(request, reply) {
      const plugin = await loadPlugin();
      const url = new URL(await plugin.generateAuthorizationUri(request, reply));
      return { url, state: url.searchParams.get("state") ?? "" };
    },
    stateMatches: (request) => {
      const { state } = request.query as { state?: unknown };
      return typeof state === "string" && state !== "" && request.cookies[cookies.state] === state;
    },
    async exchange(request, reply) {
      const plugin = await loadPlugin();
      return plugin
        .getAccessTokenFromAuthorizationCodeFlow(request, reply)
        .then(({ token }) => ({ status: 200, body: token }), answerOf);
    },
    clearCookies: (reply) => {
      for (const name of [cookies.state, cookies.verifier]) reply.clearCookie(name, { path: "/", secure });
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
