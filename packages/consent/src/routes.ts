import type { Limiter } from "@cita/http";
import type { GoogleClientConfig, GoogleIdentity } from "@cita/providers";
import type { TokenStore } from "@cita/token-store";
import cookie from "@fastify/cookie";
import formbody from "@fastify/formbody";
import helmet from "@fastify/helmet";
import type { FastifyError, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { createAttemptCookies } from "./attempt-cookies.ts";
import { type CallbackDeps, type CallbackQuery, finishConsent } from "./callback.ts";
import type { RecordConsent } from "./consent-events.ts";
import { type LinkParams, sendEnding, showLinkPage } from "./link-page.ts";
import { styleHash } from "./page.ts";
import { startConsent } from "./start.ts";

export type ConsentRoutesOptions = {
  store: TokenStore;
  google: GoogleClientConfig;
  identity: Pick<GoogleIdentity, "exchange">;
  record: RecordConsent;
  /** Counted apart, so that somebody who opens many links keeps nobody from coming back. */
  limits: { linkPages: Limiter; returns: Limiter };
  successUrl?: string;
  onClientRefused?: CallbackDeps["onClientRefused"];
  onConnected: CallbackDeps["onConnected"];
  tryConnection: CallbackDeps["tryConnection"];
  now: () => number;
};

/** What a business's browser calls: link page, start, callback. Pages only, never cached or indexed. */
export const consentRoutes: FastifyPluginAsync<ConsentRoutesOptions> = async (app, options) => {
  const { store, google, identity, record, limits, now } = options;
  const { successUrl, onClientRefused, onConnected, tryConnection } = options;
  await app.register(formbody, { bodyLimit: 1024 });
  await app.register(helmet, pageHeaders(google));
  await app.register(cookie);
  const cookies = createAttemptCookies({ secure: google.publicUrl.startsWith("https:"), now });

  app.addHook("onSend", async (_request, reply) => {
    reply.header("cache-control", "no-store").header("x-robots-tag", "noindex, nofollow");
  });
  app.setErrorHandler<FastifyError>(async (error, request, reply) => {
    const statusCode = error.statusCode ?? 500;
    if (statusCode >= 500) request.log.error({ err: error }, "a page failed");
    return sendEnding(request, reply.code(statusCode), statusCode >= 500 ? "server_error" : "link_unknown");
  });

  const start = startConsent({ store, google, cookies });
  const linkPages = { onRequest: holdBack(limits.linkPages) };
  app.get<LinkParams>("/connect/:token", linkPages, showLinkPage(store));
  app.post<LinkParams>("/connect/:token", linkPages, start);
  app.get<LinkParams>("/connect/:token/google", linkPages, start);
  const ending = { successUrl, onClientRefused, onConnected, tryConnection };
  const callback = { store, google, identity, cookies, record, ...ending, now };
  const returns = { onRequest: holdBack(limits.returns), exposeHeadRoute: false };
  app.get<CallbackQuery>("/oauth/callback", returns, finishConsent(callback));
};

/** Whoever comes too often gets a page that says so; nothing of theirs is spent by it. */
function holdBack(limiter: Limiter) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const waitSeconds = await limiter.take(request);
    if (waitSeconds === undefined) return undefined;
    return sendEnding(request, reply.code(429).header("retry-after", waitSeconds), "too_many_visits");
  };
}

/** Chromium applies `form-action` to the redirect after a form post, so Google has to stand there too. */
function pageHeaders({ authorizationUrl, publicUrl }: GoogleClientConfig) {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: [styleHash],
        formAction: ["'self'", new URL(authorizationUrl).origin],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
    },
    frameguard: { action: "deny" as const },
    referrerPolicy: { policy: "no-referrer" as const },
    hsts: publicUrl.startsWith("https:") && { maxAge: 31_536_000 },
  };
}
