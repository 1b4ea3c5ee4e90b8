import type { Limiter } from "@cita/http";
import type { ProviderClients } from "@cita/providers";
import cookie from "@fastify/cookie";
import formbody from "@fastify/formbody";
import helmet from "@fastify/helmet";
import type { FastifyError, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { type CallbackDeps, type CallbackParams, handleCallback } from "./callback.ts";
import { type LinkParams, type StartDeps, showLinkPage, startAuthorization } from "./link-page.ts";
import { sendResult, styleHash } from "./pages.ts";
import { createStateCookies } from "./state-cookies.ts";

export type ConsentRoutesOptions = Omit<CallbackDeps & StartDeps, "cookies"> & {
  /** Separate limits, so that opening many links doesn't keep a business from finishing its consent. */
  /** Where this service is reached from outside, without a trailing slash. */
  readonly publicUrl: string;
  /** In epoch milliseconds. */
  readonly now: () => number;
  readonly limits: { readonly linkPages: Limiter; readonly callbacks: Limiter };
};

/**
 * `GET` and `POST /connect/:token`, `GET /connect/:token/google` and `GET /oauth/callback`. Their pages are never cached
 * or indexed. `registerLimits` of @cita/http has to be called before.
 */
export const consentRoutes: FastifyPluginAsync<ConsentRoutesOptions> = async (app, options) => {
  const { clients, publicUrl, limits, now } = options;
  await app.register(formbody, { bodyLimit: 1024 });
  await app.register(helmet, pageHeaders(clients, publicUrl));
  await app.register(cookie);
  const cookies = createStateCookies({ secure: publicUrl.startsWith("https:"), now });

  app.addHook("onSend", async (_request, reply) => {
    reply.header("cache-control", "no-store").header("x-robots-tag", "noindex, nofollow");
  });
  app.setErrorHandler<FastifyError>(async (error, request, reply) => {
    const statusCode = error.statusCode ?? 500;
    if (statusCode >= 500) request.log.error({ err: error }, "a page failed");
    return sendResult(request, reply.code(statusCode), statusCode >= 500 ? "server_error" : "link_unknown");
  });

  const start = startAuthorization({ ...options, cookies });
  const linkPages = { onRequest: refuseAbove(limits.linkPages) };
  app.get<LinkParams>("/connect/:token", linkPages, showLinkPage(options.store));
  app.post<LinkParams>("/connect/:token", linkPages, start);
  app.get<LinkParams>("/connect/:token/google", linkPages, start);
  const callbacks = { onRequest: refuseAbove(limits.callbacks), exposeHeadRoute: false };
  app.get<CallbackParams>("/oauth/callback", callbacks, handleCallback({ ...options, cookies }));
};

/** Answers requests beyond a limit with a page. Neither link nor state is consumed, so loading again later works. */
function refuseAbove(limiter: Limiter) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const waitSeconds = await limiter.take(request);
    if (waitSeconds === undefined) return undefined;
    return sendResult(request, reply.code(429).header("retry-after", waitSeconds), "too_many_visits");
  };
}

/** Chromium applies `form-action` to the redirect after a form post, so the providers' origins are allowed too. */
function pageHeaders(clients: ProviderClients, publicUrl: string) {
  const origins = [...clients.values()].map(({ authorizationOrigin }) => authorizationOrigin);
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: [styleHash],
        formAction: ["'self'", ...new Set(origins)],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
    },
    frameguard: { action: "deny" as const },
    referrerPolicy: { policy: "no-referrer" as const },
    hsts: publicUrl.startsWith("https:") && { maxAge: 31_536_000 },
  };
}
