import { type ConsentRoutesOptions, consentRoutes } from "@cita/consent";
import { answerErrors, answerHeaders, createLimiter, serverOptions } from "@cita/http";
import fastify, { type FastifyBaseLogger, type FastifyInstance } from "fastify";

export type ConsentAppDeps = Omit<ConsentRoutesOptions, "limits"> & {
  logger: FastifyBaseLogger;
  /** Proves that this process has the same database: an HMAC of the challenge. */
  proofOf: (challenge: string) => string;
  /** Called after a successful callback was answered with its page. */
  onShown: () => void;
};

/** Enough for one person. */
const pagesPerMinute = 60;

/** An app with only the consent pages, for the time in which a calendar is being connected. */
export async function buildConsentApp({
  logger,
  proofOf,
  onShown,
  ...consent
}: ConsentAppDeps): Promise<FastifyInstance> {
  const app = fastify({
    ...serverOptions(false),
    loggerInstance: logger,
    forceCloseConnections: true,
  });
  answerErrors(app);
  await app.register(answerHeaders, { publicUrl: consent.publicUrl });
  const limits = {
    linkPages: createLimiter({ name: "link pages", perMinute: pagesPerMinute }),
    callbacks: createLimiter({ name: "callbacks", perMinute: pagesPerMinute }),
  };
  await app.register(consentRoutes, { ...consent, limits });
  const callbacks = new Set<string | undefined>();
  for (const { provider } of consent.clients.values()) callbacks.add(provider.callbackPath);
  app.addHook("onResponse", async ({ routeOptions }, { statusCode }) => {
    if (callbacks.has(routeOptions.url) && statusCode < 400) onShown();
  });
  app.get<{ Params: { challenge: string } }>("/proof/:challenge", ({ params }) => ({
    proof: proofOf(params.challenge),
  }));
  return app;
}
